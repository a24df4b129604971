import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EventOptions, OTHER_EVENTS, type PageCall, SOURCES } from '../support/lambdaEvents.js'
import { LambdaFunction } from '../support/lambdaFunction.js'
import { Datadog, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

const EXTRACTOR = { DD_TRACE_EXTRACTOR: 'dist/lambda.extractor' }
const JSON_TYPE = { 'Content-Type': 'application/json' }
const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' }

/** What the page's half makes of a call for each of its carriers, and the trace that it then is part of. */
const CARRIERS: Array<[string, (id: string) => { call: PageCall; options?: EventOptions; trace?: string }]> = [
  ['a JSON body', (id) => ({ call: { headers: JSON_TYPE, body: `{"session_id":"${id}","question":"why"}` } })],
  [
    'a JSON body in base64',
    (id) => ({ call: { headers: JSON_TYPE, body: `{"session_id":"${id}","q":"wä"}` }, options: { base64: true } }),
  ],
  ['a form', (id) => ({ call: { headers: FORM_TYPE, body: `question=why&session_id=${id}` } })],
  ['the query', (id) => ({ call: { method: 'GET', query: `a=1%202&session_id=${id}` } })],
  ['baggage', (id) => ({ call: { method: 'GET', headers: { Baggage: `a=1,session.id=${id};p=1` } } })],
  [
    'baggage beside a trace',
    (id) => ({
      call: {
        headers: {
          baggage: `session.id=${id}`,
          'x-datadog-trace-id': '1234567890123456789',
          'x-datadog-parent-id': '987654321',
          'x-datadog-sampling-priority': '1',
          'x-datadog-origin': 'rum',
        },
      },
      trace: '112210f47de98115',
    }),
  ],
  [
    'baggage beside traceparent',
    (id) => ({
      call: {
        headers: {
          baggage: `session.id=${id}`,
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          tracestate: 'dd=s:1;o:rum,other=1',
        },
      },
      trace: '8448eb211c80319c',
    }),
  ],
  [
    'trace-tags',
    (id) => ({
      call: {
        headers: {
          'x-datadog-trace-id': '81985529216486895',
          'x-datadog-parent-id': '1234567890123456789',
          'x-datadog-tags': `_dd.p.llmobs_sid=${id}`,
        },
      },
      trace: '0123456789abcdef',
    }),
  ],
]

const FUNCTIONS: Array<[string, { name: string; layer?: boolean; env?: Record<string, string> }]> = [
  ['the extractor, with the layer', { name: 'plain', env: EXTRACTOR }],
  ['withRumSession, with the layer around it', { name: 'wrapped' }],
  ['both, with the layer', { name: 'wrapped', env: EXTRACTOR }],
  ["withRumSession around Datadog's wrapper", { name: 'around', layer: false }],
  ["withRumSession inside of Datadog's wrapper", { name: 'inside', layer: false }],
]

/** A call with a message of its own, which the LLM spans are found by. */
function withMessage(call: PageCall) {
  const message = `message-${randomUUID()}`
  return { message, call: { ...call, headers: { ...call.headers, 'X-Message': message } } }
}

describe.each(FUNCTIONS)('a function with %s', (_name, { name, ...start }) => {
  let lambda: Awaited<ReturnType<typeof LambdaFunction.start>>
  beforeAll(async () => {
    lambda = await LambdaFunction.start(datadog, name, start)
  })
  afterAll(() => lambda?.close())

  describe.each(SOURCES)('behind %s', (_source, make, hasBody) => {
    it.each(CARRIERS.filter(([carrier]) => hasBody || !/body|form/.test(carrier)))(
      'has the session of %s on all LLM spans, and goes on with its trace',
      async (_carrier, carry) => {
        const sessionId = randomUUID()
        const { call, options, trace } = carry(sessionId)
        const sent = withMessage(call)
        expect(await lambda.invoke(make(sent.call, options))).toMatchObject({ result: { body: 'answered' } })
        const spans = await datadog.llmSpans(sent.message, 3)
        expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
        const traces = new Set(spans.map((span) => span._dd.apm_trace_id.slice(-16)))
        expect([...traces]).toEqual([trace ?? [...traces][0]])
      },
    )
  })

  it.each(OTHER_EVENTS)('leaves an event of %s as it is', async (_kind, make) => {
    const message = `message-${randomUUID()}`
    const event = make(message, randomUUID())
    const { result } = await lambda.invoke(event)
    expect(result).toMatchObject({ seen: event })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([undefined, undefined, undefined])
  })
})
