// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { extractor, withRumSession } from '../../../../src/lambda.js'
import { ID, OTHER, TAG } from '../../../support/inboundHeaders.js'
import { OTHER_EVENTS, SOURCES } from '../../../support/lambdaEvents.js'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming')

/** A request that brings a session. */
const request = () => ({
  requestContext: {},
  headers: { baggage: `session.id=${ID}` } as Record<string, string>,
})

/** A dd-trace in which a span of this context runs. */
function stubTracer(span: object | null) {
  vi.stubGlobal('_ddtrace', { scope: () => ({ active: () => span }) })
}

const spanOf = (tags: Record<string, string>) => ({ context: () => ({ _trace: { tags } }) })

const NO_REQUESTS: Array<[string, unknown]> = [
  ...OTHER_EVENTS.map(([name, make]): [string, unknown] => [name, make('why', ID)]),
  ['nothing', undefined],
  ['null', null],
  ['text', `session_id=${ID}`],
  ['a list', [request()]],
  [
    'what throws',
    new Proxy(
      {},
      {
        get() {
          throw new Error('None of your business')
        },
      },
    ),
  ],
]

const FROZEN = Object.freeze({ ...request(), headers: Object.freeze(request().headers) })

describe('the extractor', () => {
  it.each(SOURCES)('writes the session into an event of %s, and extracts nothing itself', (_name, make) => {
    const event = make({ headers: { baggage: `session.id=${ID}` } })
    expect(extractor(event)).toEqual({})
    expect(JSON.stringify(event)).toContain(TAG)
  })

  it.each([...NO_REQUESTS, ['what cannot be changed', FROZEN]])('leaves %s alone', (_name, event) => {
    const before = JSON.stringify(event instanceof Object && Object.keys(event).length ? event : null)
    expect(extractor(event)).toEqual({})
    expect(JSON.stringify(event instanceof Object && Object.keys(event).length ? event : null)).toBe(before)
  })

  it('takes its field from the environment', () => {
    vi.stubEnv('RUM_LLM_FIELD', 'metadata.chat')
    const event = { requestContext: {}, headers: {}, rawQueryString: `chat=${ID}&session_id=${OTHER}` }
    extractor(event)
    expect(event.headers).toMatchObject({ 'x-datadog-tags': TAG })
  })
})

describe('a wrapped handler', () => {
  it('is what it was: its name, length, marks and what is set on it', () => {
    async function named(_event: object, _response: object, _context: object) {}
    const handler = Object.assign(named, { [STREAMING]: 'response', own: 1 })
    const wrapped = withRumSession(handler)
    expect(wrapped).not.toBe(handler)
    expect(wrapped.name).toBe('named')
    expect(wrapped.length).toBe(3)
    expect(wrapped[STREAMING]).toBe('response')
    expect(wrapped.own).toBe(1)
  })

  it('can be marked as streaming behind it', () => {
    const wrapped = withRumSession((_event: object) => {})
    Object.assign(wrapped, { [STREAMING]: 'response' })
    expect((wrapped as unknown as Record<symbol, unknown>)[STREAMING]).toBe('response')
  })

  it('gets the same arguments and receiver, and what it returns or throws comes out', () => {
    const receiver = {}
    const context = {}
    const done = () => {}
    const returned = Promise.resolve(1)
    const handler = vi.fn(function (this: unknown, ..._args: unknown[]) {
      return returned
    })
    const event = request()
    expect(withRumSession(handler).call(receiver, event, context, done)).toBe(returned)
    expect(handler.mock.calls[0]?.[0]).toBe(event)
    expect(handler.mock.calls[0]?.slice(1)).toEqual([context, done])
    expect(handler.mock.contexts[0]).toBe(receiver)
    const error = new Error('mine')
    const failing = withRumSession(() => {
      throw error
    })
    expect(failing).toThrow(error)
  })

  it.each(NO_REQUESTS)('gets %s as it is', (_name, event) => {
    const handler = vi.fn((_event: unknown) => 'answered')
    expect(withRumSession(handler)(event)).toBe('answered')
    expect(handler.mock.calls[0]?.[0]).toBe(event)
  })

  it.each([undefined, null, 'index.handler', {}])('is returned as it is where it is no function: %j', (handler) => {
    expect(withRumSession(handler as never)).toBe(handler)
  })

  it("inside of Datadog's wrapper it names the session of the trace, and leaves the event", () => {
    const tags: Record<string, string> = {}
    stubTracer(spanOf(tags))
    const event = request()
    withRumSession((_event: object) => {})(event)
    expect(tags).toEqual({ '_dd.p.llmobs_sid': ID })
    expect(event).toEqual(request())
  })

  it('a session that the trace has already stays', () => {
    const tags = { '_dd.p.llmobs_sid': OTHER }
    stubTracer(spanOf(tags))
    withRumSession((_event: object) => {})(request())
    expect(tags).toEqual({ '_dd.p.llmobs_sid': OTHER })
  })

  it.each<[string, () => void, object]>([
    ['without a tracer', () => {}, {}],
    ['without a running span', () => stubTracer(null), {}],
    ['with a span that has ended', () => stubTracer({ ...spanOf({}), _duration: 1 }), {}],
    ['with a span of another make', () => stubTracer({ context: () => ({}) }), {}],
    ['with a tracer that has no scope', () => vi.stubGlobal('_ddtrace', {}), {}],
    ["around Datadog's wrapper, whatever runs", () => stubTracer(spanOf({})), { _ddWrapped: true }],
  ])('%s the session goes into the event', (_name, stub, marks) => {
    stub()
    const event = request()
    withRumSession(Object.assign((_event: object) => {}, marks))(event)
    expect(event.headers['x-datadog-tags']).toBe(TAG)
  })

  it('a tracer that throws troubles nobody', () => {
    stubTracer({
      context() {
        throw new Error('broken')
      },
    })
    expect(withRumSession((_event: object) => 'answered')(request())).toBe('answered')
  })
})
