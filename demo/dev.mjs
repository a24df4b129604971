// @ts-check
// The demo in watch mode: npm run dev. If src/ changes, it builds again, and open pages reload. If
// public/ changes, they reload too. A server in front of the page's own server adds the reloading.
import { watch as watchFiles } from 'node:fs'
import { createServer, request as send } from 'node:http'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { watch } from 'rollup'
import { loadConfigFile } from 'rollup/loadConfigFile'
import { listen } from './listen.mjs'
import { startDemo } from './startDemo.mjs'

const RELOAD = '/dev/reload'
const script = `<script>new EventSource('${RELOAD}').onmessage = () => location.reload()</script>`
/** @param {string} relative */
const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url))

const { values } = parseArgs({ options: { backend: { type: 'string', default: 'node' } } })
/** @type {Set<import('node:http').ServerResponse>} */
const pages = new Set()
/**
 * The demo of the newest build. Requests wait for it.
 *
 * @type {Promise<import('./startDemo.mjs').Demo>}
 */
let demo = new Promise(() => {})

const front = createServer(async (request, response) => {
  if (request.url === RELOAD) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).flushHeaders()
    pages.add(response)
    request.once('close', () => pages.delete(response))
    return
  }
  try {
    const { url } = await demo
    const { method, headers } = request
    const onward = send(url + request.url, { method, headers }, (answer) => passOn(answer, response))
    onward.once('error', () => response.destroy())
    request.pipe(onward)
  } catch {
    response.writeHead(503).end('The demo did not start: see the terminal.')
  }
})

/**
 * @param {import('node:http').IncomingMessage} answer
 * @param {import('node:http').ServerResponse} response
 */
async function passOn(answer, response) {
  const isPage = answer.headers['content-type']?.startsWith('text/html')
  const { 'content-length': _, ...headers } = answer.headers
  response.writeHead(answer.statusCode ?? 502, isPage ? headers : answer.headers)
  if (!isPage) return answer.pipe(response)
  const html = Buffer.concat(await answer.toArray()).toString()
  response.end(html.replace('</head>', `${script}</head>`))
}

function reload() {
  for (const page of pages) page.write('data: reload\n\n')
}

function restart() {
  const old = demo
  demo = (async () => {
    if (hasStarted) await old.then(({ close }) => close()).catch(() => {})
    return startDemo({ ...values, onAgentChange: sayAgentState })
  })()
  hasStarted = true
  demo.then(reload, ({ message }) => console.error(message))
}
let hasStarted = false

/** @param {import('./restartableAgent.mjs').AgentState} state */
function sayAgentState({ running, reason }) {
  if (!running) console.error(`The agent stopped (${reason}).`)
}

const url = await listen(front, Number(process.env.PORT || 8080))
const { options } = await loadConfigFile(pathOf('../rollup.config.mjs'), { silent: true })
// Type declarations take most of a build's time, and no page reads them.
const builds = watch(
  options.filter(
    ({ plugins }) => ![plugins].flat().some((plugin) => plugin && 'name' in plugin && plugin.name === 'dts'),
  ),
)
builds.on('event', (event) => {
  if (event.code === 'ERROR') console.error(event.error.message)
  else if (event.code === 'END') {
    console.log(`  Built. ${url}/ and ${url}/npm`)
    restart()
  }
  if ('result' in event) event.result?.close()
})
const files = watchFiles(pathOf('./public'), { recursive: true }, (_event, file) =>
  // The demo bundles this file's imports when it starts.
  file === 'npmImports.js' ? restart() : reload(),
)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    files.close()
    front.close()
    front.closeAllConnections()
    await builds.close()
    if (hasStarted) await demo.then(({ close }) => close()).catch(() => {})
    process.exit(0)
  })
}
