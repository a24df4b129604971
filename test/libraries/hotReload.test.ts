import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestPage, visit } from '../support/page.js'
import { PATIENTLY } from '../support/patiently.js'
import { servers } from '../support/servers.js'
import { withoutId } from '../support/withoutId.js'

const fileAt = (path: string) => fileURLToPath(new URL(path, import.meta.url))

declare global {
  /** How often the page was loaded, and which version of its module `rum.js` it has. */
  var loads: number
  var rumVersion: number
}

/** What is used of Vite's development server here. */
interface DevServer {
  listen(): Promise<unknown>
  close(): Promise<void>
  httpServer: { address(): AddressInfo }
}

const NAMES = ['without', 'with'] as const
const pages = {} as Record<(typeof NAMES)[number], TestPage>
const ids = {} as Record<(typeof NAMES)[number], string>
let directory: string
let server: DevServer
beforeAll(async () => {
  // Below this folder, for the modules of the page to be found.
  mkdirSync(fileAt('.cache'), { recursive: true })
  directory = mkdtempSync(fileAt('.cache/hot-reload-'))
  cpSync(fileAt('hot-reload'), directory, { recursive: true })
  // Installed beside this file only where this script has run.
  const vitePath = fileAt('node_modules/vite/dist/node/index.js')
  const reactPath = fileAt('node_modules/@vitejs/plugin-react/dist/index.js')
  const { createServer } = await import(vitePath)
  const { default: react } = await import(reactPath)
  server = (await createServer({
    root: directory,
    configFile: false,
    cacheDir: join(directory, '.vite'),
    logLevel: 'error',
    plugins: [react()],
    resolve: { alias: { 'rum-llm-correlation': fileAt('../../dist/index.mjs') } },
    // What is found later only reloads the page.
    optimizeDeps: {
      include: ['react', 'react-dom/client', 'react/jsx-dev-runtime', '@datadog/browser-rum', '@datadog/browser-core'],
    },
    server: { host: '127.0.0.1', port: 0, strictPort: false, fs: { strict: false } },
  })) as DevServer
  await server.listen()
  const { port } = server.httpServer.address()
  for (const name of NAMES) {
    const url = `http://127.0.0.1:${port}/?page=${name}&server=${encodeURIComponent(servers.site.origin)}`
    pages[name] = await visit(servers.browser, url)
    ids[name] = await pages[name].sessionId()
  }
})
afterAll(async () => {
  for (const page of Object.values(pages)) {
    await page.close()
  }
  await server?.close()
  rmSync(directory, { recursive: true, force: true })
})

/** What arrived of one kind of call from each page: the same, but that the id is in those of the page with the plugin, once. */
async function expectSame(
  what: string,
  agentVersion: number,
  transports: ReadonlyArray<'fetch' | 'xhr'> = ['fetch', 'xhr'],
): Promise<number> {
  let count = 0
  for (const transport of transports) {
    const sent = (name: (typeof NAMES)[number]) =>
      servers.site
        .requestsTo(`/agent/${name}/${what}/${transport}/${agentVersion}`)
        .map((request) => withoutId(request, ids[name]))
    await expect.poll(() => sent('without').length, PATIENTLY).toBeGreaterThan(0)
    await expect.poll(() => sent('with').length, PATIENTLY).toBe(sent('without').length)
    count = sent('with').length
    expect(sent('without').map(({ carried }) => carried)).toEqual(Array(count).fill(0))
    expect(sent('with').map(({ carried }) => carried)).toEqual(Array(count).fill(1))
    const bare = (name: (typeof NAMES)[number]) => sent(name).map(({ carried: _, ...request }) => request)
    expect(bare('with')).toEqual(bare('without'))
  }
  return count
}

/** Gives a module of the page its next version, and waits until the pages show it: `seen` runs there. */
async function edit<V>(file: string, version: number, seen: () => V, expected: V) {
  const path = join(directory, file)
  writeFileSync(path, readFileSync(path, 'utf8').replace(/VERSION = \d+/, `VERSION = ${version}`))
  for (const name of NAMES) {
    await expect.poll(() => pages[name].run(seen), PATIENTLY).toBe(expected)
    // Replaced in place: the page was not loaded anew.
    expect(await pages[name].run(() => loads)).toBe(1)
  }
}

async function click(): Promise<void> {
  for (const name of NAMES) {
    await pages[name].run(() => document.querySelector('button')?.click())
  }
}
const shownText = () => document.querySelector('button')?.textContent
const versionOfRum = () => rumVersion

it('effects, which StrictMode runs twice, call twice as without the plugin, the id once in each', async () => {
  // An XHR does not wait for RUM's start.
  expect(await expectSame('effect-1', 1, ['fetch'])).toBe(2)
})

it('a handler calls once', async () => {
  await click()
  expect(await expectSame('click-1-0', 1)).toBe(1)
})

it('a component that is replaced keeps its state, and its calls carry the id once', async () => {
  await edit('Chat.jsx', 2, shownText, 'version 2, agent 1, asked 1')
  await click()
  expect(await expectSame('click-2-1', 1)).toBe(1)
})

it('a client that is replaced carries the id once', async () => {
  await edit('agent.js', 2, shownText, 'version 2, agent 2, asked 2')
  await click()
  expect(await expectSame('click-2-2', 2)).toBe(1)
})

it('the module that calls init, replaced again and again, does not stack patches', async () => {
  for (const version of [2, 3, 4, 5]) {
    await edit('rum.js', version, versionOfRum, version)
  }
  const before = await pages.with.run(() => DD_RUM.getInternalContext()?.session_id)
  expect(before).toBe(ids.with)
  await click()
  expect(await expectSame('click-2-3', 2)).toBe(1)
})

it('the module that calls init, replaced by one that stops its plugin before the next, still carries the id once', async () => {
  const path = join(directory, 'rum.js')
  writeFileSync(
    path,
    `${readFileSync(path, 'utf8').replace(/VERSION = \d+/, 'VERSION = 6')}
      import.meta.hot.dispose(() => plugin?.stop())
      plugin?.onInit({ initConfiguration: {}, publicApi: datadogRum })
      plugin?.onRumStart?.({})`,
  )
  for (const version of [6, 7, 8]) {
    await edit('rum.js', version, versionOfRum, version)
  }
  await click()
  expect(await expectSame('click-2-4', 2)).toBe(1)
})

it('makes no errors', () => {
  expect(pages.with.errors).toEqual(pages.without.errors)
  expect(pages.with.console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
})
