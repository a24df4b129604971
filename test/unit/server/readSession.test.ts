// @vitest-environment node
import { createServer, IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { listen } from '../../../demo/listen.mjs'
import { rumSessionOf } from '../../../src/server/readSession.js'

const [ID, B, Q, T, S] = ['0d2a1c9e', '1d2a1c9e', '2d2a1c9e', '3d2a1c9e', '4d2a1c9e'].map(
  (start) => `${start}-3f0b-4c57-9a57-0c8f5c3d2e1f`,
) as [string, string, string, string, string]

const HEADERS = {
  baggage: `session.id=${B}`,
  'x-datadog-tags': `_dd.p.llmobs_sid=${T}`,
  tracestate: `dd=t.llmobs_sid:${S}`,
}
const { baggage, ...WITHOUT_BAGGAGE } = HEADERS
const form = (Form: typeof FormData | typeof URLSearchParams, ...values: string[]) => {
  const data = new Form()
  for (const value of values) {
    data.append('session_id', value)
  }
  return data
}
const throwing = () => {
  throw new Error('hostile')
}
const hostile = () =>
  new Proxy(
    {},
    { get: throwing, has: throwing, getOwnPropertyDescriptor: throwing, getPrototypeOf: throwing, ownKeys: throwing },
  )
const withGetter = (name: string, object: object = {}) => Object.defineProperty(object, name, { get: throwing })

describe('the session of a request', () => {
  it.each<[string, Parameters<typeof rumSessionOf>, string | undefined]>([
    ['the body first', [{ headers: HEADERS, url: `/?session_id=${Q}` }, { session_id: ID }], ID],
    ['then baggage', [{ headers: HEADERS, url: `/?session_id=${Q}` }, { session_id: 'no' }], B],
    ['then the query', [{ headers: WITHOUT_BAGGAGE, url: `/?session_id=${Q}` }], Q],
    ['then x-datadog-tags', [{ headers: WITHOUT_BAGGAGE, url: '/?session_id=no' }], T],
    ['then tracestate', [{ headers: { tracestate: HEADERS.tracestate }, url: '/' }], S],
    ['nothing', [{ headers: {}, url: '/' }, {}], undefined],
  ])('is looked for in %s', (_name, args, expected) => {
    expect(rumSessionOf(...args).sessionId).toBe(expected)
  })

  const json = `{"a":"ä","session_id":"${ID}"}`
  const bytes = (text: string) => new TextEncoder().encode(text)
  const shared = (text: string) => {
    const { buffer } = new Uint8Array(new SharedArrayBuffer(bytes(text).length))
    new Uint8Array(buffer).set(bytes(text))
    return buffer
  }
  const multipart = (name = 'session_id', head = '') =>
    `--x-1\r\nContent-Disposition: form-data; name="text"\r\n\r\nname="${name}"\r\n\r\n${B}\r\n--x-1\r\n` +
    `content-disposition: form-data;name="${name}"${head}\r\nContent-Type: text/plain\r\n\r\n${ID}\r\n--x-1--\r\n`
  const part = (name: string, value: unknown) => ({ type: 'field', fieldname: name, mimetype: 'text/plain', value })

  it.each<[string, unknown, { field?: string; type?: string }?]>([
    ['an ArrayBuffer', bytes(json).buffer],
    ['a SharedArrayBuffer', shared(json)],
    ['a DataView', new DataView(bytes(` ${json}`).buffer, 1)],
    ['another typed array', new Uint16Array(bytes(json.padEnd(99)).buffer)],
    ['JSON bytes with an escape in the name', bytes(`{"\\u0073ession_id":"${ID}"}`)],
    ['urlencoded bytes', bytes(`a=1&session%5Fid=${ID}`)],
    ['multipart bytes', bytes(multipart()), { type: 'multipart/form-data; boundary=x-1' }],
    ['multipart bytes, without a type', bytes(multipart()).buffer],
    ['multipart text', multipart()],
    ['a multipart form with a name in UTF-8', bytes(multipart('größe')), { field: 'größe' }],
    ['a multipart form, of a dotted field the last part', bytes(multipart()), { field: 'metadata.session_id' }],
    ['what @fastify/multipart attaches', { text: part('text', 'a'), session_id: part('session_id', ID) }],
    ['several parts that it attaches', { session_id: [part('session_id', 'no'), part('session_id', ID)] }],
    ['what it attaches for a dotted field', { session_id: part('session_id', ID) }, { field: 'a.session_id' }],
    ['an object of a class', Object.assign(new (class Chat {})(), { session_id: ID })],
    ['an object', { session_id: ID }],
    ['an object without prototype', Object.assign(Object.create(null), { session_id: ID })],
    ['an object with a list, as some form parsers have it', { session_id: ['no', ID] }],
    ['a path', { metadata: { session_id: ID } }, { field: 'metadata.session_id' }],
    ['JSON text', ` {"session_id":"${ID}"}`],
    ['JSON text behind a byte order mark', `\ufeff{"session_id":"${ID}"}`],
    ['JSON bytes', Buffer.from(`{"session_id":"${ID}"}`)],
    ['URLSearchParams', form(URLSearchParams, 'no', ID)],
    ['FormData', form(FormData, ID)],
    ['a form, of a dotted field the last part', form(FormData, ID), { field: 'metadata.session_id' }],
    ['urlencoded text', `a=1&session_id=${ID}`],
    [
      'a form that was parsed to an object',
      { session_id: ID },
      { field: 'a.b.session_id', type: 'application/x-www-form-urlencoded' },
    ],
    [
      'a multipart form that was parsed to an object',
      { session_id: ID },
      { field: 'a.session_id', type: 'multipart/form-data; boundary=x' },
    ],
  ])('is read from a body that is %s', (_name, body, { field, type } = {}) => {
    const headers = type ? { 'content-type': type } : {}
    expect(rumSessionOf({ headers, url: '/' }, body, field ? { field } : undefined)).toEqual({
      sessionId: ID,
      tags: {},
    })
  })

  it.each<[string, string | undefined]>([
    [' application/x-www-form-urlencoded', ID],
    ['\t Multipart/Form-Data', ID],
    ['application/x-www-form-urlencodedx', undefined],
    ['x-application/x-www-form-urlencoded', undefined],
    ['text/plain; multipart/form-data', undefined],
    ['application/json', undefined],
    ['', undefined],
  ])('is read from the top of an object for a dotted field where %j says that it was a form', (type, expected) => {
    const request = { headers: { 'content-type': type } }
    expect(rumSessionOf(request, { session_id: ID }, { field: 'a.session_id' }).sessionId).toBe(expected)
  })

  // Made in the test: the runner formats what stands in tables.
  it.each<[string, () => unknown]>([
    ['a list', () => [{ session_id: ID }]],
    ['JSON of a list', () => `[{"session_id":"${ID}"}]`],
    ['JSON that is cut', () => `{"session_id":"${ID}"`],
    ['an object that inherits it', () => Object.create({ session_id: ID })],
    ['a number', () => 5],
    ['null', () => null],
    ['a function', () => Object.assign(() => {}, { session_id: ID })],
    ['an id in an object', () => ({ session_id: { toString: () => ID } })],
    ['a file of @fastify/multipart', () => ({ session_id: { type: 'file', value: ID } })],
    ['a file of a multipart form', () => multipart('session_id', '; filename="a"')],
    ['the text of another part', () => multipart('id').replaceAll('"id"', '"session_id"').split(`--x-1\r\ncont`)[0]],
    ['a multipart form that is cut', () => multipart().slice(0, -50)],
    ['a multipart form with another name', () => multipart('a_session_id')],
    ['an id with a newline', () => ({ session_id: `${ID}\n` })],
    ['the last part of a path, in JSON', () => '{"b":{"session_id":1}}'],
    ['a getter that throws', () => withGetter('session_id')],
    ['a proxy that throws', () => hostile()],
    ['JSON of great depth', () => '{"session_id":'.repeat(200_000)],
  ])('is none in a body that is %s, and the next place counts', (_name, makeBody) => {
    expect(rumSessionOf({ headers: { baggage }, url: '/' }, makeBody())).toEqual({ sessionId: B, tags: {} })
  })

  const message = new IncomingMessage(new Socket())
  message.url = '/chat'
  message.headers = { baggage }
  it.each<[string, () => object]>([
    ['an IncomingMessage', () => message],
    ['a web Request', () => new Request('https://a.test/chat', { headers: { baggage } })],
    ['Headers and a URL', () => ({ headers: new Headers({ Baggage: baggage }), url: new URL('https://a.test') })],
    ['a Map', () => ({ headers: new Map([['baggage', baggage]]), url: '' })],
    ['names in upper case', () => ({ headers: { Baggage: baggage } })],
    ['names in upper case, behind others', () => ({ headers: { Other: `session.id=${ID}`, Baggage: baggage } })],
    ['lines of the same header', () => ({ headers: { baggage: ['a=1', baggage] } })],
    ['headers of which one is named get', () => ({ headers: { get: 'x', baggage } })],
    ['headers that inherit', () => ({ headers: Object.create({ baggage }) })],
    ['a query alone, absolute', () => ({ url: `https://a.test/?session_id=${B}` })],
    ['a query alone, in a URL', () => ({ url: new URL(`https://a.test/?session_id=${B}#h`) })],
    [
      'the headers of an event of AWS',
      () => ({ headers: { a: '1' }, multiValueHeaders: { Baggage: ['a=1', baggage] } }),
    ],
    ['an event of AWS without other headers', () => ({ headers: null, multiValueHeaders: { baggage: [baggage] } })],
    ['rawQueryString', () => ({ rawPath: '/', rawQueryString: `a=1&session%5Fid=${B}` })],
    [
      'queryStringParameters',
      () => ({ multiValueQueryStringParameters: null, queryStringParameters: { session_id: B } }),
    ],
    ['multiValueQueryStringParameters', () => ({ multiValueQueryStringParameters: { session_id: ['no', B] } })],
    ['a parsed query', () => ({ url: '/rewritten', query: { session_id: B } })],
    ['a request whose query throws', () => withGetter('query', { queryStringParameters: { session_id: B } })],
    ['a request whose URL throws', () => withGetter('url', { headers: { baggage } })],
    ['headers that throw for another name', () => ({ headers: withGetter('tracestate', { baggage }), url: '/' })],
    ['a request whose headers throw', () => withGetter('headers', { url: `/?session_id=${B}` })],
  ])('is read from %s', (_name, makeRequest) => {
    expect(rumSessionOf(makeRequest()).sessionId).toBe(B)
  })

  it('is read from the body of an event of AWS, in Base64 or not', () => {
    const text = `{"session_id":"${ID}"}`
    for (const event of [
      { headers: null, body: text, isBase64Encoded: false },
      { headers: null, body: Buffer.from(text).toString('base64'), isBase64Encoded: true },
    ]) {
      expect(rumSessionOf(event as object, event.body).sessionId).toBe(ID)
    }
  })

  it.each<[string, string]>([
    ['JSON', `{"messages":[${'{"role":"user","content":"h\\u00e4? 1 + 1 = 100 %"},'.repeat(900_000)}{}]}`],
    ['a form', `a=1&${'message=h%C3%A4+&'.repeat(3_000_000)}`],
    ['a multipart form', `--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'%+ '.repeat(16_000_000)}\r\n--x--`],
  ])('costs little in 50 MB of %s that cannot hold the name', (_name, text) => {
    for (const body of [text, Buffer.from(text)]) {
      const parse = vi.spyOn(JSON, 'parse')
      const start = performance.now()
      expect(rumSessionOf({ headers: { baggage } }, body).sessionId).toBe(B)
      expect(parse).not.toHaveBeenCalled()
      expect(performance.now() - start).toBeLessThan(1000)
      parse.mockRestore()
    }
  })

  it('is read from the request of a WebSocket upgrade', async () => {
    const server = createServer()
    const port = new URL(await listen(server, 0)).port
    const upgraded = new Promise<IncomingMessage>((resolve) =>
      server.on('upgrade', (request, socket) => {
        resolve(request)
        socket.destroy()
      }),
    )
    connect(Number(port), '127.0.0.1').write(
      `GET /chat?session_id=${Q} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    )
    expect(rumSessionOf(await upgraded).sessionId).toBe(Q)
    server.close()
  })

  it('is none in what is no request', () => {
    for (const request of [
      undefined,
      null,
      5,
      'text',
      [],
      () => {},
      { headers: 5, url: 5 },
      { headers: null },
      hostile(),
    ]) {
      expect(rumSessionOf(request as object)).toStrictEqual({ tags: {} })
    }
  })

  it('is none in headers of other names', () => {
    expect(rumSessionOf({ headers: { undefined: baggage, null: baggage, '': baggage } })).toStrictEqual({ tags: {} })
  })

  it('is looked for by the default name where the options are none', () => {
    for (const options of [null, 5, { field: '' }, { field: {} }, withGetter('field')]) {
      expect(rumSessionOf({}, { session_id: ID }, options as { field: string }).sessionId).toBe(ID)
    }
  })

  it('is never anything but a UUID, and nothing throws, whatever came', () => {
    const keys = fc.constantFrom('session_id', 'baggage', 'tracestate', 'x-datadog-tags', 'content-type', 'get')
    const values = fc.oneof(
      fc.string(),
      fc.constantFrom(baggage, HEADERS.tracestate, ID, `session_id=${ID}`),
      fc.jsonValue(),
    )
    const objects = fc.dictionary(keys, values)
    fc.assert(
      fc.property(objects, values, fc.oneof(objects, values), (headers, url, body) => {
        const { sessionId, tags } = rumSessionOf({ headers, url: url as string }, body)
        expect(sessionId ?? ID).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i)
        expect(Object.values(tags).every((tag) => tag.length <= 200)).toBe(true)
      }),
    )
  })
})

describe('user and account', () => {
  it.each<[string, Record<string, string>]>([
    ['user.id=u,account.id=a', { 'usr.id': 'u', 'usr.account_id': 'a' }],
    ['user.id=J%C3%BCrgen%20M%2C', { 'usr.id': 'Jürgen M,' }],
    ['user.id=,user.id=u;p=1,=', { 'usr.id': 'u' }],
    ['user.id=one,user.id=two', { 'usr.id': 'two' }],
    [`user.id=${'x'.repeat(200)}`, { 'usr.id': 'x'.repeat(200) }],
    [`user.id=${'x'.repeat(201)}`, {}],
    ['user.id=a%0Ab,account.id=%E2%80%A8', {}],
    ['user.id=%0Aa,account.id=a%E2%80%A9', {}],
    ['user.id=good,user.id=a%00,account.id=%7F', { 'usr.id': 'good' }],
    ['account.name=a,user.name=u', {}],
    ['', {}],
  ])('in %s are the tags %j', (header, tags) => {
    expect(rumSessionOf({ headers: { baggage: header } })).toEqual({ tags })
  })
})
