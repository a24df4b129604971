import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Browser } from 'playwright-core'
import { bundle } from './bundle.js'
import { content, html, type PageServer } from './pageServer.js'
import type { StreamsApi } from './pages/streams.js'

export interface StreamTimes {
  /** The milliseconds that the server waits before the first chunk. */
  readonly delay: number
  readonly first: Record<'without' | 'with', number[]>
  readonly last: Record<'without' | 'with', number[]>
  /** How many bodies carried the session id. This proves that the plugin worked. */
  readonly correlated: number
}

const CHUNKS = 5
const CHUNK_MS = 4

/**
 * Times streamed answers over real HTTP, on a page with the RUM SDK, with and without the plugin.
 */
export async function measureStreaming(
  browser: Browser,
  server: PageServer,
  agent: PageServer,
  delay: number,
  rounds: number,
): Promise<StreamTimes> {
  let correlated = 0
  agent.routes.set('/stream', async (request, response) => {
    if (allowCors(request, response, 600)) {
      return
    }
    let text = ''
    for await (const chunk of request) {
      text += chunk
    }
    correlated += text.startsWith('{"session_id":"') ? 1 : 0
    await sleep(delay)
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    for (let i = 0; i < CHUNKS; i += 1) {
      response.write('data: {"delta":"It is on its way."}\n\n')
      await sleep(CHUNK_MS)
    }
    response.end()
  })
  server.routes.set('/streams.js', content('javascript', await bundle('streams.ts')))
  const script = `<script>globalThis.AGENT_ORIGIN = '${agent.origin}'</script><script src="/streams.js"></script>`
  server.routes.set('/streams-frame.html', html(script))
  server.routes.set(
    '/streams.html',
    html(
      '<iframe name="without" src="/streams-frame.html"></iframe><iframe name="with" src="/streams-frame.html?plugin"></iframe>',
    ),
  )
  const page = await browser.newPage()
  await page.goto(`${server.origin}/streams.html`)
  const times = await page.evaluate(async (rounds) => {
    const frames = globalThis.frames as unknown as Record<string, { bench: StreamsApi; ready: Promise<void> }>
    const names = ['without', 'with'] as const
    await Promise.all(names.map((name) => frames[name]?.ready))
    const first = { without: [] as number[], with: [] as number[] }
    const last = { without: [] as number[], with: [] as number[] }
    for (let round = -5; round < rounds; round += 1) {
      for (const name of round % 2 ? names : [...names].reverse()) {
        const taken = await (frames[name] as { bench: StreamsApi }).bench.stream('/stream')
        if (round >= 0) {
          first[name].push(taken.first)
          last[name].push(taken.last)
        }
      }
    }
    return { first, last }
  }, rounds)
  await page.close()
  return { delay, ...times, correlated }
}

/** Sets the CORS headers. Answers a preflight, and then returns true. */
export function allowCors(request: IncomingMessage, response: ServerResponse, maxAge: number): boolean {
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
  response.setHeader('Access-Control-Allow-Headers', request.headers['access-control-request-headers'] ?? '*')
  response.setHeader('Access-Control-Max-Age', maxAge)
  if (request.method !== 'OPTIONS') {
    return false
  }
  response.writeHead(204).end()
  return true
}

function sleep(millis: number) {
  return new Promise((resolve) => setTimeout(resolve, millis))
}
