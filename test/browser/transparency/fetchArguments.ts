import type { Unchecked } from '../../support/outcome.js'

/** In the page: a call of `fetch`, or of what is none. `throwing` is a value whose conversion to a text throws. */
export type FetchCall = (values: { url: string; throwing: Unchecked }) => unknown

/** Calls by what they are made with. A browser refuses most of them. */
export const FETCH_CALLS: Array<[name: string, call: FetchCall]> = [
  ['no argument', () => (fetch as Unchecked)()],
  ['undefined', () => fetch(undefined as Unchecked)],
  ['null', () => fetch(null as Unchecked)],
  ['a number', () => fetch(7 as Unchecked)],
  ['a symbol', () => fetch(Symbol() as Unchecked)],
  ['an object', ({ url }) => fetch({ toString: () => url } as Unchecked)],
  ['an object whose toString throws', ({ throwing }) => fetch(throwing)],
  ['an object without toString', () => fetch(Object.create(null))],
  ['an invalid URL', () => fetch('http://')],
  ['a URL with credentials', ({ url }) => fetch(`http://user:password@${location.host}${url}`)],
  ['a URL of an unknown scheme', () => fetch('unknown:x')],
  ['a number as init', ({ url }) => fetch(url, 7 as Unchecked)],
  ['a string as init', ({ url }) => fetch(url, 'POST' as Unchecked)],
  ['null as init', ({ url }) => fetch(url, null as Unchecked)],
  ['undefined as init', ({ url }) => fetch(url, undefined)],
  [
    'a function as init',
    ({ url }) =>
      fetch(
        url,
        Object.assign(() => {}, { method: 'PUT' }),
      ),
  ],
  ['further arguments', ({ url }) => (fetch as Unchecked)(url, {}, {}, 1)],
  [
    'an init whose getter throws',
    ({ url }) =>
      fetch(url, {
        get method(): string {
          throw new RangeError('on purpose')
        },
      }),
  ],
  [
    'an init whose body getter throws',
    ({ url }) =>
      fetch(url, {
        method: 'POST',
        get body(): string {
          throw new RangeError('on purpose')
        },
      }),
  ],
  [
    'headers whose getter throws',
    ({ url }) =>
      fetch(url, {
        headers: {
          get a(): string {
            throw new RangeError('on purpose')
          },
        },
      }),
  ],
  ['a GET with a body', ({ url }) => fetch(url, { body: 'x' })],
  ['an invalid method', ({ url }) => fetch(url, { method: 'a b' })],
  ['a forbidden method', ({ url }) => fetch(url, { method: 'CONNECT' })],
  ['a symbol as method', ({ url }) => fetch(url, { method: Symbol() as Unchecked })],
  ['an invalid header name', ({ url }) => fetch(url, { headers: { 'a b': 'c' } })],
  ['an invalid header value', ({ url }) => fetch(url, { headers: { a: 'b\n\u0000c' } })],
  ['a header value beyond Latin-1', ({ url }) => fetch(url, { headers: { a: 'ł' } })],
  ['a tuple of one', ({ url }) => fetch(url, { headers: [['a']] as Unchecked })],
  ['a number as headers', ({ url }) => fetch(url, { headers: 7 as Unchecked })],
  ['null as headers', ({ url }) => fetch(url, { headers: null as Unchecked })],
  ['an unknown mode', ({ url }) => fetch(url, { mode: 'x' as Unchecked })],
  ['mode navigate', ({ url }) => fetch(url, { mode: 'navigate' })],
  ['an unknown credentials value', ({ url }) => fetch(url, { credentials: 'x' as Unchecked })],
  ['an unknown cache value', ({ url }) => fetch(url, { cache: 'x' as Unchecked })],
  ['cache only-if-cached across origins', ({ url }) => fetch(url, { cache: 'only-if-cached' })],
  ['an unknown redirect value', ({ url }) => fetch(url, { redirect: 'x' as Unchecked })],
  ['an invalid referrer', ({ url }) => fetch(url, { referrer: 'http://' })],
  ['an unknown referrerPolicy', ({ url }) => fetch(url, { referrerPolicy: 'x' as Unchecked })],
  ['a number as signal', ({ url }) => fetch(url, { signal: 7 as Unchecked })],
  ['a window', ({ url }) => fetch(url, { window: window as Unchecked })],
  ['a wrong integrity', ({ url }) => fetch(url, { integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' })],
  ['no-cors with a method that it forbids', ({ url }) => fetch(url, { mode: 'no-cors', method: 'PUT' })],
  ['a symbol as body', ({ url }) => fetch(url, { method: 'POST', body: Symbol() as Unchecked })],
  ['an object as body', ({ url }) => fetch(url, { method: 'POST', body: { a: 1 } as Unchecked })],
  ['a stream without duplex', ({ url }) => fetch(url, { method: 'POST', body: new ReadableStream() })],
  [
    'a stream over HTTP/1.1',
    ({ url }) => fetch(url, { method: 'POST', duplex: 'half', body: new Blob(['x']).stream() } as RequestInit),
  ],
  [
    'a locked stream',
    ({ url }) => {
      const body = new ReadableStream()
      body.getReader()
      return fetch(url, { method: 'POST', duplex: 'half', body } as RequestInit)
    },
  ],
  [
    'a stream with keepalive',
    ({ url }) =>
      fetch(url, { method: 'POST', duplex: 'half', keepalive: true, body: new ReadableStream() } as RequestInit),
  ],
  [
    'a detached buffer',
    ({ url }) => {
      const body = new ArrayBuffer(8)
      structuredClone(body, { transfer: [body] })
      return fetch(url, { method: 'POST', body })
    },
  ],
  [
    'a keepalive body beyond the limit',
    ({ url }) => fetch(url, { method: 'POST', keepalive: true, body: 'x'.repeat(70_000) }),
  ],
  ['an aborted signal', ({ url }) => fetch(url, { signal: AbortSignal.abort() })],
  ['a signal aborted with a reason', ({ url }) => fetch(url, { signal: AbortSignal.abort('the reason') })],
  [
    'a signal that aborts at once',
    ({ url }) => {
      const controller = new AbortController()
      const promise = fetch(url, { signal: controller.signal })
      controller.abort(new RangeError('now'))
      return promise
    },
  ],
  [
    'an aborted Request',
    ({ url }) => fetch(new Request(url, { signal: AbortSignal.abort(), method: 'POST', body: '{}' })),
  ],
  [
    'a used Request',
    ({ url }) => {
      const request = new Request(url, { method: 'POST', body: 'x' })
      request.text()
      return fetch(request)
    },
  ],
  [
    'a used JSON Request',
    ({ url }) => {
      const headers = { 'content-type': 'application/json' }
      const request = new Request(url, { method: 'POST', body: '{}', headers })
      fetch(request).catch(() => {})
      return fetch(request)
    },
  ],
  [
    'a locked Request',
    ({ url }) => {
      const request = new Request(url, { method: 'POST', body: 'x' })
      request.body?.getReader()
      return fetch(request)
    },
  ],
  [
    'a used Request with a body of its own',
    ({ url }) => {
      const request = new Request(url, { method: 'POST', body: 'x' })
      request.text()
      return fetch(request, { body: '{}' })
    },
  ],
  ['a Request and a wrong init', ({ url }) => fetch(new Request(url), { method: 'a b' })],
  [
    'a Request with a body made a GET',
    ({ url }) => fetch(new Request(url, { method: 'POST', body: 'x' }), { method: 'GET' }),
  ],
  [
    'a Request as init',
    ({ url }) => {
      const init = { method: 'POST', body: 'x', headers: { a: 'b' }, duplex: 'half' }
      return fetch(url, new Request(url, init) as RequestInit)
    },
  ],
  ['a Response as input', () => fetch(new Response() as Unchecked)],
  ['this undefined', ({ url }) => fetch.call(undefined as Unchecked, url)],
  ['this null', ({ url }) => fetch.call(null as Unchecked, url)],
  ['this an object', ({ url }) => fetch.call({} as Unchecked, url)],
  ['this another object that has it', ({ url }) => ({ fetch }).fetch(url)],
  ['this and no argument', () => (fetch as Unchecked).call({})],
  ['apply without arguments', () => (fetch as Unchecked).apply(window)],
  ['bind', ({ url }) => fetch.bind(window)(url)],
  ['new', ({ url }) => new (fetch as Unchecked)(url)],
]
