// @vitest-environment node
import { channel } from 'node:diagnostics_channel'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../../../demo/listen.mjs'
import { register, saysTrace } from '../../../src/server/register.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const OTHER = '11111111-2222-4333-8444-555555555555'
const TAG = `_dd.p.llmobs_sid=${ID}`
const START = 'http.server.request.start'

/** What a request's headers are when `request` is emitted, and the answer's. */
async function call(path: string, headers: Record<string, string> = {}) {
  let seen: IncomingHttpHeaders = {}
  const server = createServer((request, response) => {
    seen = request.headers
    response.end()
  })
  const response = await fetch((await listen(server, 0)) + path, { headers })
  server.close()
  return { seen, serverTiming: response.headers.get('server-timing') }
}

const ends: Array<() => void> = []
const registered = (...args: Parameters<typeof register>) => {
  const end = register(...args)
  ends.push(end)
  return end
}
afterEach(() => {
  for (const end of ends.splice(0)) {
    end()
  }
  Reflect.deleteProperty(globalThis, Symbol.for('rum-llm-correlation.server'))
  vi.resetModules()
  vi.unstubAllGlobals()
})

describe('register', () => {
  it('writes the session into the headers of requests, until it is ended', async () => {
    const end = registered()
    const { seen } = await call('/', { baggage: `session.id=${ID}` })
    expect(seen).toMatchObject({ 'x-datadog-tags': TAG, 'x-datadog-parent-id': '0', baggage: `session.id=${ID}` })
    expect((await call(`/?session_id=${ID}`)).seen['x-datadog-tags']).toBe(TAG)
    end()
    expect((await call('/', { baggage: `session.id=${ID}` })).seen['x-datadog-tags']).toBeUndefined()
  })

  const own = { 'x-datadog-trace-id': '5', 'x-datadog-parent-id': '1', 'x-datadog-tags': TAG }
  const w3c = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }

  it.each<[name: string, url: string, headers: Record<string, string>, baggage: string | undefined]>([
    ['of the query', `/?session_id=${ID}`, {}, `session.id=${ID}`],
    ['of the query beside other members', `/?session_id=${ID}`, { baggage: 'a=1;p' }, `a=1;p,session.id=${ID}`],
    ['of baggage, as it is', '/', { baggage: ` session.id=${ID};p, a=1` }, `session.id=${ID};p, a=1`],
    ['of x-datadog-tags', '/', own, `session.id=${ID}`],
    ['of tracestate', '/', { ...w3c, tracestate: `dd=t.llmobs_sid:${ID}` }, `session.id=${ID}`],
    ['of the trace, which wins over the query', `/?session_id=${OTHER}`, own, `session.id=${ID}`],
    ['of tags without ids not at all', '/', { 'x-datadog-tags': TAG }, undefined],
    ['that is no RUM session not at all', '/', { ...own, 'x-datadog-tags': '_dd.p.llmobs_sid=mine' }, undefined],
  ])('hands on in baggage a session %s', async (_name, url, headers, baggage) => {
    registered()
    expect((await call(url, headers)).seen.baggage).toBe(baggage)
  })

  it('leaves the headers of other requests as they are', async () => {
    registered()
    const { seen } = await call('/?session_id=mine', { baggage: 'session.id=mine,a=1', 'x-mine': '1' })
    expect(Object.keys(seen).filter((name) => name.startsWith('x-datadog') || name.startsWith('trace'))).toEqual([])
  })

  it('called twice is called once, and each of the functions ends it', async () => {
    for (const which of [0, 1] as const) {
      const endings = [registered(), registered()] as const
      const { seen } = await call('/', { baggage: `session.id=${ID}` })
      expect(seen['x-datadog-tags']).toBe(TAG)
      endings[which]()
      expect(channel(START).hasSubscribers).toBe(false)
      endings[1 - which]?.()
    }
  })

  it('is one with that of another copy of the package', async () => {
    const { register: other } = await import('../../../src/server/register.js?copy' as string)
    expect(other).not.toBe(register)
    registered()
    const end = other({ field: 'sid' })
    expect((await call(`/?sid=${ID}`)).seen['x-datadog-tags']).toBe(TAG)
    end()
    expect(channel(START).hasSubscribers).toBe(false)
  })

  it('is kept where copies of other versions find it, with each field once', () => {
    const end = registered({ field: 'a.sid' })
    registered({ field: 'sid' })
    registered({ field: 'sid' })
    registered()
    const key = Symbol.for('rum-llm-correlation.server')
    expect(Reflect.get(globalThis, key)).toMatchObject({ fields: ['a.sid', 'sid'], parameters: ['sid'] })
    end()
    expect(Reflect.has(globalThis, key)).toBe(false)
  })

  it.each<[string, Array<{ field: string } | undefined>, string[]]>([
    ['the default is looked for', [undefined, undefined], ['session_id']],
    ['a given field replaces the default', [undefined, { field: 'sid' }], ['sid']],
    ['a later call without one changes nothing', [{ field: 'sid' }, undefined], ['sid']],
    ['given fields add up', [{ field: 'sid' }, { field: 'a.rum' }], ['sid', 'rum']],
    ['the default can be given', [{ field: 'session_id' }, { field: 'sid' }], ['session_id', 'sid']],
    ['the default can be given later', [undefined, { field: 'sid' }, { field: 'session_id' }], ['sid', 'session_id']],
  ])('of several calls %s', async (_name, calls, expected) => {
    for (const options of calls) {
      registered(options)
    }
    for (const name of ['session_id', 'sid', 'rum']) {
      const tags = (await call(`/?${name}=${ID}`)).seen['x-datadog-tags']
      expect(tags, name).toBe(expected.includes(name) ? TAG : undefined)
    }
  })

  it('joins the registration of version 1.0.0, which knows parameters alone', () => {
    const key = Symbol.for('rum-llm-correlation.server')
    const end = vi.fn()
    const older = { parameters: ['session_id'], serverTiming: false, end }
    Object.defineProperty(globalThis, key, { value: older, configurable: true })
    const ended = register({ field: 'a.sid', serverTiming: true })
    expect(older).toMatchObject({ parameters: ['sid'], serverTiming: true })
    ended()
    expect(end).toHaveBeenCalledOnce()
  })

  it('has answers say their trace from the first call that asks for it to the end', () => {
    expect(saysTrace()).toBe(false)
    const first = registered()
    expect(saysTrace()).toBe(false)
    first()
    const end = registered({ serverTiming: true })
    registered()
    expect(saysTrace()).toBe(true)
    first()
    expect(saysTrace(), 'after the end of an earlier registration').toBe(true)
    end()
    expect(saysTrace()).toBe(false)
  })

  it('does not end a later registration by the function of an earlier one', async () => {
    const end = registered()
    end()
    registered()
    end()
    expect((await call('/', { baggage: `session.id=${ID}` })).seen['x-datadog-tags']).toBe(TAG)
  })

  it.each([
    ['session_id', undefined],
    ['sid', { field: 'sid' }],
    ['sid', { field: 'metadata.sid' }],
    ['session_id', { field: '' }],
    ['session_id', { field: 5 }],
    ['session_id', null],
  ])('takes the query parameter %s with the options %j', async (name, options) => {
    registered(options as Parameters<typeof register>[0])
    expect((await call(`/?${name}=${ID}`)).seen['x-datadog-tags']).toBe(TAG)
  })

  it('takes the parameters of all calls', async () => {
    registered({ field: 'one' })
    registered({ field: 'two' })
    expect((await call(`/?one=${ID}`)).seen['x-datadog-tags']).toBe(TAG)
    expect((await call(`/?two=${ID}`)).seen['x-datadog-tags']).toBe(TAG)
    expect((await call(`/?session_id=${ID}`)).seen['x-datadog-tags']).toBeUndefined()
  })

  it.each([
    ['nothing', undefined],
    ['no request', {}],
    ['a request without headers', { request: {} }],
    [
      'headers that throw',
      {
        request: {
          url: '/',
          get headers() {
            throw new Error()
          },
        },
      },
    ],
    ['a frozen request', { request: { url: '/', headers: Object.freeze({ baggage: `session.id=${ID}` }) } }],
    ['values of other types', { request: { url: 5, headers: { baggage: ['a'], traceparent: {} } } }],
  ])('does not throw, which would drop the request, on %s', (_name, message) => {
    registered({ serverTiming: true })
    const uncaught = vi.fn()
    process.once('uncaughtException', uncaught)
    channel(START).publish(message)
    return new Promise<void>((resolve) =>
      setImmediate(() => {
        process.off('uncaughtException', uncaught)
        expect(uncaught).not.toHaveBeenCalled()
        resolve()
      }),
    )
  })

  it.each([
    ['a page', undefined],
    ['an edge runtime', { env: {} }],
    [
      'an edge runtime that refuses it',
      {
        getBuiltinModule() {
          throw new Error('not supported')
        },
      },
    ],
    ['a runtime without that module', { getBuiltinModule: () => undefined }],
  ])('does nothing on %s', (_name, process) => {
    vi.stubGlobal('process', process)
    const end = register()
    expect(channel(START).hasSubscribers).toBe(false)
    end()
  })

  it('lets answers say their trace where it is asked to', async () => {
    registered()
    expect((await call('/', { baggage: `session.id=${ID}` })).serverTiming).toBeNull()
    registered({ serverTiming: true })
    const { seen, serverTiming } = await call('/', { baggage: `session.id=${ID}` })
    expect(serverTiming).toBe(`dd-llm-trace;desc="${seen['x-datadog-trace-id']}"`)
    expect((await call('/')).serverTiming).toBeNull()
    registered()
    expect((await call('/', { baggage: `session.id=${ID}` })).serverTiming).not.toBeNull()
  })

  it('lets answers say the trace of a session that came where the tracers read it themselves', async () => {
    const own = { 'x-datadog-trace-id': '5', 'x-datadog-parent-id': '1', 'x-datadog-tags': TAG }
    registered()
    expect((await call('/', own)).serverTiming).toBeNull()
    registered({ serverTiming: true })
    expect((await call('/', own)).serverTiming).toBe('dd-llm-trace;desc="5"')
    expect((await call('/', { ...own, 'x-datadog-tags': '' })).serverTiming).toBeNull()
  })

  it('says nothing where the option is not true', async () => {
    registered({ serverTiming: 1 as unknown as boolean })
    expect((await call('/', { baggage: `session.id=${ID}` })).serverTiming).toBeNull()
  })
})
