// `npm run test:stacks [-- name …]`. Node 20 reads no TypeScript: the script is bundled first, and leaves its packages where they are.
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const outfile = fileURLToPath(new URL('../../node_modules/.cache/stacks/main.mjs', import.meta.url))

/** The demo's modules are JavaScript already, and find their files from where they are. */
const demo = {
  name: 'demo',
  setup({ onResolve }) {
    onResolve({ filter: /\/demo\// }, ({ path, resolveDir }) => ({
      path: pathToFileURL(resolve(resolveDir, path)).href,
      external: true,
    }))
  },
}

await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  plugins: [demo],
  outfile,
  logLevel: 'warning',
})
await import(outfile)
