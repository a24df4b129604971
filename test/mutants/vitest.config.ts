import { defineConfig } from 'vitest/config'

// The unit tests that import the sources, or those that run.mjs names: those of the built package would see no mutant.
export default defineConfig({
  test: {
    include: [process.env.MUTANTS_TESTS ?? 'test/unit/{browser,carriers,lib,server}/**/*.test.ts'],
    exclude: ['test/unit/server/package.test.ts'],
    environment: 'jsdom',
    testTimeout: 60_000,
  },
})
