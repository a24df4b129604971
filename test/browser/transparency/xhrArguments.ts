import type { Unchecked } from '../../support/outcome.js'

/** In the page: a call with a new XHR, to a URL. `throwing` is a value whose conversion to a text throws. */
export type XhrCall = (xhr: XMLHttpRequest, url: string, throwing: Unchecked) => unknown

/** Calls by what is done with the XHR. A browser refuses many of them. */
export const XHR_CALLS: Array<[name: string, call: XhrCall]> = [
  ['open without arguments', (xhr) => (xhr as Unchecked).open()],
  ['open with a method alone', (xhr) => (xhr as Unchecked).open('GET')],
  ['open with an invalid method', (xhr, url) => xhr.open('a b', url)],
  ['open with a forbidden method', (xhr, url) => xhr.open('TRACE', url)],
  ['open with a symbol', (xhr, url) => xhr.open(Symbol() as Unchecked, url)],
  ['open with an invalid URL', (xhr) => xhr.open('GET', 'http://')],
  ['open with a URL whose toString throws', (xhr, _, throwing) => xhr.open('GET', throwing)],
  ['open with a method whose toString throws', (xhr, url, throwing) => xhr.open(throwing, url)],
  ['open alone', (xhr, url) => xhr.open('GET', url)],
  ['open returning nothing', (xhr, url) => xhr.open('GET', url, true)],
  [
    'open twice',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.open('POST', url)
    },
  ],
  ['send before open', (xhr) => xhr.send()],
  [
    'send',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.send()
    },
  ],
  [
    'send of undefined',
    (xhr, url) => {
      xhr.open('POST', url)
      xhr.send(undefined)
    },
  ],
  [
    'send of an object',
    (xhr, url) => {
      xhr.open('POST', url)
      xhr.send({ a: 1 } as Unchecked)
    },
  ],
  [
    'send of a number',
    (xhr, url) => {
      xhr.open('POST', url)
      xhr.send(7 as Unchecked)
    },
  ],
  [
    'send of a symbol',
    (xhr, url) => {
      xhr.open('POST', url)
      xhr.send(Symbol() as Unchecked)
    },
  ],
  [
    'send of JSON',
    (xhr, url) => {
      xhr.open('POST', url)
      xhr.setRequestHeader('content-type', 'application/json')
      xhr.send('{}')
    },
  ],
  [
    'send of a Blob',
    (xhr, url) => {
      xhr.open('POST', url)
      xhr.send(new Blob(['{}'], { type: 'application/json' }))
    },
  ],
  [
    'send with too many arguments',
    (xhr, url) => {
      xhr.open('POST', url)
      ;(xhr as Unchecked).send('{}', 1, 2)
    },
  ],
  [
    'send twice',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.send()
      xhr.send()
    },
  ],
  ['a header before open', (xhr) => xhr.setRequestHeader('a', 'b')],
  [
    'a header without a value',
    (xhr, url) => {
      xhr.open('GET', url)
      ;(xhr as Unchecked).setRequestHeader('a')
    },
  ],
  [
    'an invalid header name',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.setRequestHeader('a b', 'c')
    },
  ],
  [
    'an invalid header value',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.setRequestHeader('a', 'b\n\u0000c')
    },
  ],
  [
    'a forbidden header',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.setRequestHeader('cookie', 'c')
      xhr.send()
    },
  ],
  [
    'a header after send',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.send()
      xhr.setRequestHeader('a', 'b')
    },
  ],
  [
    'a synchronous call',
    (xhr, url) => {
      xhr.open('GET', url, false)
      xhr.send()
    },
  ],
  [
    'a synchronous call by undefined',
    (xhr, url) => {
      xhr.open('GET', url, undefined as Unchecked)
      xhr.send()
    },
  ],
  [
    'a synchronous call by null',
    (xhr, url) => {
      xhr.open('GET', url, null as Unchecked, null, null)
      xhr.send()
    },
  ],
  [
    'a synchronous call with a response type',
    (xhr, url) => {
      xhr.open('GET', url, false)
      xhr.responseType = 'json'
    },
  ],
  [
    'a response type before a synchronous open',
    (xhr, url) => {
      xhr.responseType = 'json'
      xhr.open('GET', url, false)
    },
  ],
  [
    'a synchronous call with a timeout',
    (xhr, url) => {
      xhr.open('GET', url, false)
      xhr.timeout = 1
    },
  ],
  [
    'user and password',
    (xhr, url) => {
      xhr.open('GET', url, true, 'user', 'password')
      xhr.send()
    },
  ],
  [
    'null for user and password',
    (xhr, url) => {
      xhr.open('GET', url, true, null, null)
      xhr.send()
    },
  ],
  [
    'abort after open',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.abort()
    },
  ],
  [
    'abort after send',
    (xhr, url) => {
      xhr.open('POST', url)
      xhr.send('{}')
      xhr.abort()
    },
  ],
  [
    'open again while one is under way',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.send()
      xhr.open('POST', url)
      xhr.send('{}')
    },
  ],
  [
    'send inside readystatechange',
    (xhr, url) => {
      xhr.addEventListener('readystatechange', () => xhr.readyState === 1 && xhr.send(), { once: true })
      xhr.open('GET', url)
    },
  ],
  [
    'withCredentials after send',
    (xhr, url) => {
      xhr.open('GET', url)
      xhr.send()
      xhr.withCredentials = true
    },
  ],
  [
    'an unreachable server',
    (xhr) => {
      xhr.open('GET', 'http://127.0.0.1:1/agent')
      xhr.send()
    },
  ],
  ['open on a foreign object', (_, url) => (XMLHttpRequest.prototype as Unchecked).open.call({}, 'GET', url)],
  ['send on a foreign object', () => XMLHttpRequest.prototype.send.call({} as Unchecked)],
  [
    'setRequestHeader on a foreign object',
    () => XMLHttpRequest.prototype.setRequestHeader.call(null as Unchecked, 'a', 'b'),
  ],
  [
    'new open',
    (xhr, url) => {
      ;new (xhr as Unchecked).open('GET', url)
    },
  ],
  [
    'a subclass',
    (_, url) => {
      class Mine extends XMLHttpRequest {
        override send(body?: XMLHttpRequestBodyInit) {
          super.send(body)
        }
      }
      const mine = new Mine()
      mine.open('GET', url)
      mine.send()
      return mine instanceof XMLHttpRequest
    },
  ],
]
