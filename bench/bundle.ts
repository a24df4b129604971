import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'

/** The project's root. npm starts the benchmark there. */
export const ROOT = process.cwd()

/** Bundles a page's script as a site does. `rum-llm-correlation` is the build in `dist`. */
export async function bundle(entry: string | { source: string }, options: BuildOptions = {}): Promise<string> {
  const { outputFiles } = await build({
    ...(typeof entry === 'string'
      ? { entryPoints: [join(ROOT, 'bench/pages', entry)] }
      : { stdin: { contents: entry.source, resolveDir: join(ROOT, 'bench') } }),
    alias: { 'rum-llm-correlation': join(ROOT, 'dist/index.mjs') },
    define: { 'process.env.NODE_ENV': '"production"' },
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
    ...options,
  })
  return outputFiles?.[0]?.text ?? ''
}
