import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Datadog, type RunningServer } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

interface Asked {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string
}
const ids = { 'x-datadog-trace-id': '1234567890123456789', 'x-datadog-parent-id': '987654321' }
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const REQUESTS: Array<[string, (sessionId: string) => Asked]> = [
  ['baggage', (id) => ({ headers: { baggage: `session.id=${id}` } })],
  ['a query parameter', (id) => ({ path: `/answer?session_id=${id}` })],
  ['baggage and the ids of a trace', (id) => ({ headers: { baggage: `session.id=${id}`, ...ids } })],
  ['baggage and traceparent', (id) => ({ headers: { baggage: `session.id=${id}`, traceparent } })],
  ['x-datadog-tags', (id) => ({ headers: { ...ids, 'x-datadog-tags': `_dd.p.llmobs_sid=${id}` } })],
  ['tracestate', (id) => ({ headers: { traceparent, tracestate: `dd=t.llmobs_sid:${id}` } })],
]
const BODY: [string, (sessionId: string) => Asked] = [
  'a body',
  (id) => ({
    path: '/body',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ session_id: id }),
  }),
]

describe.each([
  ['node', [...REQUESTS, BODY]],
  ['express', [...REQUESTS, BODY]],
  ['fastify', [REQUESTS[0] as (typeof REQUESTS)[0], BODY]],
  ['koa', [REQUESTS[0] as (typeof REQUESTS)[0], BODY]],
  ['hono', [REQUESTS[0] as (typeof REQUESTS)[0], BODY]],
])('an answer of %s', (framework, requests) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await datadog.startServer(
      [
        '--import',
        'rum-llm-correlation/register',
        '--import',
        'dd-trace/initialize.mjs',
        `test/server/apps/${framework}.mjs`,
      ],
      { RUM_LLM_SERVER_TIMING: '1' },
    )
  })
  afterAll(() => server?.close())

  it.each(requests)(
    'to a request with the session in %s says the trace that its LLM spans are in',
    async (_name, ask) => {
      const { path = '/answer', ...init } = ask(randomUUID())
      const { message, response } = await server.call(path, init)
      const spans = await datadog.llmSpans(message, 2)
      const trace = BigInt(`0x${spans[0]?._dd.apm_trace_id.slice(-16)}`)
      expect(response.headers.get('server-timing')).toBe(`dd-llm-trace;desc="${trace}"`)
    },
  )

  it('to a request without a session says nothing', async () => {
    const { response } = await server.call('/answer', { headers: { ...ids, baggage: 'a=1' } })
    expect(response.headers.get('server-timing')).toBeNull()
  })
})
