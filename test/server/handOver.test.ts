import tracer from 'dd-trace'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { applyChanges, handOver } from '../../src/server/handOver.js'
import { BEGUN, type Changes, CONTINUED, type Headers, ID, PARENT } from '../support/inboundHeaders.js'

/** What Datadog's tracer itself takes from headers. */
function extract(came: Headers, changes: Changes = {}) {
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
afterAll(() => vi.unstubAllEnvs())

it.each<[string, Headers]>([...CONTINUED.map(([name, came]): [string, Headers] => [name, came]), ...BEGUN])(
  'a session reaches the tracer with %s',
  (_name, came) => {
    const { changes, traceId } = handOver(came, ID)
    expect(extract(came)?.session).not.toBe(ID)
    expect(extract(came, changes)).toEqual({ traceId, session: ID })
  },
)

it('a session reaches the tracer, and no trace is cut, whatever else the client sends', () => {
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
