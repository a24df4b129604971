// @vitest-environment node
import tracer from 'dd-trace'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { applyChanges, handOver, sessionToHandOver, traceOfOwnSession } from '../../../src/server/handOver.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const OTHER = '7b6f0c52-5b0e-4f0b-8a43-3f1f4a0a2b11'

const TAG = `_dd.p.llmobs_sid=${ID}`
const IDS = { 'x-datadog-trace-id': '1234567890123456789', 'x-datadog-parent-id': '987654321' }
const PARENT = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }
const PARENT_TRACE = BigInt('0x8448eb211c80319c').toString()

type Headers = Record<string, string>

/** What Datadog's tracer itself takes from headers. */
function extract(came: Headers, changes: ReturnType<typeof handOver>['changes'] = {}) {
  const headers = { ...came }
  applyChanges(headers, changes)
  const context = tracer.extract('http_headers', headers) as unknown as {
    toTraceId(): string
    _trace: { tags: Record<string, string> }
  } | null
  return context && { traceId: context.toTraceId(), session: context._trace.tags['_dd.p.llmobs_sid'] }
}

beforeAll(() => {
  vi.stubEnv('DD_INSTRUMENTATION_TELEMETRY_ENABLED', 'false')
  vi.stubEnv('DD_REMOTE_CONFIGURATION_ENABLED', 'false')
  tracer.init({ startupLogs: false, plugins: false })
})
afterEach(() => vi.unstubAllEnvs())

