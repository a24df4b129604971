import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PageCall, SOURCES } from '../support/lambdaEvents.js'
import { LambdaFunction } from '../support/lambdaFunction.js'
import { Datadog, sessionsOf } from '../support/tracedServer.js'

const EXTRACTOR = { DD_TRACE_EXTRACTOR: 'dist/lambda.extractor' }

type Start = { layer?: boolean; env?: Record<string, string> }

let datadog: Datadog
const running = new Map<string, ReturnType<typeof LambdaFunction.start>>()
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(async () => {
  await Promise.all([...running.values()].map(async (started) => (await started).close()))
  datadog.close()
})

/** A function that runs already, or is started now. */
function lambdaOf(name: string, start: Start = {}) {
  const key = JSON.stringify([name, start])
  const started = running.get(key) ?? LambdaFunction.start(datadog, name, start)
  running.set(key, started)
  return started
}

const [[, restApi], [, httpApi], [, functionUrl], , [, loadBalancer]] = SOURCES as [
  (typeof SOURCES)[0],
  (typeof SOURCES)[0],
  (typeof SOURCES)[0],
  (typeof SOURCES)[0],
  (typeof SOURCES)[0],
]

const bringing = (sessionId: string): PageCall => ({
  headers: { 'Content-Type': 'application/json' },
  body: `{"session_id":"${sessionId}"}`,
})

/** Invokes a function with an event that has a message of its own; the LLM spans of that message. */
async function spansOf(name: string, start: Start, count: number, event: object) {
  const message = `message-${randomUUID()}`
  const lambda = await lambdaOf(name, start)
  const { result, error } = await lambda.invoke({ ...event, path: `/${message}` })
  return { lambda, result, error, spans: await datadog.llmSpans(message, count) }
}

const KINDS: Array<[string, string, Start]> = [
  ['the extractor', 'plain', { env: EXTRACTOR }],
  ['withRumSession', 'wrapped', {}],
]

it("Datadog's library alone hands on what the headers of a trace bring, and nothing else", async () => {
  const sessionId = randomUUID()
  const tags = {
    'x-datadog-trace-id': '5',
    'x-datadog-parent-id': '6',
    'x-datadog-tags': `_dd.p.llmobs_sid=${sessionId}`,
  }
  const calls: Array<[PageCall, string | undefined]> = [
    [{ headers: tags }, sessionId],
    [{ headers: { baggage: `session.id=${sessionId}` } }, undefined],
    [{ query: `session_id=${sessionId}` }, undefined],
    [bringing(sessionId), undefined],
  ]
  for (const [call, expected] of calls) {
    const { spans } = await spansOf('plain', {}, 3, httpApi(call))
    expect(sessionsOf(spans)).toEqual([expected, expected, expected])
  }
})

describe('a function that streams its response', () => {
  it.each<[string, string, Start]>([
    ['the extractor', 'streaming', { env: EXTRACTOR }],
    ['withRumSession', 'wrappedStreaming', {}],
    ["withRumSession around Datadog's wrapper", 'aroundStreaming', { layer: false }],
    ["withRumSession inside of Datadog's wrapper", 'insideStreaming', { layer: false }],
  ])('has the session on all LLM spans, and is a streaming one still: %s', async (_kind, name, start) => {
    const sessionId = randomUUID()
    const { lambda, result, spans } = await spansOf(name, start, 2, functionUrl(bringing(sessionId)))
    expect(lambda.handler.streams).toBe(true)
    expect(result).toBe('one two three ')
    expect(sessionsOf(spans)).toEqual([sessionId, sessionId])
  })
})

it.each<[string, string, Start]>([
  ['the extractor', 'withCallback', { env: EXTRACTOR }],
  ['withRumSession', 'wrappedWithCallback', {}],
])('a handler may answer by its callback: %s', async (_kind, name, start) => {
  const sessionId = randomUUID()
  const { result, spans } = await spansOf(name, start, 3, httpApi(bringing(sessionId)))
  expect(result).toMatchObject({ body: 'answered' })
  expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
})

it.each<[string, string, Start]>([
  ['the extractor', 'failing', { env: EXTRACTOR }],
  ['withRumSession', 'wrappedFailing', {}],
])("a handler's error stays its own: %s", async (_kind, name, start) => {
  const sessionId = randomUUID()
  const { error, spans } = await spansOf(name, start, 3, httpApi(bringing(sessionId)))
  expect(error).toBe('Error: The handler failed')
  expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
})

