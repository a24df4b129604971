import { join } from 'node:path'
import { build } from 'esbuild'
import type { Source } from '../support/page.js'
import { ENTRIES } from './snippets.js'

const HERE = join(process.cwd(), 'test/clients')

/** What the clients draw at random is the same in both pages, and drawn from no one else. */
const SEEDED = {
  'Math.random': 'random',
  'crypto.randomUUID': 'randomUUID',
  'crypto.getRandomValues': 'getRandomValues',
}
const define = Object.fromEntries(
  Object.entries(SEEDED).flatMap(([name, seeded]) => [
    [name, `seeded.${seeded}`],
    [`globalThis.${name}`, `seeded.${seeded}`],
    [`window.${name}`, `seeded.${seeded}`],
  ]),
)

/** In the page: makes `window.play(title)`, which says what came of a scenario, as data. */
export const STAGE: Source = `
  window.seeded = {
    restart() { this.count = 0 },
    random() { return (++seeded.count * 0.618034) % 1 },
    randomUUID() { return '00000000-0000-4000-8000-' + String(++seeded.count).padStart(12, '0') },
    getRandomValues(array) { return array.fill(++seeded.count % 200) },
  }
  window.describe = (error, depth = 0) => error instanceof Error || error instanceof DOMException ? {
    of: error.constructor.name,
    name: error.name,
    message: error.message,
    status: error.status ?? error.response?.status,
    code: error.code,
    ...(error.cause && depth < 3 && { cause: describe(error.cause, depth + 1) }),
  } : { thrown: String(error) }
  window.outcome = (make) => Promise.resolve().then(make).then(
    (result) => ({ result: result === undefined ? 'undefined' : result }),
    (error) => ({ error: describe(error) }),
  )
  window.play = (title) => {
    seeded.restart()
    return outcome(scenarios[title].run)
  }`

const bundles = new Map<string, Promise<Source>>()

/** The scenarios of a file in `pages/` as a classic script, with the snippets as they stand in the document but for the origin. */
export async function bundleOf(file: string, agent: string): Promise<Source> {
  const bundled = bundles.get(file) ?? bundle(file)
  bundles.set(file, bundled)
  return atAgent(await bundled, agent)
}

async function bundle(file: string): Promise<Source> {
  const result = await build({
    stdin: {
      contents: `import { scenarios } from './pages/${file}'; window.scenarios = scenarios`,
      resolveDir: HERE,
    },
    plugins: [
      {
        name: 'snippets',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^docs:/ }, ({ path }) => ({ path: path.slice('docs:'.length), namespace: 'docs' }))
          onLoad({ filter: /./, namespace: 'docs' }, ({ path }) => ({
            contents: ENTRIES.get(path)?.module ?? '',
            resolveDir: HERE,
            loader: 'jsx',
          }))
        },
      },
    ],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    define: { ...define, 'process.env.NODE_ENV': '"production"' },
    jsx: 'automatic',
    keepNames: true,
    write: false,
    logLevel: 'error',
  })
  return result.outputFiles[0]?.text ?? ''
}

/** The document's agent is the test's. */
export const atAgent = (code: string, agent: string) => code.replaceAll('https://agent.example.com', agent)
