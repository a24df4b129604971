import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Datadog, type RunningServer, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

/** What brings a session id to a server, and the trace that goes on, where one does. */
const CARRIERS: Array<
  [string, (sessionId: string) => { query?: string; headers?: Record<string, string>; trace?: string }]
> = [
  ['baggage', (id) => ({ headers: { baggage: `session.id=${id}` } })],
  [
    'baggage with malformed members',
    (id) => ({ headers: { baggage: `,=,a b,session.id=none,session.id=${id};p=1,%` } }),
  ],
  ['a query parameter', (id) => ({ query: `?a=1&session_id=${id}` })],
  [
    'baggage, with the trace that RUM begins',
    (id) => ({
      headers: {
        baggage: `session.id=${id},user.id=u`,
        'x-datadog-trace-id': '1234567890123456789',
        'x-datadog-parent-id': '987654321',
        'x-datadog-origin': 'rum',
        'x-datadog-sampling-priority': '1',
        traceparent: '00-0000000000000000112210f47de98115-000000003ade68b1-01',
        tracestate: 'dd=s:1;o:rum',
      },
      trace: '112210f47de98115',
    }),
  ],
  [
    'baggage, with traceparent',
    (id) => ({
      headers: {
        baggage: `session.id=${id}`,
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        tracestate: 'dd=s:1;o:rum,other=1',
      },
      trace: '8448eb211c80319c',
    }),
  ],
  [
    'x-datadog-tags',
    (id) => ({
      headers: {
        'x-datadog-trace-id': '81985529216486895',
        'x-datadog-parent-id': '0',
        'x-datadog-tags': `_dd.p.llmobs_sid=${id}`,
      },
      trace: '0123456789abcdef',
    }),
  ],
  [
    'tracestate',
    (id) => ({
      headers: {
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        tracestate: `dd=s:1;t.llmobs_sid:${id}`,
      },
      trace: 'a3ce929d0e0e4736',
    }),
  ],
]

const FRAMEWORKS: Array<[string, { hasMiddleware: boolean; streamsInside?: boolean }]> = [
  ['node', { hasMiddleware: false }],
  ['express', { hasMiddleware: true }],
  ['fastify', { hasMiddleware: true }],
  // Koa reads a stream when all middleware has returned.
  ['koa', { hasMiddleware: true, streamsInside: false }],
  ['hono', { hasMiddleware: false }],
  ['nest', { hasMiddleware: true }],
]

describe.each(FRAMEWORKS)('a server on %s', (framework, { hasMiddleware, streamsInside = true }) => {
  let server: RunningServer
  beforeAll(async () => {
    const imports = ['--import', 'rum-llm-correlation/register', '--import', 'dd-trace/initialize.mjs']
    server = await datadog.startServer([...imports, `test/server/apps/${framework}.mjs`])
  })
  afterAll(() => server?.close())

  it.each(CARRIERS)(
    'has the session of %s on all spans, and goes on with its trace',
    { tags: ['quick'] },
    async (_name, carry) => {
      const sessionId = randomUUID()
      const { query = '', headers, trace } = carry(sessionId)
      const { message, text } = await server.call(`/answer${query}`, { headers })
      expect(text).toBe('answered')
      const spans = await datadog.llmSpans(message, 3)
      expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
      const traces = new Set(spans.map((span) => span._dd.apm_trace_id.slice(-16)))
      expect(traces.size).toBe(1)
      expect(trace ?? [...traces][0]).toBe([...traces][0])
    },
  )

  it('has none where none came', async () => {
    const { message } = await server.call('/answer?session_id=mine', { headers: { baggage: 'session.id=mine' } })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([undefined, undefined, undefined])
  })

  it('has it on the spans of an answer that is streamed', async () => {
    const sessionId = randomUUID()
    const { message, text } = await server.call('/stream', { headers: { baggage: `session.id=${sessionId}` } })
    expect(text).toBe('one two three ')
    expect(sessionsOf(await datadog.llmSpans(message, 2))).toEqual([sessionId, sessionId])
  })

  it('keeps a session that code gives, for its span and those below', async () => {
    const sessionId = randomUUID()
    const { message } = await server.call('/explicit', { headers: { baggage: `session.id=${sessionId}` } })
    const spans = await datadog.llmSpans(message, 3)
    const agent = spans.find(({ name }) => name === 'agent')
    const below = spans.find(({ parent_id }) => parent_id === agent?.span_id)
    expect(sessionsOf([agent, below])).toEqual(['explicit-session', 'explicit-session'])
  })

  it('never mixes the sessions of requests at the same time', async () => {
    const calls = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const sessionId = randomUUID()
        const [, carry] = CARRIERS[index % 3] as (typeof CARRIERS)[number]
        const { query = '', headers } = carry(sessionId)
        const { message } = await server.call(`${index % 2 ? '/answer' : '/stream'}${query}`, { headers })
        return { sessionId, message, count: index % 2 ? 3 : 2 }
      }),
    )
    for (const { sessionId, message, count } of calls) {
      expect(sessionsOf(await datadog.llmSpans(message, count))).toEqual(Array(count).fill(sessionId))
    }
  })

  it('has the session of a body, and user and account as tags', async () => {
    const sessionId = randomUUID()
    const { message } = await server.call('/body', {
      method: 'POST',
      headers: { baggage: 'user.id=u%201,account.id=a', 'content-type': 'application/json' },
      body: JSON.stringify({ session_id: sessionId }),
    })
    const spans = await datadog.llmSpans(message, 2)
    for (const span of spans) {
      expect(span.session_id).toBe(sessionId)
      expect(span.tags).toEqual(expect.arrayContaining(['usr.id:u 1', 'usr.account_id:a']))
    }
  })

  if (hasMiddleware) {
    it('has a workflow span around a request whose body has the session, until its streamed answer ends', async () => {
      const sessionId = randomUUID()
      const { message, text } = await server.call('/body/stream?a=1', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ session_id: sessionId }),
      })
      expect(text).toBe('one two three ')
      const spans = await datadog.llmSpans(message, 2)
      const workflow = await datadog.workflow('POST /body/stream', sessionId)
      const endOf = (span: { start_ns: number; duration: number }) => span.start_ns + span.duration
      for (const span of spans) {
        expect(span.session_id).toBe(sessionId)
        expect(span.parent_id === workflow.span_id).toBe(streamsInside)
        expect(endOf(span)).toBeLessThanOrEqual(endOf(workflow))
      }
    })
  }
})
