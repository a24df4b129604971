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
