/**
 * Makes a call in the page. Uses nothing from outside the function, because only its text is sent.
 */
export type PageCall = (url: string) => unknown

export const get: PageCall = (url) => fetch(url)
export const xhr: PageCall = (url) =>
  new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', url)
    xhr.onloadend = resolve
    xhr.send()
  })

/** Unlike those of {@link UNWAITED}, these two stay open until the server has answered. */
export const eventSource: PageCall = (url) => {
  const source = new EventSource(url)
  source.onerror = () => source.close()
}
export const webSocket: PageCall = (url) => {
  const socket = new WebSocket(url)
  socket.onopen = () => socket.close()
}

/** Calls by transports that do not wait for RUM to start, and the methods with which they go out. */
export const UNWAITED: Array<[name: string, call: PageCall, method: string, carrier: 'body' | 'query']> = [
  [
    'XHR',
    (url) => {
      const xhr = new XMLHttpRequest()
      xhr.open('put', url)
      xhr.send('{}')
    },
    'PUT',
    'body',
  ],
  [
    'XHR, by a method that ends as one without a body',
    (url) => {
      const xhr = new XMLHttpRequest()
      xhr.open('TARGET', url)
      xhr.send('{}')
    },
    'TARGET',
    'body',
  ],
  ['sendBeacon', (url) => void navigator.sendBeacon(url, '{}'), 'POST', 'body'],
  ['EventSource', (url) => new EventSource(url).close(), 'GET', 'query'],
  ['WebSocket', (url) => new WebSocket(url).close(), 'GET', 'query'],
]

/**
 * Calls to a URL in each way in which a page can write it. They end when they are answered or refused, with the status,
 * the URL of a connection, or what `sendBeacon` returns.
 */
export const CALLS = {
  fetch: (url) => fetch(url).then(({ status }) => status),
  'fetch of a URL': (url) => fetch(new URL(url, location.href)).then(({ status }) => status),
  'fetch of a Request': (url) => fetch(new Request(url)).then(({ status }) => status),
  'fetch of a copied Request': (url) =>
    fetch(new Request(new Request(url)).clone(), { headers: { 'x-a': '1' } }).then(({ status }) => status),
  'fetch of a Request of JSON': (url) => {
    const headers = { 'content-type': 'application/json' }
    return fetch(new Request(url, { method: 'POST', headers, body: '{"a":1}' })).then(({ status }) => status)
  },
  'fetch of text': (url) => fetch(url, { method: 'POST', body: '{"a":1}' }).then(({ status }) => status),
  'fetch of JSON': (url) => {
    const headers = { 'content-type': 'application/json' }
    return fetch(url, { method: 'POST', headers, body: '{"a":1}' }).then(({ status }) => status)
  },
  'fetch of HTML': (url) => {
    const headers = { 'content-type': 'text/html' }
    return fetch(url, { method: 'POST', headers, body: 'a' }).then(({ status }) => status)
  },
  'fetch of a Blob': (url) => {
    const body = new Blob(['{"a":1}'], { type: 'application/json' })
    return fetch(url, { method: 'POST', body }).then(({ status }) => status)
  },
  XHR: (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      xhr.onloadend = () => resolve(xhr.status)
      xhr.send()
    }),
  'XHR of a URL': (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', new URL(url, location.href))
      xhr.onloadend = () => resolve(xhr.status)
      xhr.send()
    }),
  'XHR of text': (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', url)
      xhr.onloadend = () => resolve(xhr.status)
      xhr.send('a')
    }),
  'XHR of JSON': (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', url)
      xhr.setRequestHeader('content-type', 'application/json')
      xhr.onloadend = () => resolve(xhr.status)
      xhr.send('{"a":1}')
    }),
  'sync XHR': (url) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', url, false)
    xhr.send()
    return xhr.status
  },
  EventSource: (url) =>
    new Promise((resolve) => {
      const source = new EventSource(url)
      source.onopen = source.onerror = () => {
        source.close()
        resolve(source.url)
      }
    }),
  WebSocket: (url) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url)
      socket.onopen = socket.onerror = () => {
        socket.close()
        resolve(socket.url)
      }
    }),
  sendBeacon: (url) => navigator.sendBeacon(url),
  'sendBeacon of text': (url) => navigator.sendBeacon(url, '{"a":1}'),
} satisfies Record<string, PageCall>
export type CallName = keyof typeof CALLS
