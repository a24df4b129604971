import { channel } from 'node:diagnostics_channel'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Page } from 'playwright-core'
import type { LlmCorrelationOptions } from '../../src/index.js'
import { launchBrowser } from '../support/browser.js'
import { type PageDefinition, type Site, startSite } from '../support/page.js'
import { inPage, sourceOf } from '../support/pageScript.js'
import { startOfStub } from '../support/stubRum.js'
import { answerAtOnce, callInTurn, defineMakers, findHeld, holdOn } from './leakyCalls.js'

type Check = (name: string, isGood: boolean, details: string) => void

/** More than what engines themselves come and go by; a leak of 10 bytes for each of a million calls is ten times as much. */
const MOST_GROWTH = 1_000_000
/** When memory is looked at, as shares of all calls: the first look comes when all caches are full. */
const LOOKS = [0.1, 0.5, 1]
/** Real calls, which go to a server. */
const REAL_CALLS = 3000

function checkGrowth(check: Check, name: string, sizes: number[], seconds: number) {
  const [first = 0, ...later] = sizes
  const growth = Math.max(...later) - first
  const shown = sizes.map((size) => (size / 1e6).toFixed(2)).join(', ')
  check(
    name,
    growth < MOST_GROWTH,
    `${shown} MB at ${LOOKS.map((share) => `${share * 100} %`).join(', ')} (${seconds.toFixed(0)} s)`,
  )
}

// --- the page

let pages = 0

const inThePage = <A, R>(page: Page, script: (args: A) => R, args?: A): Promise<Awaited<R>> =>
  page.evaluate(inPage(script, args))

async function open(page: Page, site: Site, definition: PageDefinition) {
  await page.goto(await site.add(definition))
  if (definition.rum !== false) {
    await page.waitForFunction(() => window.DD_RUM?.getInternalContext()?.session_id, null, { polling: 20 })
  }
  await inThePage(page, defineMakers)
  // Lest it be a page without the plugin that is so clean.
  const path = `/agent/first/${++pages}`
  const stubbed = await inThePage(
    page,
    (path) => fetch(path, { method: 'POST', body: '{"a":1}' }).then(() => (isStubbed ? String(held[0]) : undefined)),
    path,
  )
  const sent = stubbed ?? (await site.only(path)).text
  if (sent.includes('session_id') !== (definition !== NATIVE)) {
    throw new Error(`a page that sends ${sent}`)
  }
}

const OPTIONS: LlmCorrelationOptions = { origins: ['/agent/0', { match: '/agent', carrier: 'body' }] }
const NATIVE: PageDefinition = { rum: false, plugin: false }
const WITHOUT_RUM: PageDefinition = { rum: false, between: startOfStub(OPTIONS) }
const WITH_RUM: PageDefinition = { correlation: sourceOf(OPTIONS) }

export async function onPage(count: number, check: Check): Promise<void> {
  const browser = await launchBrowser(['--js-flags=--expose-gc'])
  const site = await startSite()
  const page = await browser.newPage()
  const devTools = await page.context().newCDPSession(page)
  /** Bytes that the page's objects take, those of the engine's own heap included: on a busy machine, some go with a later collection. */
  async function size() {
    const looks: number[] = []
    while (looks.length < 3) {
      looks.push(await look())
    }
    return Math.min(...looks)
  }
  async function look() {
    await inThePage(page, async () => {
      gc?.()
      await new Promise((resolve) => setTimeout(resolve, 200))
      gc?.()
      gc?.()
    })
    const { usedSize, embedderHeapUsedSize = 0 } = (await devTools.send('Runtime.getHeapUsage')) as Record<
      string,
      number
    >
    return (usedSize ?? 0) + embedderHeapUsedSize
  }
  async function sizesOver(calls: number, names: string[]) {
    const sizes: number[] = []
    let from = 0
    for (const to of LOOKS.map((share) => Math.round(calls * share))) {
      await inThePage(page, callInTurn, { names, from, to })
      sizes.push(await size())
      from = to
    }
    return sizes
  }
  async function grow(name: string, calls: number, names: string[]) {
    const start = performance.now()
    checkGrowth(check, name, await sizesOver(calls, names), (performance.now() - start) / 1000)
  }

  await open(page, site, { ...WITHOUT_RUM, before: inPage(answerAtOnce) })
  const names = await inThePage(page, () => Object.keys(makers))
  const isRead = (name: string) => /Request|Blob/.test(name)
  const [quick, read] = [names.filter((name) => !isRead(name)), names.filter(isRead)]
  await grow(`the page is as large after ${count} calls`, count, quick)
  await grow(`and after ${count / 20} whose body is read`, count / 20, read)
  // The browser itself keeps some of each call, for its timeline and for the tools that look on.
  const sizes: number[][] = []
  for (const definition of [NATIVE, WITHOUT_RUM]) {
    await open(page, site, definition)
    sizes.push(await sizesOver(REAL_CALLS, names))
  }
  const [native = 0, patched = 0] = sizes.map(([first = 0, ...later]) => Math.max(...later) - first)
  const shown = [native, patched].map((growth) => (growth / REAL_CALLS).toFixed(0)).join(' and ')
  check(
    `of ${REAL_CALLS} calls that go out as much is kept as without the plugin`,
    patched - native < MOST_GROWTH / 5,
    `${shown} bytes each, without and with it`,
  )

  for (const [name, definition] of [
    ['without RUM', WITHOUT_RUM],
    ['with RUM', WITH_RUM],
  ] as const) {
    await open(page, site, definition)
    const held = await inThePage(page, findHeld)
    check(`nothing of the page's calls is held on to, ${name}`, held.length === 0, held.join(', ') || 'nothing')
  }
  await open(page, site, { ...WITHOUT_RUM, after: inPage(holdOn) })
  const held = await inThePage(page, findHeld)
  check('what a page holds on to itself is seen to be held', held.length > 0, held.join(', ') || 'nothing')

  await browser.close()
  await site.close()
}

