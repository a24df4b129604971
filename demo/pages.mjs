// What the browser gets: the two pages, the user interface that they share, and the SDK bundles.
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const publicUrl = new URL('./public/', import.meta.url)
const distUrl = new URL('../dist/', import.meta.url)

const contentTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
}

const bundleName = 'rum-llm-correlation.iife.js'

/** Returns what answers a path with `{ contentType, body }`, or with undefined when there is nothing at it. */
export async function createPages({ config, rumBundle }) {
  const [npmBundle, bundle, sri] = await Promise.all([
    buildNpmPage(),
    readFile(new URL(bundleName, distUrl)),
    readFile(new URL('sri.json', distUrl), 'utf8'),
  ])
  const page = (name) => readPage(name, { integrity: JSON.parse(sri)[bundleName] })
  const paths = {
    '/': () => page('index.html'),
    '/npm': () => page('npm.html'),
    '/npm-page.js': () => npmBundle,
    '/config.js': () => `window.DEMO = ${JSON.stringify(config(), null, 2).replaceAll('<', '\\u003c')}\n`,
    '/datadog-rum.js': () => readFile(rumBundle),
    [`/${bundleName}`]: () => bundle,
    [`/${bundleName}.map`]: () => readFile(new URL(`${bundleName}.map`, distUrl)),
  }
  for (const name of ['demo.css', 'icon.svg', ...modules]) paths[`/${name}`] = () => readFile(new URL(name, publicUrl))

  return async (path) => {
    if (!Object.hasOwn(paths, path)) return undefined
    return { contentType: contentTypes[extname(path)] ?? contentTypes['.html'], body: await paths[path]() }
  }
}

const modules = [
  'demo.js',
  'chat.js',
  'clients.js',
  'dom.js',
  'format.js',
  'inspector.js',
  'observability.js',
  'sessionsPanel.js',
  'tracesPanel.js',
]

/** The page with npm imports is bundled as an application's own build would do it. */
async function buildNpmPage() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('npm-page.js', publicUrl))],
    bundle: true,
    format: 'iife',
    sourcemap: 'inline',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0].text
}

async function readPage(name, { integrity }) {
  const [html, ui] = await Promise.all([
    readFile(new URL(name, publicUrl), 'utf8'),
    readFile(new URL('ui.html', publicUrl), 'utf8'),
  ])
  return html.replace('{{integrity}}', integrity).replace('<!-- ui -->', () => ui)
}
