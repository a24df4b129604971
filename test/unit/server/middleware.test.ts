// @vitest-environment node
import { EventEmitter } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { type LlmObs, rumSession } from '../../../src/server/middleware.js'
import { register } from '../../../src/server/register.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const BAGGAGE = `session.id=${ID},user.id=u,account.id=a`

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
    rumSession(llmobs)(
      { method: 'POST', url: '/', headers: { baggage: BAGGAGE }, body: { session_id: ID } },
      response(),
      next,
    )
    expect(log).toEqual([{ tags: { 'usr.id': 'u', 'usr.account_id': 'a' } }, 'handler'])
    expect(next).toHaveBeenCalledExactlyOnceWith()
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
    expect(log).toEqual([{ tags: {} }, span, 'handler'])
    for (const event of events) {
      answer.emit(event)
      expect(log).toEqual([{ tags: {} }, span, 'handler', 'done'])
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
    expect(log[1]).toMatchObject({ name })
  })

  it('reads the field that it is told', () => {
    const { llmobs, log } = fakeLlmObs()
    const body = { session_id: 'mine', metadata: { sid: ID } }
    rumSession(llmobs, { field: 'metadata.sid' })({ method: 'POST', url: '/', body }, response(), () => {})
    expect(log[1]).toMatchObject({ sessionId: ID })
  })

  it('makes one span of a request that it gets twice', () => {
    const { llmobs, log } = fakeLlmObs()
    const middleware = rumSession(llmobs)
    const request = { method: 'POST', url: '/', body: { session_id: ID } }
    middleware(request, response(), () => middleware(request, response(), () => log.push('handler')))
    expect(log).toEqual([{ tags: {} }, expect.objectContaining({ kind: 'workflow' }), { tags: {} }, 'handler'])
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
    expect(log.slice(2)).toEqual(['handler', 'done'])
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
    expect(log).toHaveLength(2)
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
