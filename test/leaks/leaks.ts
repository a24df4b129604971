import { channel } from 'node:diagnostics_channel'
import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Page } from 'playwright-core'
import type { LlmCorrelationOptions } from '../../src/index.js'
import { launchBrowser } from '../support/browser.js'
import { type PageDefinition, type Site, type Source, startSite } from '../support/page.js'
import { sourceOf } from '../support/pageScript.js'
import { stubStart } from '../support/stubRum.js'

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

/**
 * In the page: `makers`, which each make one call of their kind with a URL of its own and give its end and all that the page passed or got;
 * `run`, which makes calls of some of them in turn.
 */
const CALLS: Source = `
  const json = { 'content-type': 'application/json' }
  const end = (response) => response.text && response.text().then(() => response)
  const aborted = (call) => call.catch(() => {})
  const sharedSignal = new AbortController().signal
  window.makers = {
    'a string and an init'(url) {
      const init = { method: 'POST', headers: { ...json }, body: '{"a":1}' }
      const done = fetch(url, init)
      return { done: done.then(end), kept: [init, init.headers, done] }
    },
    'a URL, Headers and bytes'(url) {
      const body = new TextEncoder().encode('{"a":1}')
      const headers = new Headers(json)
      const input = new URL(url, location)
      return { done: fetch(input, { method: 'POST', headers, body }).then(end), kept: [body, headers, input] }
    },
    'a form'(url) {
      const body = new URLSearchParams({ a: '1' })
      return { done: fetch(url, { method: 'POST', body }).then(end), kept: [body] }
    },
    'a GET that is aborted'(url) {
      const controller = new AbortController()
      const done = aborted(fetch(url, { signal: controller.signal }))
      controller.abort()
      return { done, kept: [controller, controller.signal] }
    },
    'a call that no entry takes'(url) {
      const init = { headers: { a: '1' } }
      return { done: fetch('/other' + url, init).then(end), kept: [init] }
    },
    'XHR'(url) {
      const xhr = new XMLHttpRequest()
      const done = new Promise((resolve) => { xhr.onloadend = resolve })
      xhr.open('POST', url)
      xhr.setRequestHeader('content-type', 'application/json')
      xhr.send('{"a":1}')
      return { done: window.isStubbed ? undefined : done, kept: [xhr] }
    },
    'an XHR that is aborted'(url) {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      xhr.send()
      xhr.abort()
      return { done: undefined, kept: [xhr] }
    },
    'a Request'(url) {
      const controller = new AbortController()
      const request = new Request(url, { method: 'POST', headers: json, body: '{"a":1}', signal: controller.signal })
      return { done: fetch(request).then(end), kept: [request, controller] }
    },
    'a Request that is aborted while it is read'(url) {
      const controller = new AbortController()
      const request = new Request(url, { method: 'POST', headers: json, body: '{"a":1}' })
      const done = aborted(fetch(request, { signal: controller.signal }))
      controller.abort()
      return { done, kept: [request, controller, controller.signal] }
    },
    'a Blob, with a signal that stays'(url) {
      const body = new Blob(['{"a":1}'], { type: 'application/json' })
      return { done: fetch(url, { method: 'POST', body, signal: sharedSignal }).then(end), kept: [body] }
    },
  }
  window.run = async (names, from, to) => {
    for (let index = from; index < to;) {
      const batch = []
      for (const end = Math.min(index + 200, to); index < end; index += 1) {
        batch.push(makers[names[index % names.length]]('/agent/' + index + '?of=' + index).done)
      }
      await Promise.all(batch)
    }
  }
  undefined`

/** Beneath the plugin: what answers at once, so that a million calls take seconds. */
const STUBS: Source = `
  window.isStubbed = true
  window.fetch = function fetch(...args) { window.last = JSON.stringify(args); return Promise.resolve({ ok: true }) }
  XMLHttpRequest.prototype.send = function send() {}`

let pages = 0

