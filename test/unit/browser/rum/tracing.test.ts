// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { type RumTracingConfiguration, rumHeadersOf, tracesWithoutIds } from '../../../../src/browser/rum/tracing.js'

const URL = 'https://agent.test/v1/chat'
const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const HERE: RumTracingConfiguration = { allowedTracingUrls: ['https://agent.test'] }
const withPropagators = (...propagatorTypes: string[]): RumTracingConfiguration => ({
  allowedTracingUrls: [{ match: 'https://agent.test', propagatorTypes }],
})

/** How the SDK draws from a session id: https://github.com/DataDog/browser-sdk, `sampler.ts`; in percent. */
function drawOf(sessionId: string) {
  const hash = (BigInt(`0x${sessionId.split('-')[4]}`) * 1111111111111111111n) % 2n ** 64n
  return (Number(hash) / 2 ** 64) * 100
}

describe('the headers that RUM adds', () => {
  const both = { baggage: true, traceIds: true, foreignTrace: false }
  const none = { baggage: false, traceIds: false, foreignTrace: false }
  const idsAlone = { ...both, baggage: false }

  it.each<[name: string, RumTracingConfiguration, version: number, expected: object]>([
    ['no tracing', {}, 7, none],
    ['an empty list', { allowedTracingUrls: [] }, 7, none],
    ['tracing of another URL', { allowedTracingUrls: ['https://other.test', /other/] }, 7, none],
    ['an origin', HERE, 7, both],
    ['an origin in SDK 6, whose baggage is off by default', HERE, 6.33, idsAlone],
    ['an origin in SDK 6 with baggage', { ...HERE, propagateTraceBaggage: true }, 6.33, both],
    ['an origin in SDK 6.8, the first that knows baggage', { ...HERE, propagateTraceBaggage: true }, 6.08, both],
    ['an origin in SDK 6.7, which knows no baggage', { ...HERE, propagateTraceBaggage: true }, 6.07, idsAlone],
    ['an origin without baggage', { ...HERE, propagateTraceBaggage: false }, 7, idsAlone],
    ['an origin in SDK 5, which knows no baggage', { ...HERE, propagateTraceBaggage: true }, 5, idsAlone],
    ['a RegExp', { allowedTracingUrls: [/agent/] }, 7, both],
    ['a function', { allowedTracingUrls: [(url) => url === URL] }, 7, both],
    ['a function that throws', { allowedTracingUrls: [() => expect.fail('on purpose')] }, 7, none],
    ['a match without propagators', { allowedTracingUrls: [{ match: 'https://agent.test' }] }, 7, both],
    ['no propagators at all', { allowedTracingUrls: [{ match: URL, propagatorTypes: null }] }, 7, both],
    ['propagators with Datadog\u2019s', withPropagators('b3', 'datadog'), 7, both],
    ['W3C alone', withPropagators('tracecontext'), 7, { baggage: true, traceIds: false, foreignTrace: true }],
    ['an empty list of propagators', withPropagators(), 7, { baggage: true, traceIds: false, foreignTrace: false }],
    [
      'several entries, of which the first counts',
      { allowedTracingUrls: [/other/, ...(withPropagators('b3').allowedTracingUrls ?? []), /agent/] },
      7,
      { baggage: true, traceIds: false, foreignTrace: true },
    ],
    ['no sampled trace', { ...HERE, traceSampleRate: 0 }, 7, none],
    ['no sampled trace, injected all the same', { ...HERE, traceSampleRate: 0, traceContextInjection: 'all' }, 7, both],
    ['no sampled trace in SDK 6', { ...HERE, traceSampleRate: 0 }, 6.33, none],
    ['no sampled trace in SDK 6.1', { ...HERE, traceSampleRate: 0 }, 6.01, none],
    ['no sampled trace in SDK 5, which injects all', { ...HERE, traceSampleRate: 0 }, 5, idsAlone],
    [
      'no sampled trace in SDK 5, set to sampled',
      { ...HERE, traceSampleRate: 0, traceContextInjection: 'sampled' },
      5,
      none,
    ],
    [
      'some sampled traces in SDK 5, which nobody foresees',
      { ...HERE, traceSampleRate: 1, traceContextInjection: 'sampled' },
      5,
      idsAlone,
    ],
    ['some sampled traces in SDK 6.4, which nobody foresees', { ...HERE, traceSampleRate: 1 }, 6.04, idsAlone],
    ['some sampled traces in SDK 6.5, which the session decides', { ...HERE, traceSampleRate: 1 }, 6.05, none],
  ])('with %s', (_name, configuration, version, expected) => {
    expect(rumHeadersOf(configuration, version, URL, ID)).toEqual(expected)
  })

  it('are those of the sampled sessions', () => {
    for (let index = 0; index < 200; index += 1) {
      const id = `00000000-0000-4000-8000-${((index * 7_777_777_777) % 2 ** 48).toString(16).padStart(12, '0')}`
      const draw = drawOf(id)
      for (const [sessionSampleRate, traceSampleRate] of [
        [100, 40],
        [50, 40],
        [undefined, 40],
        [50, undefined],
      ]) {
        const configuration = { ...HERE, sessionSampleRate, traceSampleRate }
        const isTraced = (version: number) => rumHeadersOf(configuration, version, URL, id).traceIds
        // SDK 7 takes the rate as one of all sessions, SDK 6 as one of the tracked.
        expect(isTraced(7)).toBe(draw <= ((sessionSampleRate ?? 100) * (traceSampleRate ?? 100)) / 100)
        expect(isTraced(6.33)).toBe(draw <= (traceSampleRate ?? 100))
      }
    }
  })
})

describe('RUM traces a URL, but not always with the ids', () => {
  it.each<[name: string, RumTracingConfiguration, version: number, expected: boolean]>([
    ['without tracing', {}, 7, false],
    ['with each trace sampled', { ...HERE, traceSampleRate: 100 }, 7, false],
    ['with the default rate', HERE, 7, false],
    ['with some traces sampled', { ...HERE, traceSampleRate: 99 }, 7, true],
    ['with some sampled, all injected', { ...HERE, traceSampleRate: 1, traceContextInjection: 'all' }, 7, false],
    ['with some sampled, in SDK 6', { ...HERE, traceSampleRate: 1 }, 6, true],
    ['with some sampled, in SDK 5', { ...HERE, traceSampleRate: 1 }, 5, false],
    ['with Datadog\u2019s headers among others', withPropagators('b3', 'datadog'), 7, false],
    ['with other headers', withPropagators('tracecontext', 'b3'), 7, true],
    ['with other headers, all injected', { ...withPropagators('b3'), traceContextInjection: 'all' }, 7, true],
    ['with tracing of another URL', { allowedTracingUrls: [/other/], traceSampleRate: 1 }, 7, false],
  ])('%s', (_name, configuration, version, expected) => {
    expect(tracesWithoutIds(configuration, version, URL)).toBe(expected)
  })
})
