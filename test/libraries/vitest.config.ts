import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    name: 'libraries',
    include: ['test/libraries/**/*.test.ts'],
    environment: 'node',
    globalSetup: 'test/support/installBrowser.ts',
    retry: process.env.CI ? 1 : 0,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ['default', './test/support/countsReporter.ts'],
  },
})
