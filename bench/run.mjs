import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Bundles the benchmark first, without its packages, because Node.js 20 cannot run TypeScript.
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
