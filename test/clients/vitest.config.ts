import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [
    {
      // Only the page's bundle runs the snippets of docs/clients.md; what is read here is the scenarios' names and expectations.
      name: 'snippets-stay-in-the-page',
      enforce: 'pre',
      resolveId: (id) => (id.startsWith('docs:') ? `\0${id}` : undefined),
      load: (id) => (id.startsWith('\0docs:') ? 'export default {}' : undefined),
    },
  ],
  test: {
    include: ['test/clients/*.test.ts'],
    environment: 'node',
    globalSetup: 'test/support/installBrowser.ts',
    retry: process.env.CI ? 2 : 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
