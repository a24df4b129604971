import { page, server } from './settings.js'

export const VERSION = 1

/** A client of its own, which a hot reload replaces. */
export function ask(what, transport) {
  const url = `${server}/agent/${page}/${what}/${transport}/${VERSION}`
  const body = '{"a":1}'
  const headers = { 'content-type': 'application/json' }
  if (transport === 'fetch') {
    return fetch(url, { method: 'POST', headers, body }).then((response) => response.text())
  }
  const xhr = new XMLHttpRequest()
  xhr.open('POST', url)
  xhr.setRequestHeader('content-type', 'application/json')
  xhr.send(body)
}
