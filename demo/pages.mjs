// @ts-check
// What the browser gets: the page (with script tags, or with npm imports), its modules, and the
// bundles.
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const publicUrl = new URL('./public/', import.meta.url)
const distUrl = new URL('../dist/', import.meta.url)

/** @type {Record<string, string>} */
const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
}

const bundleName = 'rum-llm-correlation.iife.js'

/**
 * Returns a function that gives a path's `{ contentType, body }`, or `undefined` if nothing is
 * there.
 *
 * @param {{ config: () => object, rumBundle: string }} options
 */
export async function createPages({ config, rumBundle }) {
  const [npmBundle, bundle, sri] = await Promise.all([
    buildNpmImports(),
    readFile(new URL(bundleName, distUrl)),
    readFile(new URL('sri.json', distUrl), 'utf8'),
  ])
  /** @param {string} sdk */
  const page = (sdk) => readPage(sdk, { integrity: JSON.parse(sri)[bundleName] })
  /** @type {Record<string, () => string | Buffer | Promise<string | Buffer>>} */
  const paths = {
    '/': () => page('scriptTags.html'),
    '/npm': () => page('npmImports.html'),
    '/npm-imports.js': () => npmBundle,
    '/config.js': () => `window.DEMO = ${JSON.stringify(config(), null, 2).replaceAll('<', '\\u003c')}\n`,
    '/datadog-rum.js': () => readFile(rumBundle),
    [`/${bundleName}`]: () => bundle,
    [`/${bundleName}.map`]: () => readFile(new URL(`${bundleName}.map`, distUrl)),
  }
  for (const name of ['demo.css', 'icon.svg', 'settings.js', ...modules])
    paths[`/${name}`] = () => readFile(new URL(name, publicUrl))

  /** @param {string} path */
  return async (path) => {
    const read = Object.hasOwn(paths, path) ? paths[path] : undefined
    if (!read) return undefined
    return { contentType: contentTypes[extname(path)] ?? contentTypes['.html'], body: await read() }
  }
}

const modules = [
  'demo.js',
  'agentState.js',
  'answer.js',
  'callText.js',
  'chat.js',
  'clients.js',
  'dom.js',
  'eventRow.js',
  'feedback.js',
  'format.js',
  'inspector.js',
  'observability.js',
  'records.js',
  'sessionColour.js',
  'sessionsPanel.js',
  'spanRow.js',
  'story.js',
  'storySteps.js',
  'stream.js',
  'terms.js',
  'tracesPanel.js',
]

/** Bundles the page's npm imports, as an application's own build does. */
async function buildNpmImports() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('npmImports.js', publicUrl))],
    bundle: true,
    format: 'iife',
    sourcemap: 'inline',
    write: false,
    logLevel: 'error',
  })
  return outputFiles.map(({ text }) => text).join('')
}

/**
 * @param {string} sdk - The file with the script tags that load RUM and the plugin.
 * @param {{ integrity: string }} options
 */
async function readPage(sdk, { integrity }) {
  const [html, loading] = await Promise.all([
    readFile(new URL('page.html', publicUrl), 'utf8'),
    readFile(new URL(sdk, publicUrl), 'utf8'),
  ])
  return html.replace('<!-- sdk -->\n', () => loading.replace('{{integrity}}', integrity))
}

/** @typedef {Awaited<ReturnType<typeof createPages>>} Pages */
