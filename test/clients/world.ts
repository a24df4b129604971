import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { type CapturedRequest, type CaptureServer, startCaptureServer } from '../support/captureServer.js'
import { type IdlePages, type Site, startSite, type TestPage, visit } from '../support/page.js'
import { atAgent, bundleOf, STAGE } from './bundle.js'
import { createProtocols, type Protocol, type SocketServer, startSocketServer } from './protocols.mjs'

/**
 * What becomes of a request instead of its answer. A streamed answer is `cut` once the page says that it has its first piece, which
 * would be lost otherwise; it falls `silent` behind it until the page goes.
 */
export type Fault = 'busy' | 'broken' | 'cut' | 'silent'

/** A page with RUM, with or without the plugin, and everything that it talks to. Two of them are alike but for their ports. */
export interface World {
  open(file: string, correlation: string | undefined): Promise<TestPage>
  /** Everything that pages sent since the last {@link World.forget}, oldest first. */
  requests(): CapturedRequest[]
  /** How the answer to a request ended. */
  endOf(request: CapturedRequest): Promise<string>
  forget(): void
  /** The text without what is of this world alone. */
  comparable(text: string): string
  close(): Promise<void>
}

const EXPOSED = 'retry-after, retry-after-ms, mcp-session-id, mcp-protocol-version, content-location, location'

async function answer(
  protocol: Protocol,
  request: CapturedRequest,
  response: ServerResponse,
  fault: Fault | undefined,
  cuts: EventEmitter,
) {
  response.setHeader('Access-Control-Expose-Headers', EXPOSED)
  if (fault === 'busy' || fault === 'broken') {
    const status = fault === 'busy' ? 429 : 500
    response.writeHead(status, { 'Content-Type': 'application/json', 'Retry-After': '0', 'Retry-After-Ms': '1' })
    response.end(JSON.stringify({ error: { message: fault }, message: fault }))
    return
  }
  const controller = new AbortController()
  response.on('close', () => controller.abort())
  const { status, headers, body } = await protocol(
    new Request(`http://${request.header('host')}${request.url}`, {
      method: request.method,
      headers: request.rawHeaders.filter(([name]) => name.toLowerCase() !== 'connection'),
      ...(request.body.length > 0 && { body: new Uint8Array(request.body) }),
      signal: controller.signal,
    }),
  )
  const isStream = /event-?stream/.test(headers.get('content-type') ?? '')
  if (!isStream && fault === 'cut') {
    // Chromium itself sends a request once more where a connection is closed before an answer, but not after such a one.
    response.socket?.end('not HTTP\r\n\r\n')
    return
  }
  if (!isStream && fault === 'silent') {
    await once(response, 'close')
    return
  }
  response.writeHead(status, Object.fromEntries(headers))
  response.flushHeaders()
  const reader = body?.getReader()
  response.on('close', () => reader?.cancel().catch(() => {}))
  for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
    response.write(chunk.value)
    if (!isFirstPiece(chunk.value)) {
      continue
    }
    if (fault === 'cut') {
      await once(cuts, 'cut')
      response.destroy()
      return
    }
    if (fault === 'silent') {
      await once(response, 'close')
      return
    }
  }
  response.end()
}

/** The first piece of an answer; what is sent before it (the beginning of a run, an id to come back with) is not for the page's eyes. */
const isFirstPiece = (chunk: Uint8Array) => /Hello|notifications\/progress/.test(Buffer.from(chunk).toString('latin1'))

export async function startWorld(browser: Browser): Promise<World> {
  const site: Site = await startSite()
  const agent: CaptureServer = await startCaptureServer()
  const socket: SocketServer = await startSocketServer()
  const faults: Fault[] = []
  const cuts = new EventEmitter()
  const ends = new WeakMap<CapturedRequest, Promise<string>>()
  for (const [path, protocol] of Object.entries(createProtocols())) {
    for (const server of [site, agent]) {
      server.respond(path, (_request, response, captured) => {
        ends.set(
          captured,
          once(response, 'close').then(() => (response.writableFinished ? 'answered' : 'broken off')),
        )
        return answer(protocol, captured, response, faults.shift(), cuts)
      })
    }
  }
  const kept = [site.requests, agent.requests, socket.requests]
  const origins = { 'http://SITE': site.origin, 'http://SOCKET': socket.origin, 'http://AGENT': agent.origin }
  /** The first request with this method since the last {@link World.forget}, or another one of them. */
  const received = async (method: string, count = 1): Promise<CapturedRequest> => {
    for (;;) {
      const request = agent.requests.filter((one) => one.method === method)[count - 1]
      if (request !== undefined) {
        return request
      }
      await delay(5)
    }
  }
  const idle: IdlePages = []
  const equipped = new WeakSet<Page>()
  /** What a page tells the servers, or asks them. */
  const equip = async (page: Page) => {
    await page.exposeFunction('nextAnswer', (fault: Fault) => void faults.push(fault))
    await page.exposeFunction('cut', () => void cuts.emit('cut'))
    await page.exposeFunction(
      'received',
      async (method: string, count?: number) => void (await received(method, count)),
    )
    await page.exposeFunction('ended', async (method: string) => ends.get(await received(method)))
    await page.exposeFunction('arrived', async () => {
      while (faults.length > 0) {
        await delay(5)
      }
    })
  }
  return {
    async open(file, correlation) {
      const origin = file.startsWith('socket') ? socket.origin : agent.origin
      const page = await visit(
        browser,
        await site.add({
          before: STAGE,
          ...(correlation === undefined
            ? { plugin: false }
            : { plugins: `[DD_LLM_CORRELATION.${atAgent(correlation.trim(), origin)}]` }),
        }),
        idle,
      )
      if (!equipped.has(page.page)) {
        equipped.add(page.page)
        await equip(page.page)
      }
      await page.sessionId()
      await page.page.addScriptTag({ content: await bundleOf(file, origin) })
      return page
    },
    requests: () => [...site.requests, ...agent.requests, ...socket.requests],
    endOf: (request) => ends.get(request) ?? Promise.resolve('unanswered'),
    forget() {
      for (const list of kept) {
        list.length = 0
      }
      faults.length = 0
    },
    comparable: (text) =>
      Object.entries(origins).reduce(
        (all, [name, origin]) =>
          all.replaceAll(origin, name).replaceAll(origin.replace('http://', ''), name.replace('http://', '')),
        text,
      ),
    async close() {
      await Promise.all([site.close(), agent.close(), socket.close()])
    },
  }
}
