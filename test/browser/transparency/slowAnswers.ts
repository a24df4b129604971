import { servers } from '../../support/servers.js'

let answers = 0
/** Path of an answer that sends `one`, and `two` only once `release` was called. */
export function slowAnswer() {
  const path = `/agent/slow/${++answers}`
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let isClosed = false
  servers.site.respond(path, async (_, response) => {
    response.on('close', () => {
      isClosed = true
    })
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('data: one\n\n')
    await released
    response.end('data: two\n\n')
  })
  return { path, url: servers.site.origin + path, release, isClosed: () => isClosed }
}

/** Path of an answer that does not come. */
export function neverAnswers() {
  const slow = slowAnswer()
  let isAsked = false
  let isClosed = false
  servers.site.respond(slow.path, (_, response) => {
    isAsked = true
    return new Promise<void>((resolve) =>
      response.on('close', () => {
        isClosed = true
        resolve()
      }),
    )
  })
  return { url: slow.url, isAsked: () => isAsked, isClosed: () => isClosed }
}

/** In the page: calls that a signal may abort. */
export const FETCHES: Array<[name: string, call: (url: string, init: { signal?: AbortSignal }) => Promise<Response>]> =
  [
    ['fetch(string, init)', (url, init) => fetch(url, { ...init, method: 'POST', body: '{}' })],
    ['fetch(Request)', (url, init) => fetch(new Request(url, { ...init, method: 'POST', body: '{}' }))],
    [
      'fetch of a Blob',
      (url, init) => fetch(url, { ...init, method: 'POST', body: new Blob(['{}'], { type: 'application/json' }) }),
    ],
    ['fetch of a GET', (url, init) => fetch(url, init)],
  ]