describe('a session', () => {
  const tags = (length: number) => `_dd.p.a=${'x'.repeat(length - 8)}`
  const members = (count: number) => Array.from({ length: count }, (_, index) => `v${index}=1`).join()

  it.each<[string, Headers, Record<string, string | undefined>]>([
    ['the ids of a trace', IDS, { 'x-datadog-tags': TAG }],
    ['ids and a parent of 0', { ...IDS, 'x-datadog-parent-id': '0' }, { 'x-datadog-tags': TAG }],
    ['ids and tags', { ...IDS, 'x-datadog-tags': '_dd.p.dm=-1' }, { 'x-datadog-tags': `_dd.p.dm=-1,${TAG}` }],
    [
      'ids and tags of two lines, which Node joins with a blank',
      { ...IDS, 'x-datadog-tags': '_dd.p.dm=-1, _dd.p.tid=0af7651916cd43dd' },
      { 'x-datadog-tags': `_dd.p.dm=-1,_dd.p.tid=0af7651916cd43dd,${TAG}` },
    ],
    [
      'ids and an empty session',
      { ...IDS, 'x-datadog-tags': '_dd.p.llmobs_sid=' },
      { 'x-datadog-tags': `_dd.p.llmobs_sid=,${TAG}` },
    ],
    [
      'the longest tags that it fits behind',
      { ...IDS, 'x-datadog-tags': tags(512 - TAG.length - 1) },
      { 'x-datadog-tags': `${tags(512 - TAG.length - 1)},${TAG}` },
    ],
    ['ids and traceparent', { ...IDS, ...PARENT, tracestate: 'dd=s:1' }, { 'x-datadog-tags': TAG }],
    ['traceparent', PARENT, { tracestate: `dd=t.llmobs_sid:${ID}` }],
    [
      'traceparent and tracestate',
      { ...PARENT, tracestate: 'a=1,dd=s:1;o:rum' },
      { tracestate: `dd=s:1;o:rum;t.llmobs_sid:${ID},a=1` },
    ],
    [
      'traceparent and 31 others',
      { ...PARENT, tracestate: members(31) },
      { tracestate: `dd=t.llmobs_sid:${ID},${members(31)}` },
    ],
    [
      'traceparent and a trace id without a parent',
      { ...PARENT, 'x-datadog-trace-id': '1' },
      { tracestate: `dd=t.llmobs_sid:${ID}` },
    ],
    [
      'traceparent of a later version',
      { traceparent: `01${PARENT.traceparent.slice(2)}-more` },
      { tracestate: `dd=t.llmobs_sid:${ID}` },
    ],
  ])('goes with %s', (_name, headers, changes) => {
    const handedOver = handOver(headers, ID)
    expect(handedOver.changes).toEqual(changes)
    expect(extract(headers, changes)).toEqual({ traceId: handedOver.traceId, session: ID })
    expect(handedOver.traceId).toBe(
      headers['x-datadog-trace-id'] === IDS['x-datadog-trace-id'] ? IDS['x-datadog-trace-id'] : PARENT_TRACE,
    )
  })

  it.each<[string, Headers]>([
    ['nothing', {}],
    ['a trace id without a parent id', { 'x-datadog-trace-id': '1' }],
    ['a parent id without a trace id', { 'x-datadog-parent-id': '1' }],
    ['a trace id of 0', { ...IDS, 'x-datadog-trace-id': '0' }],
    ['a trace id that is no number', { ...IDS, 'x-datadog-trace-id': 'abc' }],
    ['a trace id that came twice', { ...IDS, 'x-datadog-trace-id': '1, 2' }],
    ['a trace id of more than 64 bits', { ...IDS, 'x-datadog-trace-id': '18446744073709551616' }],
    ['a malformed traceparent', { traceparent: '00-abc', tracestate: 'dd=s:1' }],
    ['a traceparent of version ff', { traceparent: `ff${PARENT.traceparent.slice(2)}` }],
    ['a traceparent of version 00 with more behind', { traceparent: `${PARENT.traceparent}-more` }],
    ['a traceparent without trace', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['a traceparent without span', { traceparent: `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01` }],
    ['b3, which the tracer does not take', { b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1' }],
    ['tags without ids', { 'x-datadog-tags': '_dd.p.dm=-1' }],
    ['the same session without ids', { 'x-datadog-tags': TAG }],
    ['another session in a tracestate without a trace', { tracestate: `dd=t.llmobs_sid:${OTHER}` }],
  ])('begins a trace where there is none that tracers can use: %s', (_name, headers) => {
    const { changes, traceId } = handOver(headers, ID)
    expect(changes['x-datadog-parent-id']).toBe('0')
    expect(traceId).toMatch(/^[1-9]\d*$/)
    expect(extract(headers, changes)).toEqual({ traceId, session: ID })
    expect(handOver(headers, ID).traceId).not.toBe(traceId)
  })

  it.each<[string, Headers]>([
    ['another one in x-datadog-tags', { ...IDS, 'x-datadog-tags': `_dd.p.llmobs_sid=${OTHER}` }],
    ['one that is no UUID, which another service gave', { ...IDS, 'x-datadog-tags': '_dd.p.llmobs_sid=chat-1' }],
    ['another one in x-datadog-tags without ids', { 'x-datadog-tags': `_dd.p.llmobs_sid=${OTHER}` }],
    ['another one in tracestate', { ...PARENT, tracestate: `dd=s:1;t.llmobs_sid:${OTHER}` }],
    ['another one in tracestate, beside ids', { ...IDS, ...PARENT, tracestate: `dd=t.llmobs_sid:${OTHER}` }],
    ['the same one in tracestate', { ...PARENT, tracestate: `dd=t.llmobs_sid:${ID}` }],
    ['tags that it does not fit behind', { ...IDS, 'x-datadog-tags': tags(512 - TAG.length) }],
    ['tags that make the tracers drop the header', { ...IDS, 'x-datadog-tags': '_dd.p.dm=-1,other=1' }],
    ['32 other members of tracestate', { ...PARENT, tracestate: members(32) }],
    ['a member of Datadog that it does not fit into', { ...PARENT, tracestate: `dd=o:${'x'.repeat(256 - 50)}` }],
    ['two members of Datadog', { ...PARENT, tracestate: 'dd=s:1,dd=s:2' }],
  ])('changes nothing beside %s', (_name, headers) => {
    expect(handOver(headers, ID).changes['x-datadog-trace-id']).toBeUndefined()
    expect({ ...headers, ...handOver(headers, ID).changes }).toEqual(headers)
  })

  it.each([
    ['DD_TRACE_PROPAGATION_STYLE_EXTRACT', 'datadog,b3multi'],
    ['DD_TRACE_PROPAGATION_STYLE', 'B3'],
    ['OTEL_PROPAGATORS', 'tracecontext,b3'],
  ])('leaves the trace of b3 where the tracer is told to take it: %s=%s', (name, value) => {
    const headers = { 'x-b3-traceid': '8448eb211c80319c', 'x-b3-spanid': 'b7ad6b7169203331' }
    vi.stubEnv(name, value)
    expect(handOver(headers, ID)).toEqual({ changes: {}, traceId: undefined })
    expect(handOver({ ...headers, ...IDS }, ID).changes).toEqual({ 'x-datadog-tags': TAG })
    expect(handOver({}, ID).changes['x-datadog-tags']).toBe(TAG)
  })

  it('reaches the tracer, and no trace is cut, whatever else the client sends', () => {
    const piece = fc.constantFrom(
      'dd=',
      't.llmobs_sid:',
      '_dd.p.llmobs_sid=',
      '_dd.p.a=1',
      's:1',
      ';',
      ',',
      '=',
      ' ',
      'x',
      'é',
      ID,
    )
    const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('').trim())
    const arbitraries: Record<string, fc.Arbitrary<string>> = {
      'x-datadog-trace-id': fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String), text),
      'x-datadog-parent-id': fc.oneof(fc.constantFrom('0', '5'), text),
      'x-datadog-tags': fc.oneof(fc.constant('_dd.p.dm=-1'), text),
      traceparent: fc.oneof(fc.constant(PARENT.traceparent), fc.constant(PARENT.traceparent.toUpperCase()), text),
      tracestate: fc.oneof(fc.constant('dd=s:1,a=1'), text),
    }
    fc.assert(
      fc.property(fc.record(arbitraries, { requiredKeys: [] }), (came) => {
        const headers = came as Headers
        const { changes, traceId } = handOver(headers, ID)
        if (Object.keys(changes).length) {
          expect(extract(headers, changes)).toEqual({ traceId, session: ID })
        }
        if (changes['x-datadog-trace-id']) {
          expect([null, '0']).toContain(extract({ ...headers, traceparent: '' })?.traceId ?? null)
          expect(extract({ traceparent: headers.traceparent ?? '' })).toBeNull()
        }
        for (const value of Object.values(changes)) {
          expect(value ?? '').toMatch(/^[\x20-\x7eé]*$/)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

describe('the session that a request brings', () => {
  it.each<[string, Headers, string, string | undefined]>([
    ['in baggage', { baggage: `session.id=${ID}` }, '/', ID],
    ['in upper case', { baggage: `session.id=${ID.toUpperCase()}` }, '/', ID.toUpperCase()],
    ['percent-encoded', { baggage: `session.id=${ID.replaceAll('-', '%2D')}` }, '/', ID],
    [
      'behind malformed members',
      { baggage: `%,=x,a b=c,session.id,session.id=,session.id=no,session.id=${ID}` },
      '/',
      ID,
    ],
    ['before malformed members', { baggage: `session.id=${ID};p,session.id=no` }, '/', ID],
    ['twice, of which the tracers take the last', { baggage: `session.id=${OTHER},session.id=${ID}` }, '/', ID],
    ['in the query', {}, `/chat?a=1&session_id=${ID}`, ID],
    ['in the query of another name', {}, `/chat?sid=${ID}`, ID],
    ['in the query behind what is none', {}, `/chat?session_id=no&session_id=${ID}`, ID],
    ['in both', { baggage: `session.id=${ID}` }, `/?session_id=${OTHER}`, ID],
    ['in the query where that of baggage is none', { baggage: 'session.id=no' }, `/?session_id=${ID}`, ID],
    ['nowhere', { baggage: `user.id=${ID}` }, `/${ID}?other=${ID}#session_id=${ID}`, undefined],
    ['with something behind it', { baggage: `session.id=${ID}x` }, `/?session_id=${ID}%0A`, undefined],
  ])('%s', (_name, headers, url, expected) => {
    expect(sessionToHandOver(headers, url, ['session_id', 'sid'])).toBe(expected)
  })

  it('is nothing but a UUID, whatever came', () => {
    const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `session.id=${text}`),
      fc.constant(`session.id=${ID}\n`),
    )
    fc.assert(
      fc.property(texts, texts, (baggage, query) => {
        expect(sessionToHandOver({ baggage }, `/?session_id=${query}`, ['session_id']) ?? ID).toMatch(uuid)
      }),
    )
  })

  it.each([
    ['baggage', { baggage: 'session.id=,'.repeat(100_000) }, '/'],
    ['white space in baggage', { baggage: `session.id${' '.repeat(1_000_000)}` }, '/'],
    ['a query', {}, `/?${'session_id&%'.repeat(100_000)}`],
    ['tags', { baggage: `session.id=${ID}`, 'x-datadog-tags': ' ,'.repeat(500_000) }, '/'],
    ['tracestate', { baggage: `session.id=${ID}`, ...PARENT, tracestate: 'dd= ;,'.repeat(150_000) }, '/'],
    [
      'traceparent',
      { baggage: `session.id=${ID}`, traceparent: `01${PARENT.traceparent.slice(2)}${'-'.repeat(1_000_000)}` },
      '/',
    ],
    ['ids', { baggage: `session.id=${ID}`, ...IDS, 'x-datadog-trace-id': '1'.repeat(1_000_000) }, '/'],
  ] as Array<[string, Headers, string]>)(
    'costs time that grows with the length, not faster: %s',
    (_name, headers, url) => {
      const start = performance.now()
      const sessionId = sessionToHandOver(headers, url, ['session_id'])
      if (sessionId) {
        handOver(headers, sessionId)
      }
      expect(performance.now() - start).toBeLessThan(2000)
    },
  )
})

it.each<[string, Headers, string | undefined]>([
  ['tags', { ...IDS, 'x-datadog-tags': TAG }, IDS['x-datadog-trace-id']],
  ['tracestate', { ...PARENT, tracestate: `dd=t.llmobs_sid:${ID}` }, PARENT_TRACE],
  ['tags without ids', { 'x-datadog-tags': TAG }, undefined],
  ['tags with what is no UUID', { ...IDS, 'x-datadog-tags': '_dd.p.llmobs_sid=chat-1' }, undefined],
  ['tracestate without traceparent', { tracestate: `dd=t.llmobs_sid:${ID}` }, undefined],
  ['neither', IDS, undefined],
])('the trace of a request with a session in %s', (_name, headers, expected) => {
  expect(traceOfOwnSession(headers)).toBe(expected)
})
