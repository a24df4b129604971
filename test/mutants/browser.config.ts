import { defineConfig } from 'vitest/config'

// The browser tests as `npm test` has them, but one after the other, and none once one has failed twice.
export default defineConfig({
  cacheDir: '.vite',
  test: {
    include: ['test/browser/**/*.test.ts'],
    tags: [{ name: 'quick' }],
    exclude: [],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 120_000,
    bail: 1,
    retry: 1,
    fileParallelism: false,
    pool: 'threads',
    isolate: false,
  },
})
