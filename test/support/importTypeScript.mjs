import { mkdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/**
 * Imports a TypeScript file, for scripts outside Vitest. Bundles only the packages that are named.
 */
export async function importTypeScript(url, inlined = []) {
  const file = fileURLToPath(url)
  // Beside it, so that its packages are found from there.
  const cache = `${dirname(file)}/.cache`
  const outfile = `${cache}/${basename(file, '.ts')}.mjs`
  mkdirSync(cache, { recursive: true })
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [
      {
        name: 'packages and places',
        setup({ onLoad, onResolve }) {
          // Each file finds others from where it is.
          onLoad({ filter: /\.ts$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path))),
            loader: 'ts',
          }))
          onResolve({ filter: /^[^./]/ }, ({ path }) =>
            inlined.some((name) => path.startsWith(name)) ? undefined : { path, external: true },
          )
        },
      },
    ],
  })
  return import(outfile)
}
