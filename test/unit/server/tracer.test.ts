// @vitest-environment node
import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { takesSession, takesTrace, tracerState, tracerVersion } from '../../../src/server/tracer.js'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

const SESSION = '00000000-0000-0000-0000-000000000000'

/** Stands in for dd-trace's tracer with settings by which it takes a session from some headers. */
function fakeTracer(takes: (headers: Record<string, string>) => boolean) {
  const extract = vi.fn((_format: string, headers: Record<string, string>) =>
    takes(headers) ? { _trace: { tags: { '_dd.p.llmobs_sid': SESSION } } } : null,
  )
  const tracer = { _initialized: true, extract }
  vi.stubGlobal('_ddtrace', tracer)
  return tracer
}

it.each([
  [undefined, 'missing'],
  [{}, 'not started'],
  [{ _initialized: false }, 'not started'],
  [{ _initialized: true }, 'started'],
])('the tracer %j is %s', (tracer, expected) => {
  vi.stubGlobal('_ddtrace', tracer)
  expect(tracerState()).toBe(expected)
})

describe('whether the tracer takes a session', () => {
  it.each([
    ['everything', () => true, [true, true, true]],
    ['nothing', () => false, [false, false, false]],
    ["Datadog's headers", (headers) => 'x-datadog-tags' in headers, [true, true, false]],
    [
      'no x-datadog-tags beside traceparent',
      (headers) => !('x-datadog-tags' in headers && 'traceparent' in headers),
      [true, false, true],
    ],
  ] as Array<[string, (headers: Record<string, string>) => boolean, boolean[]]>)(
    'of one that takes %s',
    (_name, takes, expected) => {
      fakeTracer(takes)
      expect([takesSession('tags'), takesSession('tags beside traceparent'), takesSession('tracestate')]).toEqual(
        expected,
      )
    },
  )

  it.each([
    ['restart', false],
    ['ignore', false],
    ['continue', true],
  ])('of one that is told to %s is %s', (behavior, expected) => {
    vi.stubEnv('DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT', behavior)
    fakeTracer(() => true)
    expect(takesSession('tags')).toBe(expected)
  })

  it('is asked once per place', () => {
    const { extract } = fakeTracer(() => false)
    takesSession('tags')
    takesSession('tags')
    expect(extract).toHaveBeenCalledTimes(1)
    takesSession('tracestate')
    expect(extract).toHaveBeenCalledTimes(2)
  })

  it('is asked again when another tracer is there', () => {
    fakeTracer(() => false)
    expect(takesSession('tags')).toBe(false)
    fakeTracer(() => true)
    expect(takesSession('tags')).toBe(true)
  })

  it.each([undefined, {}, { _initialized: false, extract: () => null }])('is not known of the tracer %j', (tracer) => {
    vi.stubGlobal('_ddtrace', tracer)
    expect(takesSession('tags')).toBeUndefined()
    expect(takesTrace({ b3: '1-1' })).toBeUndefined()
  })

  it('is false if the tracer fails', () => {
    vi.stubGlobal('_ddtrace', { _initialized: true })
    expect(takesSession('tags')).toBe(false)
    expect(takesTrace({ b3: '1-1' })).toBe(false)
  })

  it('leaves the async context of the request as it is', () => {
    const baggage = new AsyncLocalStorage<string>()
    fakeTracer(() => {
      baggage.enterWith('of the probe')
      return true
    })
    baggage.run('of the request', () => {
      takesSession('tags')
      takesTrace({ b3: '1-1' })
      expect(baggage.getStore()).toBe('of the request')
    })
  })
})

it.each([
  [true, true],
  [false, false],
])('whether the tracer takes a trace is what it makes of the headers: %s', (takes, expected) => {
  const { extract } = fakeTracer(() => takes)
  expect(takesTrace({ b3: '1-1' })).toBe(expected)
  expect(extract).toHaveBeenCalledExactlyOnceWith('http_headers', { b3: '1-1' })
})

describe('the version of the tracer', () => {
  const { cache } = createRequire(import.meta.url)
  const path = '/app/node_modules/dd-trace/version.js'
  afterEach(() => {
    delete cache[path]
  })

  it.each([
    [{ VERSION: '5.132.0', DD_MAJOR: 5 }, '5.132.0'],
    [{ VERSION: '1.0.0' }, undefined],
    [{ DD_MAJOR: 5 }, undefined],
    [null, undefined],
  ])('of the loaded module %j is %s', (exported, expected) => {
    cache[path] = { exports: exported } as NodeJS.Module
    expect(tracerVersion()).toBe(expected)
  })

  it('is not known if none is loaded, or if the runtime does not tell', () => {
    expect(tracerVersion()).toBeUndefined()
    vi.stubGlobal('process', undefined)
    expect(tracerVersion()).toBeUndefined()
  })
})
