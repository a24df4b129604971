import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Source } from '../support/page.js'

declare global {
  /** What each module of `pages/` defines. */
  var library: {
    ready?(): Promise<void>
    /** Makes a call, and gives what the page sees of it. */
    call(call: { client: string; method: string; url: string; body?: string }): Promise<unknown>
    /** What the library took of the call. */
    take(): unknown
  }
}

/** A module of `pages/` with the library that it brings, as a classic script. */
export async function libraryScript(name: string): Promise<Source> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`pages/${name}.js`, import.meta.url))],
    bundle: true,
    format: 'iife',
    define: { 'process.env.NODE_ENV': '"development"' },
    write: false,
  })
  return (outputFiles[0]?.text ?? '').replaceAll('</script', '<\\/script')
}