// --- the server

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

export async function onServer(count: number, check: Check): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const { register, rumSession, rumSessionOf } = await import('../../dist/server.mjs' as string)
  const end = register({ serverTiming: true })
  const llmobs = {
    annotationContext: (_options: object, run: () => unknown) => run(),
    trace: (_options: object, run: (span: object, done: () => void) => unknown) =>
      run({ context: () => ({ toTraceId: () => '1' }) }, () => {}),
  }
  const middleware = rumSession(llmobs)
  const started = channel('http.server.request.start')

  /** A request as Node has it, with headers and URL of its own. */
  function handle(index: number) {
    const request: InboundMessage = Object.assign(new IncomingMessage(socket), {
      url: `/chat/${index}?session_id=${ID}&of=${index}`,
      method: 'POST',
      headers:
        index % 2
          ? { baggage: `session.id=${ID},user.id=${index}` }
          : { traceparent: PARENT, tracestate: `a=${index}` },
      body: index % 3 ? { session_id: ID } : `{"a":${index},"session_id":"${ID}"}`,
    })
    const response = new ServerResponse(request)
    started.publish({ request, response })
    request.headers = index % 5 ? request.headers : {}
    rumSessionOf(request, request.body)
    middleware(request, response, () => response.writeHead(200))
    response.emit('close')
    return [request, response, request.headers, request.body]
  }

  const start = performance.now()
  const sizes: number[] = []
  let done = 0
  for (const share of LOOKS) {
    for (; done < count * share; done += 1) {
      handle(done)
      if (done % 1000 === 0) {
        await delay(0)
      }
    }
    gc()
    await delay(100)
    gc()
    sizes.push(process.memoryUsage().heapUsed)
  }
  checkGrowth(check, `the server is as large after ${count} requests`, sizes, (performance.now() - start) / 1000)

  const refs = Array.from({ length: 1000 }, (_, index) => handle(index).filter((part) => typeof part === 'object'))
    .flat()
    .map((part) => new WeakRef(part as object))
  await call(REAL_CALLS, refs)
  for (let round = 0; round < 50 && refs.some((ref) => ref.deref()); round += 1) {
    await delay(50)
    gc()
  }
  const held = refs.filter((ref) => ref.deref()).length
  check("nothing of the server's requests is held on to", held === 0, `${held} of ${refs.length} objects`)
  end()
}

type InboundMessage = IncomingMessage & { body: unknown }

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const socket = new Socket()

/** Real requests, of which `refs` gets what the server has of them. */
async function call(count: number, refs: Array<WeakRef<object>>) {
  const server = createServer((request, response) => {
    refs.push(new WeakRef(request), new WeakRef(response), new WeakRef(request.headers))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  for (let index = 0; index < count; index += 1) {
    await fetch(`http://127.0.0.1:${port}/${index}`, { headers: { baggage: `session.id=${ID}` } }).then((answer) =>
      answer.text(),
    )
  }
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
