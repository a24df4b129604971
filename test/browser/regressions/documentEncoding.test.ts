import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, startAlone } from '../../support/alone.js'
import { openPage, type Source, type TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER } from '../../support/rumSdks.js'
import { times, useStage } from '../../support/stage.js'

const stage = useStage()
const CHARSETS = ['windows-1252', 'shift_jis', 'utf-8'] as const
const pages = new Map<string, TestPage>()

beforeAll(async () => {
  for (const charset of CHARSETS) {
    for (const kind of ['native', 'agent']) {
      const path = `/encoded/${charset}/${kind}.html`
      stage.site.respond(path, (_, response) => {
        response.writeHead(200, { 'content-type': `text/html; charset=${charset}` })
        response.end(
          `<!doctype html><link rel="icon" href="data:,"><title>Test page</title>${
            kind === 'native'
              ? ''
              : `<script src="/files/dist/rum-llm-correlation.iife.js"></script><script>${startAlone(`origins: ${ENTRY_PER_CARRIER}`)}</script>`
          }`,
        )
      })
      pages.set(`${charset} ${kind}`, await openPage(stage.browser, stage.site.origin + path))
    }
  }
})

/** Calls that end when they have arrived, with `TEXT` for their URL. */
const CALLS: Record<string, Source> = {
  fetch: 'fetch(TEXT)',
  'fetch of a Request': 'fetch(new Request(TEXT))',
  'fetch of a URL': 'fetch(new URL(TEXT, location))',
  'fetch of a Blob': `fetch(TEXT, { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })`,
  XHR: `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', TEXT)
    xhr.onloadend = resolve
    xhr.send()
  })`,
  'XHR of a URL': `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', new URL(TEXT, location))
    xhr.onloadend = resolve
    xhr.send()
  })`,
  'XHR of JSON': `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', TEXT)
    xhr.setRequestHeader('content-type', 'application/json')
    xhr.onloadend = resolve
    xhr.send('{"a":1}')
  })`,
  'sync XHR': `(() => { const xhr = new XMLHttpRequest(); xhr.open('GET', TEXT, false); xhr.send() })()`,
  EventSource: `new Promise((resolve) => {
    const source = new EventSource(TEXT)
    source.onerror = () => { source.close(); resolve() }
  })`,
  WebSocket: `new Promise((resolve) => {
    const socket = new WebSocket(TEXT)
    socket.onopen = () => { socket.close(); resolve() }
    socket.onerror = resolve
  })`,
  sendBeacon: 'navigator.sendBeacon(TEXT)',
}

/** In the page's text: a letter of Western Europe, one of Japan, one beyond, and what is encoded already. */
const QUERY = '?q=\\u00e4\\u3042\\ud83d\\ude00%E4%3F&r=+#\\u00e4'

let count = 0

describe('the query of the page is encoded as the browser alone encodes it', () => {
  it.each(times(CHARSETS, times(CARRIERS, Object.keys(CALLS))))(
    'in a page of %s: %s',
    async (charset, [carrier, name]) => {
      count += 1
      const call = async (kind: 'native' | 'agent') => {
        const path = `/${kind}/${carrier}/${count}/\\u00fc`
        const query = name === 'WebSocket' ? QUERY.replace(/#.*/, '') : QUERY
        const page = pages.get(`${charset} ${kind}`) as TestPage
        await page.evaluate(`(async () => { await ${(CALLS[name] as Source).replace('TEXT', `'${path}${query}'`)} })()`)
        return stage.site.only(path.replace('\\u00fc', '%C3%BC'))
      }
      const expected = await call('native')
      const actual = await call('agent')
      expect(actual.query?.replace(/&session_id=[\w-]+$/, '')).toBe(expected.query)
      expect(JSON.stringify([actual, actual.text])).toContain(ALONE_ID)
    },
  )
})