async function open(page: Page, site: Site, definition: PageDefinition) {
  await page.goto(await site.add(definition))
  if (definition.rum !== false) {
    await page.waitForFunction('window.DD_RUM?.getInternalContext()?.session_id', null, { polling: 20 })
  }
  await page.evaluate(CALLS)
  // Lest it be a page without the plugin that is so clean.
  const path = `/agent/first/${++pages}`
  const text = await page.evaluate<string>(
    `fetch('${path}', { method: 'POST', body: '{"a":1}' }).then(() => window.last)`,
  )
  const sent = text ?? (await site.only(path)).text
  if (sent.includes('session_id') !== (definition !== NATIVE)) {
    throw new Error(`a page that sends ${sent}`)
  }
}

const OPTIONS: LlmCorrelationOptions = { origins: ['/agent/0', { match: '/agent', carrier: 'body' }] }
/** Nothing but the plugin stands between page and browser. */
const WITHOUT_RUM: PageDefinition = { rum: false, between: stubStart(OPTIONS) }
/** The same page as the browser alone has it. */
const NATIVE: PageDefinition = { rum: false, plugin: false }

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
    await page.evaluate('gc(), new Promise((resolve) => setTimeout(resolve, 200)).then(() => { gc(); gc() })')
    const { usedSize, embedderHeapUsedSize = 0 } = (await devTools.send('Runtime.getHeapUsage')) as Record<
      string,
      number
    >
    return (usedSize ?? 0) + embedderHeapUsedSize
  }
  async function sizesOver(calls: number, list: Source) {
    const sizes: number[] = []
    let from = 0
    for (const to of LOOKS.map((share) => Math.round(calls * share))) {
      await page.evaluate(`run(${list}, ${from}, ${to})`)
      sizes.push(await size())
      from = to
    }
    return sizes
  }
  async function grow(name: string, calls: number, list: Source) {
    const start = performance.now()
    checkGrowth(check, name, await sizesOver(calls, list), (performance.now() - start) / 1000)
  }

  await open(page, site, { ...WITHOUT_RUM, before: STUBS })
  const quick = 'Object.keys(makers).filter((name) => !/Request|Blob/.test(name))'
  await grow(`the page is as large after ${count} calls`, count, quick)
  await grow(
    `and after ${count / 20} whose body is read`,
    count / 20,
    'Object.keys(makers).filter((name) => /Request|Blob/.test(name))',
  )
  // The browser itself keeps some of each call, for its timeline and for the tools that look on.
  const sizes: number[][] = []
  for (const definition of [NATIVE, WITHOUT_RUM]) {
    await open(page, site, definition)
    sizes.push(await sizesOver(REAL_CALLS, 'Object.keys(makers)'))
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
    ['with RUM', { correlation: sourceOf(OPTIONS) }],
  ] as const) {
    await open(page, site, definition)
    const held = await heldOf(page)
    check(`nothing of the page's calls is held on to, ${name}`, held.length === 0, held.join(', ') || 'nothing')
  }
  await open(page, site, {
    ...WITHOUT_RUM,
    after:
      'const { fetch: inner } = window; window.holds = []; window.fetch = (...args) => { holds.push(args); return inner(...args) }',
  })
  const held = await heldOf(page)
  check('what a page holds on to itself is seen to be held', held.length > 0, held.join(', ') || 'nothing')

  await browser.close()
  await site.close()
}

/** The kinds of calls of which something is still there when they are over. */
function heldOf(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    const refs = []
    const note = (name, object) => refs.push([name, new WeakRef(object)])
    await (async () => {
      for (const name of Object.keys(makers)) {
        for (let index = 0; index < 5; index += 1) {
          const { done, kept } = makers[name]('/agent/' + name.length + '/' + index)
          const response = await done
          for (const object of kept) note(name + ': ' + object.constructor.name, object)
          if (response instanceof Response) note(name + ': the Response', response)
        }
      }
    })()
    // RUM itself holds on to a call until its event is made, and the last ones for longer.
    for (let index = 0; index < 20; index += 1) await fetch('/other/' + index).then((response) => response.text())
    const alive = () => refs.filter(([, ref]) => ref.deref()).map(([name]) => name)
    for (let round = 0; round < 50 && alive().length; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      gc()
    }
    return [...new Set(alive())]
  })()`)
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
