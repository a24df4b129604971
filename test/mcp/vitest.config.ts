import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/mcp/*.test.ts'],
    environment: 'node',
    globalSetup: 'test/support/installBrowser.ts',
    setupFiles: 'test/support/setUpServers.ts',
    retry: process.env.CI ? 2 : 0,
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
})
