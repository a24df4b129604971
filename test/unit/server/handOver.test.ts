// @vitest-environment node
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  applyChanges,
  type HandOver,
  handOver,
  sessionToHandOver,
  traceOfOwnSession,
} from '../../../src/server/handOver.js'
import { anyText } from '../../support/anyText.js'
import {
  BEGUN,
  CONTINUED,
  type Headers,
  ID,
  IDS,
  membersOf,
  OTHER,
  PARENT,
  PARENT_TRACE,
  TAG,
  tagsOf,
} from '../../support/inboundHeaders.js'

afterEach(() => vi.unstubAllEnvs())

describe('a session', () => {
  it.each(CONTINUED)('goes with %s', (_name, headers, changes) => {
    const handedOver = handOver(headers, ID)
    expect(handedOver.outcome).toBe('handed over')
    expect(handedOver.changes).toEqual(changes)
    expect(handedOver.traceId).toBe(
      headers['x-datadog-trace-id'] === IDS['x-datadog-trace-id'] ? IDS['x-datadog-trace-id'] : PARENT_TRACE,
    )
  })

  it.each(BEGUN)('begins a trace where there is none that tracers can use: %s', (_name, headers) => {
    const { changes, traceId } = handOver(headers, ID)
    expect(changes['x-datadog-parent-id']).toBe('0')
    expect(traceId).toMatch(/^[1-9]\d*$/)
    expect(changes).toMatchObject({ 'x-datadog-trace-id': traceId, 'x-datadog-tags': expect.stringContaining(TAG) })
    expect(handOver(headers, ID).traceId).not.toBe(traceId)
  })

  it.each<[string, Headers, HandOver['outcome']]>([
    ['another one in x-datadog-tags', { ...IDS, 'x-datadog-tags': `_dd.p.llmobs_sid=${OTHER}` }, 'another session'],
    [
      'one that is no UUID, which another service gave',
      { ...IDS, 'x-datadog-tags': '_dd.p.llmobs_sid=chat-1' },
      'another session',
    ],
    ['another one in x-datadog-tags without ids', { 'x-datadog-tags': `_dd.p.llmobs_sid=${OTHER}` }, 'another session'],
    ['another one in tracestate', { ...PARENT, tracestate: `dd=s:1;t.llmobs_sid:${OTHER}` }, 'another session'],
    [
      'another one in tracestate, beside ids',
      { ...IDS, ...PARENT, tracestate: `dd=t.llmobs_sid:${OTHER}` },
      'another session',
    ],
    ['the same one in x-datadog-tags', { ...IDS, 'x-datadog-tags': `_dd.p.dm=-1,${TAG}` }, 'handed over'],
    ['the same one in tracestate', { ...PARENT, tracestate: `dd=t.llmobs_sid:${ID}` }, 'handed over'],
    ['tags that it does not fit behind', { ...IDS, 'x-datadog-tags': tagsOf(512 - TAG.length) }, 'no room'],
    ['tags that make the tracers drop the header', { ...IDS, 'x-datadog-tags': '_dd.p.dm=-1,other=1' }, 'no room'],
    ['32 other members of tracestate', { ...PARENT, tracestate: membersOf(32) }, 'no room'],
    [
      'a member of Datadog that it does not fit into',
      { ...PARENT, tracestate: `dd=o:${'x'.repeat(256 - 50)}` },
      'no room',
    ],
    ['two members of Datadog', { ...PARENT, tracestate: 'dd=s:1,dd=s:2' }, 'no room'],
  ])('changes nothing beside %s', (_name, headers, outcome) => {
    expect(handOver(headers, ID).outcome).toBe(outcome)
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
    expect(handOver(headers, ID)).toEqual({ outcome: 'another trace', changes: {}, traceId: undefined })
    expect(handOver({ ...headers, ...IDS }, ID).changes).toEqual({ 'x-datadog-tags': TAG })
    expect(handOver({}, ID).changes['x-datadog-tags']).toBe(TAG)
  })
})

it.each<[string, Headers, Headers]>([
  [
    'a trace id that is no number',
    { 'x-datadog-trace-id': 'abc', 'x-datadog-parent-id': '5' },
    { 'x-datadog-parent-id': '5' },
  ],
  ['a trace id without a parent', { 'x-datadog-trace-id': 'abc' }, { 'x-datadog-trace-id': 'abc' }],
  ['a parent without a trace id', { 'x-datadog-parent-id': '5' }, { 'x-datadog-parent-id': '5' }],
])('headers with traceparent and %s are those that the tracer reads tracestate from', (_name, came, left) => {
  const headers: Record<string, unknown> = { ...PARENT, ...came }
  applyChanges(headers, handOver(headers, ID).changes)
  expect(headers).toStrictEqual({ ...PARENT, ...left, tracestate: `dd=t.llmobs_sid:${ID}` })
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
      anyText,
      fc.string().map((text) => `session.id=${text}`),
      fc.constant(`session.id=${ID}\n`),
    )
    fc.assert(
      fc.property(texts, texts, (baggage, query) => {
        expect(sessionToHandOver({ baggage }, `/?session_id=${query}`, ['session_id']) ?? ID).toMatch(uuid)
      }),
    )
  })

  // The square of the length would take longer than the time that a test has.
  it.each([
    ['baggage', { baggage: 'session.id=,'.repeat(100_000) }, '/', undefined],
    ['white space in baggage', { baggage: `session.id${' '.repeat(1_000_000)}` }, '/', undefined],
    ['a query', {}, `/?${'session_id&%'.repeat(100_000)}`, undefined],
    ['tags', { baggage: `session.id=${ID}`, 'x-datadog-tags': ' ,'.repeat(500_000) }, '/', ID],
    ['tracestate', { baggage: `session.id=${ID}`, ...PARENT, tracestate: 'dd= ;,'.repeat(150_000) }, '/', ID],
    [
      'traceparent',
      { baggage: `session.id=${ID}`, traceparent: `01${PARENT.traceparent.slice(2)}${'-'.repeat(1_000_000)}` },
      '/',
      ID,
    ],
    ['ids', { baggage: `session.id=${ID}`, ...IDS, 'x-datadog-trace-id': '1'.repeat(1_000_000) }, '/', ID],
  ] as Array<[string, Headers, string, string | undefined]>)(
    'costs time that grows with the length, not faster: %s',
    (_name, headers, url, expected) => {
      const sessionId = sessionToHandOver(headers, url, ['session_id'])
      if (sessionId) {
        handOver(headers, sessionId)
      }
      expect(sessionId).toBe(expected)
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
