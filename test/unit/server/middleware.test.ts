// @vitest-environment node
import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { type LlmObs, rumSession } from '../../../src/server/middleware.js'
import { register } from '../../../src/server/register.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const OTHER = '7b6f0c52-5b0e-4f0b-8a43-3f1f4a0a2b11'
const USER = 'user.id=u,account.id=a'
const TAGS = { tags: { 'usr.id': 'u', 'usr.account_id': 'a' } }
/** Headers as `register` leaves them. */
const HANDED_OVER = {
  'x-datadog-trace-id': '5',
  'x-datadog-parent-id': '0',
  'x-datadog-tags': `_dd.p.llmobs_sid=${OTHER}`,
}

/** Stands in for `tracer.llmobs`, and writes down what it is asked for. */
function fakeLlmObs() {
  const log: unknown[] = []
  const llmobs: LlmObs = {
    annotationContext(options, handler) {
      log.push(options)
      return handler()
    },
    trace(options, handler) {
      log.push(options)
      return handler({ context: () => ({ toTraceId: () => '5' }) }, () => log.push('done'))
    },
  }
  return { llmobs, log }
}

const response = () => Object.assign(new EventEmitter(), { closed: false })

describe('rumSession', () => {
  it('runs the handlers with user and account', () => {
    const { llmobs, log } = fakeLlmObs()
    const next = vi.fn(() => log.push('handler'))
    rumSession(llmobs)({ method: 'POST', url: '/', headers: { baggage: USER } }, response(), next)
    expect(log).toEqual([TAGS, 'handler'])
    expect(next).toHaveBeenCalledExactlyOnceWith()
  })

  it('opens no context without user and account: it would hide the tags of the app', () => {
    const { llmobs, log } = fakeLlmObs()
    rumSession(llmobs)({ method: 'POST', url: '/', headers: { baggage: 'a=1' }, body: {} }, response(), () =>
      log.push('handler'),
    )
    expect(log).toEqual(['handler'])
  })

  const span = (sessionId: string) => ({ kind: 'workflow', name: 'POST /', sessionId })
  it.each<[string, object, unknown[]]>([
    ['nothing', {}, []],
    ['a session in the body', { body: { session_id: ID } }, [span(ID)]],
    ['a session in baggage that nobody handed over', { headers: { baggage: `session.id=${ID}` } }, [span(ID)]],
    ['a session in the query that nobody handed over', { url: `/?session_id=${ID}` }, [span(ID)]],
    [
      'sessions in baggage, query and body: that of baggage, as with register',
      { url: `/?session_id=${OTHER}`, headers: { baggage: `session.id=${ID}` }, body: { session_id: OTHER } },
      [span(ID)],
    ],
    ['a session and user and account', { headers: { baggage: `session.id=${ID},${USER}` } }, [TAGS, span(ID)]],
    ['tags that have no room for it', { headers: { baggage: `session.id=${ID}`, 'x-datadog-tags': 'x' } }, [span(ID)]],
    [
      'a session in tags without ids, which the tracers ignore',
      { headers: { 'x-datadog-tags': `_dd.p.llmobs_sid=${ID}` } },
      [span(ID)],
    ],
    ['a session that is handed over', { headers: { ...HANDED_OVER, baggage: `session.id=${OTHER}` } }, []],
    ['a session that is handed over, and another in the body', { headers: HANDED_OVER, body: { session_id: ID } }, []],
    [
      'a session in tracestate',
      {
        headers: {
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
          tracestate: `dd=t.llmobs_sid:${OTHER}`,
        },
        body: { session_id: ID },
      },
      [],
    ],
  ])('opens for a request with %s what it needs', (_name, request, expected) => {
    const { llmobs, log } = fakeLlmObs()
    rumSession(llmobs)({ method: 'POST', url: '/', headers: {}, ...request }, response(), () => log.push('handler'))
    expect(log).toEqual([...expected, 'handler'])
  })

  it.each([
    ['finish', ['finish', 'close']],
    ['close, as where the client goes away', ['close']],
  ])('runs them in a span where only the body has the session, until the response emits %s', (_name, events) => {
    const { llmobs, log } = fakeLlmObs()
    const answer = response()
    rumSession(llmobs)({ method: 'POST', url: '/chat?a=1', headers: {}, body: { session_id: ID } }, answer, () =>
      log.push('handler'),
    )
    const span = { kind: 'workflow', name: 'POST /chat', sessionId: ID }
    expect(log).toEqual([span, 'handler'])
    for (const event of events) {
      answer.emit(event)
      expect(log).toEqual([span, 'handler', 'done'])
    }
  })

  it.each([
    [{ url: '/chat' }, 'POST /chat'],
    [{ url: '/chat', originalUrl: '/api/chat?x#y' }, 'POST /api/chat'],
    [{ url: 'http://a.test/chat?x' }, 'POST /chat'],
    [{ url: 'http://a.test' }, 'POST /'],
    [{ url: 'HTTP://a.test?x' }, 'POST /'],
    [{ url: 'h2+a.b-c://a.test/chat' }, 'POST /chat'],
    [{ url: '/go/http://a.test/chat' }, 'POST /go/http://a.test/chat'],
    [{ url: '2http://a.test/chat' }, 'POST 2http://a.test/chat'],
    [{ url: '*' }, 'POST *'],
    [{}, 'POST /'],
  ])('names the span of %j %s', (request, name) => {
    const { llmobs, log } = fakeLlmObs()
    rumSession(llmobs)({ method: 'POST', body: { session_id: ID }, ...request }, response(), () => {})
    expect(log[0]).toMatchObject({ name })
  })

  it('reads the field that it is told', () => {
    const { llmobs, log } = fakeLlmObs()
    const body = { session_id: 'mine', metadata: { sid: ID } }
    rumSession(llmobs, { field: 'metadata.sid' })({ method: 'POST', url: '/', body }, response(), () => {})
    expect(log[0]).toMatchObject({ sessionId: ID })
  })

  it('makes one span of a request that it gets twice', () => {
    const { llmobs, log } = fakeLlmObs()
    const middleware = rumSession(llmobs)
    const request = { method: 'POST', url: '/', body: { session_id: ID } }
    middleware(request, response(), () => middleware(request, response(), () => log.push('handler')))
    expect(log).toEqual([expect.objectContaining({ kind: 'workflow' }), 'handler'])
  })

  it('makes one span of a request that comes in two forms, as with Fastify', () => {
    const { llmobs, log } = fakeLlmObs()
    const middleware = rumSession(llmobs)
    const raw = { method: 'POST', url: `/?session_id=${ID}`, headers: {} }
    middleware(raw, response(), () => middleware({ ...raw }, response(), () => log.push('handler')))
    expect(log).toEqual([span(ID), 'handler'])
  })

  it.each([
    ['a response that is closed already', Object.assign(response(), { closed: true })],
    ['a response that cannot be listened to', {}],
  ])('ends the span with the handlers for %s', (_name, answer) => {
    const { llmobs, log } = fakeLlmObs()
    rumSession(llmobs)(
      { method: 'POST', url: '/', body: { session_id: ID } },
      answer as ReturnType<typeof response>,
      () => log.push('handler'),
    )
    expect(log.slice(1)).toEqual(['handler', 'done'])
  })

  it.each<[string, object, unknown, string[]]>([
    ['says it', { serverTiming: true }, undefined, ['Server-Timing: dd-llm-trace;desc="5"']],
    ['does not say it, unless asked to', {}, undefined, []],
    ['does not say it where the span does not tell', { serverTiming: true }, {}, []],
  ])('whose span has a trace %s in the answer', (_name, options, span, expected) => {
    const { llmobs, log } = fakeLlmObs()
    const trace: LlmObs['trace'] = (asked, handler) =>
      llmobs.trace(asked, (known, done) => handler((span ?? known) as typeof known, done))
    const lines: string[] = []
    const answer = Object.assign(response(), {
      getHeader: () => undefined,
      setHeader: (name: string, value: string) => lines.push(`${name}: ${value}`),
      writeHead() {},
    })
    const end = register(options)
    const next = vi.fn()
    rumSession({ ...llmobs, trace })({ method: 'POST', url: '/', body: { session_id: ID } }, answer, next)
    end()
    answer.writeHead()
    expect(lines).toEqual(expected)
    expect(next).toHaveBeenCalledTimes(1)
    expect(log).toHaveLength(1)
  })

  it('gives back what next returns, and throws what it throws', () => {
    const { llmobs } = fakeLlmObs()
    const request = { method: 'POST', url: '/', body: { session_id: ID } }
    const promise = Promise.resolve()
    expect(rumSession(llmobs)(request, response(), () => promise)).toBe(promise)
    const error = new Error('of the handler')
    expect(() =>
      rumSession(llmobs)({ ...request }, response(), () => {
        throw error
      }),
    ).toThrow(error)
  })

  const fails = () => {
    throw new Error('of the tracer')
  }
  it.each<[string, unknown, object]>([
    ['there is no llmobs', undefined, {}],
    ['llmobs is of a tracer that is too old', {}, {}],
    ['llmobs throws', { annotationContext: fails, trace: fails }, {}],
    [
      'a span cannot be ended',
      {
        annotationContext: (_: unknown, run: () => void) => run(),
        trace: (_: unknown, run: (span: unknown, done: unknown) => void) => run({}, undefined),
      },
      {},
    ],
    [
      'the body throws',
      fakeLlmObs().llmobs,
      {
        get body() {
          return fails()
        },
      },
    ],
    [
      'the URL throws',
      fakeLlmObs().llmobs,
      {
        get url() {
          return fails()
        },
      },
    ],
  ])('runs the handlers, once, where %s', (_name, llmobs, request) => {
    const next = vi.fn()
    const answer = response()
    const call = Object.create(
      { method: 'POST', url: '/', body: { session_id: ID } },
      Object.getOwnPropertyDescriptors(request),
    )
    rumSession(llmobs as LlmObs)(call, answer, next)
    answer.emit('finish')
    expect(next).toHaveBeenCalledTimes(1)
  })
})
