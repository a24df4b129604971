import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Node 20 reads no TypeScript: the benchmark is bundled first, and leaves its packages where they are.
const outfile = fileURLToPath(new URL('../node_modules/.cache/bench/main.mjs', import.meta.url))
await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile,
  logLevel: 'warning',
})
await import(outfile)
