import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

/** A library below the plugin that runs `nested`, as one that reports or mirrors calls does, before it passes a call on. */
const LIBRARY: Source = `
  function nest() {
    const { nested } = window
    window.nested = undefined
    nested?.()
  }
  const patch = (owner, name) => {
    const inner = owner[name]
    owner[name] = function (...args) { nest(); return inner.apply(this, args) }
  }
  patch(window, 'fetch')
  patch(XMLHttpRequest.prototype, 'open')
  patch(XMLHttpRequest.prototype, 'send')
  patch(Navigator.prototype, 'sendBeacon')
  for (const name of ['EventSource', 'WebSocket']) {
    window[name] = new Proxy(window[name], {
      construct(target, args, newTarget) { nest(); return Reflect.construct(target, args, newTarget) },
    })
  }`

const CALLS = {
  'fetch(string)': (url) => `fetch('${url}')`,
  'window.fetch(string)': (url) => `window.fetch('${url}')`,
  'fetch(Request)': (url) => `fetch(new Request('${url}'))`,
  'fetch(URL)': (url) => `fetch(new URL('${url}', location.href), { method: 'POST', body: 'text' })`,
  XHR: (url) => `{ const xhr = new XMLHttpRequest(); xhr.open('GET', '${url}'); xhr.send() }`,
  sendBeacon: (url) => `navigator.sendBeacon('${url}', 'text')`,
  EventSource: (url) => `{ const source = new EventSource('${url}'); source.onerror = () => source.close() }`,
  WebSocket: (url) => `{ const socket = new WebSocket('${url}'); socket.onopen = () => socket.close() }`,
} satisfies Record<string, (url: string) => Source>
type Kind = keyof typeof CALLS
const KINDS = Object.keys(CALLS) as Kind[]
const OUTER: Kind[] = ['window.fetch(string)', 'fetch(Request)', 'XHR', 'sendBeacon', 'EventSource', 'WebSocket']

let count = 0

/** Makes a call within another one, and gives what arrived of both. */
async function nest(page: TestPage, outer: (nested: Source, url: string) => Source, base: string, kind: Kind) {
  const path = `${++count}`
  await page.evaluate(outer(CALLS[kind](`/agent/nested/${path}`), `${base}/outer/${path}`))
  return {
    inner: await stage.site.only(`/agent/nested/${path}`),
    outer: await stage.site.only(`${base}/outer/${path}`),
  }
}

describe.each(RUM_SDKS)('with RUM SDK $version and a library below the plugin', ({ version, rum }) => {
  let page: TestPage
  let id: string
  beforeAll(async () => {
    page = await stage.open({ rum, before: LIBRARY, correlation: "{ origins: ['/agent'], carrier: 'query' }" })
    id = await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each(
    OUTER.flatMap((outer) => KINDS.map((kind) => ({ kind, outer }))).filter(
      // All of them once; with the older SDKs, which put their patches elsewhere, fetch and XHR.
      ({ outer, kind }) => version === 7 || [outer, kind].every((call) => /fetch|XHR/.test(call)),
    ),
  )('$kind that it makes on the way of $outer carries the id once, and so does that', async ({ kind, outer }) => {
    for (const base of ['/plain', '/agent']) {
      const make = (nested: Source, url: string) =>
        `nested = () => ${nested.startsWith('{') ? nested : `void ${nested}`}; void 0; ${CALLS[outer](url)}; void 0`
      const requests = await nest(page, make, base, kind)
      expect(requests.inner.query, base).toBe(`session_id=${id}`)
      expect(requests.outer.query, base).toBe(base === '/agent' ? `session_id=${id}` : undefined)
    }
    expect(page.errors).toEqual([])
  })

  it.each<[name: string, outer: (url: string) => Source]>([
    ['a getter of an init', (url) => `fetch('${url}', { get method() { own(); return 'GET' } })`],
    ['a URL that is read', (url) => `fetch({ toString() { own(); return '${url}' } })`],
    ['headers that are read', (url) => `fetch('${url}', { headers: { get 'x-own'() { own(); return '1' } } })`],
  ])("a call that the page's own code makes out of %s carries the id", async (_, outer) => {
    for (const kind of KINDS) {
      // RUM may read them as well, and so more than once.
      const make = (nested: Source, url: string) =>
        `{ let isFirst = true; var own = () => { if (isFirst) { isFirst = false; ${nested} } } }; ${outer(url)}; void 0`
      const { inner } = await nest(page, make, '/plain', kind)
      expect(inner.query, kind).toBe(`session_id=${id}`)
    }
  })
})

it.each(CARRIERS)(
  'an XHR that a library sends on the way of the send of another has the id, with carrier %s',
  async (carrier) => {
    const page = await stage.open({
      before: `const { send } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.send = function (...args) {
        const { nested } = window
        window.nested = undefined
        nested?.()
        return send.apply(this, args)
      }`,
      correlation: ENTRY_PER_CARRIER,
    })
    const id = await page.sessionId()
    for (const call of [
      CALLS.XHR,
      (url: string) => CALLS.XHR(url).replace('GET', 'POST').replace('send()', "send('{}')"),
    ]) {
      const path = `/agent/${carrier}/${++count}`
      await page.evaluate(`nested = () => ${call(`${path}/nested`)}; void 0; ${call(`${path}/outer`)}; void 0`)
      for (const name of ['nested', 'outer']) {
        expect(placesOf(await stage.site.only(`${path}/${name}`), id), name).toHaveLength(1)
      }
    }
    await page.close()
  },
)

describe('with a library below the plugin that passes a call through window.fetch once more', () => {
  const AGAIN: Source = `{
    const inner = window.fetch
    let isSecond = false
    window.fetch = function (...args) {
      if (isSecond) { return inner.apply(this, args) }
      isSecond = true
      try { return window.fetch(...args) } finally { isSecond = false }
    }
  }`
  it.each(['body', 'query', 'baggage', 'trace-tags'])('the id arrives once with carrier %s', async (carrier) => {
    const page = await stage.open({ before: AGAIN, correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
    const id = await page.sessionId()
    for (const [index, call] of [
      "fetch(PATH, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })",
      "fetch(new Request(PATH, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }))",
      'fetch(PATH)',
    ].entries()) {
      const path = `/agent/again/${carrier}/${index}`
      await page.evaluate(`${call.replace('PATH', `'${path}'`)}.then((response) => response.text())`)
      expect(placesOf(await stage.site.only(path), id), call).toHaveLength(1)
    }
    expect(page.console).toEqual([])
    await page.close()
  })
})
