import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, expectOnly, send, sendPair } from '../../support/calls.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import type { TestPage } from '../../support/page.js'
import { placesOf, RUM_SDKS, resourcesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'
import { traceContextOf } from '../../support/traceContext.js'

const stage = useStage()
const CORRELATION = "{ origins: ['/agent'], carrier: 'trace-tags' }"
const CLIENTS: Client[] = ['fetch(string, init)', 'fetch(Request)', 'fetch(Request, init)', 'XHR', 'sync XHR']

const TRACEPARENT = '00-0000000000000000000000000000007b-00000000000001c8-01'
const MANY = Array.from({ length: 31 }, (_, index) => `v${index}=1`)

const tracestateOf = (request: CapturedRequest) =>
  (request.header('tracestate') ?? '').split(',').flatMap((member) => member.trim() || [])
const isDatadog = (member: string) => member.startsWith('dd=')

/** The session is where the backend gets it, once: the tracer reads it, or the query has it, as it has where no header can. */
function expectSession(request: CapturedRequest, id: string, inQuery?: boolean): void {
  const isInQuery = inQuery ?? request.query !== undefined
  expect(request.query).toBe(isInQuery ? `session_id=${id}` : undefined)
  expect(traceContextOf(request)?.session).toBe(isInQuery ? undefined : id)
  expect(placesOf(request, id).filter((place) => place !== 'baggage')).toHaveLength(1)
  // dd-trace reads the first of several, ddtrace the last, and others none.
  expect(tracestateOf(request).filter(isDatadog).length).toBeLessThan(2)
}

describe('a trace that the page itself has begun goes on', () => {
  let page: TestPage
  let id: string
  beforeAll(async () => {
    page = await stage.open({ correlation: CORRELATION })
    id = await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each<[name: string, headers: Record<string, string>, inQuery?: boolean]>([
    ['with traceparent', { traceparent: TRACEPARENT }],
    ['with traceparent in other letters', { TraceParent: TRACEPARENT }],
    ['with a trace that is not sampled', { traceparent: TRACEPARENT.replace(/1$/, '0') }],
    ['with a trace id of 128 bits', { traceparent: '00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01' }],
    ['with tracestate of others', { traceparent: TRACEPARENT, tracestate: 'congo=t61rcWkgMzE,rojo=00f0' }],
    ['with spaces in tracestate', { traceparent: TRACEPARENT, tracestate: 'congo=t61 , rojo=00f0' }],
    ['with tracestate of Datadog', { traceparent: TRACEPARENT, tracestate: 'dd=s:2;o:rum;t.dm:-4' }],
    ['with tracestate of several', { traceparent: TRACEPARENT, Tracestate: 'congo=a,dd=s:2;o:rum,rojo=b' }],
    ['with a name like that of Datadog', { traceparent: TRACEPARENT, tracestate: 'ddx=1,xdd=2' }],
    ['with 31 members of tracestate', { traceparent: TRACEPARENT, tracestate: MANY.join() }],
    ['with 32 members of tracestate', { traceparent: TRACEPARENT, tracestate: [...MANY, 'one=more'].join() }, true],
    ['with 32 members, one of Datadog', { traceparent: TRACEPARENT, tracestate: [...MANY, 'dd=s:2;o:rum'].join() }],
    ['with no room', { traceparent: TRACEPARENT, tracestate: `dd=s:1;t.a:${'a'.repeat(230)}` }, true],
    ['with b3', { b3: '000000000000007b-00000000000001c8-1' }, true],
    ['with b3 in several headers', { 'X-B3-TraceId': '000000000000007b', 'X-B3-SpanId': '00000000000001c8' }, true],
    ['with b3 and traceparent', { traceparent: TRACEPARENT, b3: '000000000000007b-00000000000001c8-1' }],
    ['with ids', { 'x-datadog-trace-id': '123', 'x-datadog-parent-id': '456', 'x-datadog-origin': 'rum' }, false],
    [
      'with ids, traceparent and tracestate',
      {
        'x-datadog-trace-id': '123',
        'x-datadog-parent-id': '456',
        traceparent: TRACEPARENT,
        tracestate: 'dd=s:2;o:rum',
      },
      false,
    ],
  ])('%s', async (_, headers, inQuery) => {
    for (const client of CLIENTS) {
      const { agent, plain } = await sendPair(page, stage.site, { client, headers })
      expectSession(agent, id, inQuery)
      expect({ ...traceContextOf(agent), session: undefined }, client).toEqual(traceContextOf(plain))
      const others = (request: CapturedRequest) => tracestateOf(request).filter((member) => !isDatadog(member))
      expect(others(agent), client).toEqual(others(plain))
    }
  })

  it.each<[name: string, headers: Record<string, string>]>([
    ['traceparent of no form', { traceparent: 'bogus' }],
    ['traceparent of zeros', { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` }],
    ['tracestate alone', { tracestate: 'congo=t61' }],
    ['x-datadog-trace-id without x-datadog-parent-id', { 'x-datadog-trace-id': '123' }],
    ['x-datadog-parent-id without x-datadog-trace-id', { 'x-datadog-parent-id': '456' }],
    [
      'x-datadog-origin and x-datadog-sampling-priority alone',
      { 'x-datadog-origin': 'rum', 'x-datadog-sampling-priority': '1' },
    ],
  ])('%s is none, and the session arrives all the same', async (_, headers) => {
    for (const client of CLIENTS) {
      const { agent, plain } = await sendPair(page, stage.site, { client, headers })
      expect(traceContextOf(plain)).toBeUndefined()
      expectSession(agent, id)
      for (const name of ['x-datadog-trace-id', 'x-datadog-parent-id']) {
        expect(agent.rawHeaders.filter(([key]) => key.toLowerCase() === name).length, client).toBeLessThan(2)
        expect(agent.header(name) ?? '0', client).toMatch(/^\d+$/)
      }
    }
  })

  it.each([
    ['of its own', () => '3a5b1c0e-0000-4000-8000-000000000000'],
    ['that is the id already', () => id],
  ])('with a session %s in tracestate, which stays', async (_, session) => {
    for (const client of CLIENTS) {
      const headers = { traceparent: TRACEPARENT, tracestate: `congo=1,dd=s:1;t.llmobs_sid:${session()};o:rum` }
      expectOnly(await sendPair(page, stage.site, { client, headers }))
    }
  })
})

/** The trace id (1) or the span id (2) in `traceparent`, as a Datadog id. */
const idIn = (request: CapturedRequest, part: 1 | 2) =>
  String(BigInt(`0x${request.header('traceparent')?.split('-')[part]?.slice(-16)}`))

let count = 0

/** Makes one call with each client, and gives its request and RUM's event of it. */
async function tracedCalls(page: TestPage, id: string) {
  const part = `/agent/traced/${++count}/`
  for (const [index, client] of CLIENTS.entries()) {
    await page.evaluate(send, { client, url: part + index })
  }
  const resources = await resourcesOf(stage.site, page, id, part, CLIENTS.length)
  return Promise.all(
    CLIENTS.map(async (client, index) => ({
      client,
      request: await stage.site.only(part + index),
      event: resources.find(({ resource }) => resource.url.replace(/\?.*/, '').endsWith(part + index)),
    })),
  )
}

describe.each(RUM_SDKS)('a trace that RUM SDK $version has begun goes on', ({ version, rum }) => {
  it.each([
    [['tracecontext'], 'traceSampleRate: 100'],
    [['tracecontext'], "traceSampleRate: 0, traceContextInjection: 'all'"],
    [['b3'], 'traceSampleRate: 100'],
    [['b3multi'], 'traceSampleRate: 100'],
    [['b3', 'tracecontext'], 'traceSampleRate: 100'],
    [['datadog'], 'traceSampleRate: 100'],
    [['tracecontext', 'datadog'], 'traceSampleRate: 100'],
    [['b3', 'datadog'], 'traceSampleRate: 100'],
  ])('with %j, %s', async (propagatorTypes, init) => {
    const page = await stage.open({
      rum,
      correlation: CORRELATION,
      init: `trackResources: true, ${init}, allowedTracingUrls: [{ match: location.origin, propagatorTypes: ${JSON.stringify(propagatorTypes)} }]`,
    })
    const id = await page.sessionId()
    const { plain } = await sendPair(page, stage.site, { client: 'XHR' })
    for (const { client, request, event } of await tracedCalls(page, id)) {
      expectSession(request, id, propagatorTypes.includes('datadog') ? false : undefined)
      const { traceId, spanId, origin, priority } = traceContextOf(request) ?? {}
      // Of a trace that is not sampled RUM's event tells nothing.
      const { trace_id = idIn(request, 1), span_id = idIn(request, 2) } = event?._dd ?? {}
      expect({ traceId, spanId }, client).toEqual({ traceId: trace_id, spanId: span_id })
      const { origin: itsOrigin, priority: itsPriority } = traceContextOf(plain) ?? {}
      expect({ origin, priority }, client).toEqual({ origin: itsOrigin, priority: itsPriority })
      if (version === 7) {
        const carrier = request.query === undefined ? 'trace-tags' : 'query'
        expect(event?.context?.llm_correlation, client).toMatchObject({ carrier })
      }
    }
    await page.close()
  })

  it.each([
    'allowedTracingUrls: [location.origin]',
    "allowedTracingUrls: [{ match: location.origin, propagatorTypes: ['tracecontext'] }]",
    "allowedTracingUrls: [{ match: location.origin, propagatorTypes: ['b3'] }]",
  ])('and where it begins none, the session arrives all the same: %s', async (init) => {
    const page = await stage.open({
      rum,
      correlation: CORRELATION,
      // SDK 5 injects all unless told otherwise.
      init: `traceSampleRate: 0, traceContextInjection: 'sampled', ${init}`,
    })
    const id = await page.sessionId()
    for (const client of CLIENTS) {
      const { agent, plain } = await sendPair(page, stage.site, { client })
      expect(traceContextOf(plain)).toBeUndefined()
      expectSession(agent, id)
    }
    await page.close()
  })
})

const SDK_5 = RUM_SDKS.find(({ version }) => version === 5)?.rum ?? ''
it.runIf(SDK_5)(
  'RUM SDK 5 injects traces that are not sampled, too, unless told otherwise, and nothing is said of them',
  async () => {
    const page = await stage.open({
      rum: SDK_5,
      correlation: CORRELATION,
      init: 'traceSampleRate: 0, allowedTracingUrls: [location.origin]',
    })
    const id = await page.sessionId()
    for (const client of CLIENTS) {
      const { agent } = await sendPair(page, stage.site, { client })
      expectSession(agent, id, false)
      expect(traceContextOf(agent), client).toMatchObject({ origin: 'rum', priority: 0, traceId: idIn(agent, 1) })
    }
    expect(page.console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
    await page.close()
  },
)
