import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, alone, NATIVE } from '../../support/alone.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { times, useStage } from '../../support/stage.js'

const stage = useStage()
/** Entries of every kind that take calls below `/agent`, once credentials are left aside. */
const ENTRIES: Record<string, Source> = {
  'a path': "'/agent'",
  'an origin': 'location.origin',
  'a RegExp': '/\\/agent\\//',
  'a function': "(url) => url.includes('/agent/')",
}
const pages = {} as Record<string, TestPage>
beforeAll(async () => {
  pages.native = await stage.open(NATIVE)
  for (const carrier of CARRIERS) {
    for (const [entry, match] of Object.entries(ENTRIES)) {
      pages[`${carrier}: ${entry}`] = await stage.open(alone(`origins: [${match}], carrier: '${carrier}', debug: true`))
    }
  }
})

const USERS = ['user:password@', 'user@', ':password@', 'user:@', '%75:p%40@']
const CALLS: Record<string, Source> = {
  fetch: `fetch(TEXT, { method: 'POST', body: '{"a":1}' })`,
  'fetch without a body': 'fetch(TEXT)',
  'fetch of a URL': 'fetch(new URL(TEXT))',
  'fetch of a Blob': `fetch(TEXT, { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })`,
  XHR: `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', TEXT)
    xhr.onloadend = () => resolve(xhr)
    xhr.send('{"a":1}')
  })`,
  'XHR of a URL': `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', new URL(TEXT))
    xhr.onloadend = () => resolve(xhr)
    xhr.send()
  })`,
  'sync XHR': `(() => { const xhr = new XMLHttpRequest(); xhr.open('GET', TEXT, false); xhr.send(); return xhr })()`,
  EventSource: `new Promise((resolve) => {
    const source = new EventSource(TEXT)
    source.onerror = () => { source.close(); resolve(source.url) }
  })`,
  WebSocket: `new Promise((resolve) => {
    const socket = new WebSocket(TEXT)
    socket.onopen = socket.onerror = () => { socket.close(); resolve(socket.url) }
  })`,
  sendBeacon: `navigator.sendBeacon(TEXT, '{"a":1}')`,
}

let count = 0
const rows = times(
  times(CARRIERS, Object.keys(ENTRIES)).map(([carrier, entry]) => `${carrier}: ${entry}`),
  Object.keys(CALLS),
)

describe('a URL with credentials never gets the id, and its refusal reads as the browser alone words it', () => {
  it.each(rows)('with %s: %s', async (name, call) => {
    for (const user of USERS) {
      const path = `/agent/${++count}`
      const url = `http://${user}127.0.0.1:${stage.site.port}${path}`
      const outcome = (page: TestPage | undefined) =>
        page?.evaluate(`(async () => {
          try {
            const result = await (${(CALLS[call] as Source).replaceAll('TEXT', `'${url}'`)})
            return String(result?.status ?? result)
          } catch (error) {
            return String(error)
          }
        })()`)
      expect(await outcome(pages[name])).toBe(await outcome(pages.native))
      const sent = stage.site.requests.filter((request) => request.path === path)
      expect(JSON.stringify(sent.map((request) => [request, request.text]))).not.toContain(ALONE_ID)
      expect(sent.map((request) => request.query)).toEqual(sent.map(() => undefined))
    }
    expect(pages[name]?.console.filter((message) => message.includes(ALONE_ID))).toEqual([])
  })
})
