import { defineConfig } from 'vitest/config'

// The unit tests that import the sources: those of the built package would see no mutant.
export default defineConfig({
  test: {
    include: ['test/unit/{browser,carriers,lib,server}/**/*.test.ts'],
    exclude: ['test/unit/server/package.test.ts'],
    environment: 'jsdom',
    testTimeout: 60_000,
  },
})