it.each<[string, string, Start]>([
  ['the extractor', 'explicit', { env: EXTRACTOR }],
  ['withRumSession', 'wrappedExplicit', {}],
])('a session that code gives wins for its span and those below: %s', async (_kind, name, start) => {
  const sessionId = randomUUID()
  const { spans } = await spansOf(name, start, 3, httpApi(bringing(sessionId)))
  const agent = spans.find((span) => span.name === 'agent')
  const below = spans.find(({ parent_id }) => parent_id === agent?.span_id)
  expect(sessionsOf([agent, below])).toEqual(['explicit-session', 'explicit-session'])
})

it.each<[string, string, Start]>([
  ['the extractor, by RUM_LLM_FIELD', 'plain', { env: { ...EXTRACTOR, RUM_LLM_FIELD: 'metadata.chat' } }],
  ['withRumSession', 'wrappedWithField', {}],
])('the field may have another name, and be a path in the body: %s', async (_kind, name, start) => {
  const sessionId = randomUUID()
  const calls: PageCall[] = [
    { headers: { 'content-type': 'application/vnd.api+json' }, body: `{"metadata":{"chat":"${sessionId}"}}` },
    { method: 'GET', query: `chat=${sessionId}` },
  ]
  for (const call of calls) {
    const { spans } = await spansOf(name, start, 3, httpApi(call))
    expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
  }
  const { spans } = await spansOf(name, start, 3, httpApi(bringing(sessionId)))
  expect(sessionsOf(spans)).toEqual([undefined, undefined, undefined])
})

describe.each(KINDS)('with %s', (_kind, name, start) => {
  it('the lines of a header that came in several are read all', async () => {
    const sessionId = randomUUID()
    const event = loadBalancer({}) as { multiValueHeaders: object }
    const lines = { Baggage: ['a=1', `session.id=${sessionId}`] }
    const { spans } = await spansOf(name, start, 3, {
      ...event,
      multiValueHeaders: { ...event.multiValueHeaders, ...lines },
    })
    expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
  })

  it('the trace that a traced authorizer hands on is that of the function, with the session', async () => {
    const sessionId = randomUUID()
    const event = restApi(bringing(sessionId)) as { requestContext: object }
    const injected = { 'x-datadog-trace-id': '4711', 'x-datadog-parent-id': '42', 'x-datadog-sampling-priority': '1' }
    const authorizer = {
      _datadog: Buffer.from(JSON.stringify(injected)).toString('base64'),
      principalId: 'user',
      integrationLatency: 31,
    }
    const { spans } = await spansOf(name, start, 3, {
      ...event,
      requestContext: { ...event.requestContext, authorizer },
    })
    expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
    expect(BigInt(`0x${spans[0]?._dd.apm_trace_id.slice(-16)}`)).toBe(4711n)
  })

  it('nothing of a session is left for the next invocation', async () => {
    await spansOf(name, start, 3, httpApi(bringing(randomUUID())))
    const { spans } = await spansOf(name, start, 3, httpApi({ body: '{}' }))
    expect(sessionsOf(spans)).toEqual([undefined, undefined, undefined])
  })

  it('each of many users has the own session, one after the other, as Lambda calls a function', {
    tags: ['quick'],
  }, async () => {
    for (let index = 0; index < 20; index += 1) {
      const sessionId = index % 5 ? randomUUID() : undefined
      const [, make] = SOURCES[index % 5] as (typeof SOURCES)[0]
      const { spans } = await spansOf(name, start, 3, make(sessionId ? bringing(sessionId) : {}))
      expect(sessionsOf(spans)).toEqual([sessionId, sessionId, sessionId])
    }
  })

  it('nothing is logged', async () => {
    const { lambda } = await spansOf(name, start, 3, httpApi(bringing(randomUUID())))
    await lambda.invoke({ Records: [{ body: `message-${randomUUID()}` }] })
    // What Datadog's library and tracer write for the extension to read.
    const lines = lambda.output.split('\n').filter((line) => line && !/^\{"(?:e|traces)":/.test(line))
    expect(lines).toEqual([])
  })
})

it('a function that Datadog has merge the traces of X-Ray is left without a session, not without that trace', async () => {
  const start = { env: { ...EXTRACTOR, DD_MERGE_XRAY_TRACES: 'true' } }
  const header = 'Root=1-65f0a1b2-0123456789abcdef01234567;Parent=53995c3f42cd8ad8;Sampled=1'
  const { spans } = await spansOf(
    'plain',
    { env: { ...start.env, _X_AMZN_TRACE_ID: header } },
    3,
    httpApi(bringing(randomUUID())),
  )
  expect(sessionsOf(spans)).toEqual([undefined, undefined, undefined])
  expect(spans[0]?._dd.apm_trace_id.slice(-8)).toBe('01234567')
})
