import { existsSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

// The unit tests that import the sources, or those that run.mjs names: those of the built package would see no mutant.
const tests = process.env.MUTANTS_TESTS ?? 'test/unit/{browser,carriers,lib,server}/**/*.test.ts'

// Each mutant loads it, which takes longer than most tests.
const usesFastCheck = !existsSync(tests) || readFileSync(tests, 'utf8').includes('fast-check')

export default defineConfig({
  test: {
    include: [tests],
    exclude: ['test/unit/*/package.test.ts'],
    setupFiles: usesFastCheck ? ['test/mutants/setup.ts'] : [],
    environment: 'jsdom',
    testTimeout: 60_000,
  },
})
