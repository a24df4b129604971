import { beforeAll, describe, expect, it } from 'vitest'
import { alone, NATIVE, withoutId } from '../../support/alone.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { PATIENTLY, times, useStage } from '../../support/stage.js'

const stage = useStage()
const HELPERS: Source = `
  window.at = (path) => new URL(path, location)
  // Puts members on one object, over those of its class.
  window.own = (object, members) => Object.defineProperties(object, Object.getOwnPropertyDescriptors(members))
  window.json = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
  window.xhr = (url) => new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.onloadend = resolve
    request.send('a')
  })
  window.connect = (Connection, url) => new Promise((resolve) => {
    const connection = new Connection(url)
    connection.onopen = connection.onerror = () => { connection.close(); resolve() }
  })
  undefined`

const pages = {} as Record<string, TestPage>
beforeAll(async () => {
  pages.native = await stage.open(NATIVE)
  for (const carrier of CARRIERS) {
    pages[carrier] = await stage.open(alone(`origins: ['/agent'], carrier: '${carrier}'`))
  }
  for (const page of Object.values(pages)) {
    await page.evaluate(HELPERS)
  }
})

/** What the page calls, with `AGENT` and `PLAIN` for paths; which of them the browser contacts; whether the id has to be there. */
const CALLS: Array<[name: string, source: Source, contacted: 'AGENT' | 'PLAIN', id?: 'id']> = [
  ['a URL with an own href', 'fetch(own(at(AGENT), { href: at(PLAIN).href }))', 'AGENT', 'id'],
  ['a URL with an own href of the agent', 'fetch(own(at(PLAIN), { href: at(AGENT).href }))', 'PLAIN'],
  ['a URL with an own toString', 'fetch(own(at(AGENT), { toString: () => PLAIN }))', 'PLAIN'],
  ['a URL with an own toString of the agent', 'fetch(own(at(PLAIN), { toString: () => AGENT }))', 'AGENT'],
  ['a URL with an own toPrimitive', 'fetch(own(at(AGENT), { [Symbol.toPrimitive]: () => PLAIN }))', 'PLAIN'],
  [
    'a URL of a class with toString',
    'fetch(new (class extends URL { toString() { return PLAIN } })(at(AGENT)))',
    'PLAIN',
  ],
  [
    'a URL of a class with href',
    'fetch(new (class extends URL { get href() { return PLAIN } })(at(AGENT)))',
    'AGENT',
    'id',
  ],
  ['a URL with a tag of its own', "fetch(own(at(AGENT), { [Symbol.toStringTag]: 'Other' }))", 'AGENT'],
  [
    'what says that it is a URL',
    "fetch({ [Symbol.toStringTag]: 'URL', href: at(AGENT).href, toString: () => PLAIN })",
    'PLAIN',
  ],
  [
    'what inherits from URL',
    'fetch(own(Object.create(URL.prototype), { href: at(AGENT).href, toString: () => PLAIN }))',
    'PLAIN',
  ],
  ['an object with toString', 'fetch({ toString: () => PLAIN, url: AGENT, href: AGENT })', 'PLAIN'],
  [
    'what says that it is a Request',
    "fetch({ [Symbol.toStringTag]: 'Request', url: at(AGENT).href, headers: {}, toString: () => PLAIN })",
    'PLAIN',
  ],
  [
    'what inherits from Request',
    'fetch(own(Object.create(Request.prototype), { url: at(AGENT).href, toString: () => PLAIN }))',
    'PLAIN',
  ],
  ['a Request with an own url', 'fetch(own(new Request(AGENT), { url: at(PLAIN).href }))', 'AGENT', 'id'],
  ['a Request with an own url of the agent', 'fetch(own(new Request(PLAIN), { url: at(AGENT).href }))', 'PLAIN'],
  [
    'a Request of a class with url',
    'fetch(new (class extends Request { get url() { return at(PLAIN).href } })(AGENT))',
    'AGENT',
    'id',
  ],
  [
    'a Request of a class with the url of the agent',
    'fetch(new (class extends Request { get url() { return at(AGENT).href } })(PLAIN))',
    'PLAIN',
  ],
  [
    'a JSON Request of a class with url',
    'fetch(new (class extends Request { get url() { return at(PLAIN).href } })(AGENT, json))',
    'AGENT',
    'id',
  ],
  ['a Request with toString', 'fetch(own(new Request(AGENT), { toString: () => PLAIN }))', 'AGENT', 'id'],
  ['a Request with a tag of its own', "fetch(own(new Request(AGENT), { [Symbol.toStringTag]: 'Other' }))", 'AGENT'],
  ['a Request with an own method', "fetch(own(new Request(AGENT, json), { method: 'GET' }))", 'AGENT'],
  [
    'a Request with own headers',
    "fetch(own(new Request(AGENT, json), { headers: new Headers({ 'x-evil': '1' }) }))",
    'AGENT',
  ],
  [
    'a Request with own settings',
    "fetch(own(new Request(AGENT, json), { mode: 'no-cors', credentials: 'omit', redirect: 'error', cache: 'only-if-cached', keepalive: true, body: null, signal: AbortSignal.abort() }))",
    'AGENT',
  ],
  [
    'a Request that is read otherwise',
    "fetch(own(new Request(AGENT, json), { arrayBuffer: async () => new ArrayBuffer(1), text: async () => 'evil', clone: () => new Request(PLAIN), blob: async () => new Blob(['evil']) }))",
    'AGENT',
  ],
  ['XHR: a URL with an own href', 'xhr(own(at(AGENT), { href: at(PLAIN).href }))', 'AGENT', 'id'],
  ['XHR: a URL with an own href of the agent', 'xhr(own(at(PLAIN), { href: at(AGENT).href }))', 'PLAIN'],
  ['XHR: a URL with an own toString', 'xhr(own(at(AGENT), { toString: () => PLAIN }))', 'PLAIN'],
  [
    'XHR: what says that it is a URL',
    "xhr({ [Symbol.toStringTag]: 'URL', href: at(AGENT).href, toString: () => PLAIN })",
    'PLAIN',
  ],
  [
    'EventSource: a URL with an own href',
    'connect(EventSource, own(at(AGENT), { href: at(PLAIN).href }))',
    'AGENT',
    'id',
  ],
  [
    'EventSource: a URL with an own href of the agent',
    'connect(EventSource, own(at(PLAIN), { href: at(AGENT).href }))',
    'PLAIN',
  ],
  [
    'EventSource: a URL with an own toString',
    'connect(EventSource, own(at(AGENT), { toString: () => PLAIN }))',
    'PLAIN',
  ],
  ['WebSocket: a URL with an own href', 'connect(WebSocket, own(at(AGENT), { href: at(PLAIN).href }))', 'AGENT', 'id'],
  [
    'WebSocket: a URL with an own toString',
    'connect(WebSocket, own(at(AGENT), { toString: () => at(PLAIN).href }))',
    'PLAIN',
  ],
  [
    'sendBeacon: a URL with an own href',
    'navigator.sendBeacon(own(at(AGENT), { href: at(PLAIN).href }))',
    'AGENT',
    'id',
  ],
  [
    'sendBeacon: a URL with an own href of the agent',
    'navigator.sendBeacon(own(at(PLAIN), { href: at(AGENT).href }))',
    'PLAIN',
  ],
  [
    'sendBeacon: a URL with an own toString',
    'navigator.sendBeacon(own(at(AGENT), { toString: () => PLAIN }))',
    'PLAIN',
  ],
]

