/** In the page: calls that the browser refuses. They fail with an error that has a stack. */
export const FAILING = {
  fetch: (path: string) => fetch(`http://127.0.0.1:1${path}`),
  'a synchronous XHR': (path: string) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', `http://127.0.0.1:1${path}`, false)
    xhr.send()
  },
  WebSocket: (path: string) => new WebSocket(new URL(path, location.href.replace('http', 'ws')), 'wrong protocol'),
  EventSource: (path: string) =>
    new EventSource(path, {
      get withCredentials(): boolean {
        throw new Error('of the page')
      },
    }),
}
