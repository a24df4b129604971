// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { continuesB3Trace, datadogTraceId, textOf, w3cTraceId } from '../../../src/server/traceContext.js'

const B3 = { b3: '0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1' }

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

it.each<[unknown, string]>([
  ['text', 'text'],
  ['', ''],
  [undefined, ''],
  [['a', 'b'], ''],
  [5, ''],
])('the text of a header that is %j is %j', (value, expected) => {
  expect(textOf({ name: value }, 'name')).toBe(expected)
})

describe("the trace of Datadog's headers", () => {
  it.each<[traceId: unknown, parentId: unknown, expected: string | undefined]>([
    ['1234567890123456789', '5', '1234567890123456789'],
    ['1', '0', '1'],
    ['01', '5', '1'],
    ['18446744073709551615', '5', '18446744073709551615'],
    ['18446744073709551616', '5', undefined],
    ['100000000000000000000', '5', undefined],
    [`${'0'.repeat(20)}5`, '5', undefined],
    ['0', '5', undefined],
    ['', '5', undefined],
    ['abc', '5', undefined],
    ['1x', '5', undefined],
    ['x1', '5', undefined],
    ['1, 2', '5', undefined],
    ['-1', '5', undefined],
    [5, '5', undefined],
    ['5', '', undefined],
    ['5', undefined, undefined],
    [undefined, '5', undefined],
  ])('with the trace id %j and the parent id %j is %s', (traceId, parentId, expected) => {
    expect(datadogTraceId({ 'x-datadog-trace-id': traceId, 'x-datadog-parent-id': parentId })).toBe(expected)
  })
})

it.each<[string | undefined, string | undefined]>([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', '9532127138774266268'],
  ['00-0af7651916cd43dd0000000000000010-b7ad6b7169203331-01', '16'],
  ['00-abc', undefined],
  [undefined, undefined],
])('the trace of the traceparent %s is %s', (traceparent, expected) => {
  expect(w3cTraceId({ traceparent })).toBe(expected)
})

describe('a trace of B3', () => {
  it.each<[headers: Record<string, string>, env: Record<string, string>, expected: boolean]>([
    [B3, {}, false],
    [B3, { DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'b3' }, true],
    [B3, { DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'datadog, B3 single header' }, true],
    [B3, { DD_TRACE_PROPAGATION_STYLE: 'datadog,b3multi' }, true],
    [B3, { OTEL_PROPAGATORS: 'tracecontext,b3multi' }, true],
    [B3, { DD_TRACE_PROPAGATION_STYLE: 'xb3' }, false],
    [B3, { DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'datadog', DD_TRACE_PROPAGATION_STYLE: 'b3' }, false],
    [B3, { DD_TRACE_PROPAGATION_STYLE: 'datadog', OTEL_PROPAGATORS: 'b3' }, false],
    [{ 'x-b3-traceid': '8448eb211c80319c' }, { OTEL_PROPAGATORS: 'b3' }, true],
    [{ 'x-b3-sampled': '0' }, { OTEL_PROPAGATORS: 'b3' }, true],
    [{ 'x-b3-flags': '1' }, { OTEL_PROPAGATORS: 'b3' }, true],
    [{ b3: '' }, { OTEL_PROPAGATORS: 'b3' }, false],
    [{}, { OTEL_PROPAGATORS: 'b3' }, false],
  ])('of %j in the environment %j goes on: %s', (headers, env, expected) => {
    for (const name of ['DD_TRACE_PROPAGATION_STYLE_EXTRACT', 'DD_TRACE_PROPAGATION_STYLE', 'OTEL_PROPAGATORS']) {
      vi.stubEnv(name, env[name])
    }
    expect(continuesB3Trace(headers)).toBe(expected)
  })

  it.each([undefined, {}])('does not go on in a runtime whose process is %j', (process) => {
    vi.stubGlobal('process', process)
    expect(continuesB3Trace(B3)).toBe(false)
  })
})