let count = 0

describe('what the browser itself contacts counts, and nothing else is contacted', () => {
  it.each(
    times(
      CARRIERS,
      CALLS.map(([name]) => name),
    ),
  )('with carrier %s: %s', async (carrier, name) => {
    const [, source, contacted, id] = CALLS.find(([other]) => other === name) as (typeof CALLS)[number]
    const call = async (page: TestPage | undefined, root: string) => {
      const paths = { AGENT: `/${root}/${count}`, PLAIN: `/plain/${root}/${count}` }
      const calls = source.replaceAll('AGENT', `'${paths.AGENT}'`).replaceAll('PLAIN', `'${paths.PLAIN}'`)
      await page?.evaluate(`(async () => { await ${calls} })()`)
      const arrived = () => Object.values(paths).flatMap((path) => stage.site.requestsTo(path))
      await expect.poll(arrived, PATIENTLY).not.toEqual([])
      expect(arrived().map(({ path }) => path)).toEqual([paths[contacted]])
      return withoutId(await stage.site.only(paths[contacted]))
    }
    count += 1
    const { carried: _none, ...expected } = await call(pages.native, 'native')
    const { carried, ...actual } = await call(pages[carrier], 'agent')
    expect(actual).toEqual(expected)
    expect(id ? [1] : contacted === 'AGENT' ? [0, 1] : [0]).toContain(carried)
  })
})
