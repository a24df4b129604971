import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page } from '../../support/openPage.js'
import type { PageCall } from '../../support/pageCalls.js'
import { CARRIERS, ENTRIES, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

/** What the page has, for the library below the plugin to make a call of its own. */
type Nesting = typeof globalThis & { nested?: (() => unknown) | undefined }

/** In the page: a library that makes `nested`, as one that reports or mirrors calls does, before it passes a call on. */
function nestBelow(): void {
  const page = window as unknown as Nesting
  function nest() {
    const { nested } = page
    page.nested = undefined
    nested?.()
  }
  const patch = (owner: object, name: string) => {
    const methods = owner as Record<string, (...args: unknown[]) => unknown>
    const inner = methods[name]
    methods[name] = function (...args) {
      nest()
      return inner?.apply(this, args)
    }
  }
  patch(page, 'fetch')
  patch(XMLHttpRequest.prototype, 'open')
  patch(XMLHttpRequest.prototype, 'send')
  patch(Navigator.prototype, 'sendBeacon')
  const nesting = <C extends new (...args: never) => object>(Connection: C) =>
    new Proxy(Connection, {
      construct(target, args, newTarget) {
        nest()
        return Reflect.construct(target, args, newTarget)
      },
    })
  page.EventSource = nesting(EventSource)
  page.WebSocket = nesting(WebSocket)
}

const CALLS = {
  'fetch(string)': (url) => void fetch(url),
  'window.fetch(string)': (url) => void window.fetch(url),
  'fetch(Request)': (url) => void fetch(new Request(url)),
  'fetch(URL)': (url) => void fetch(new URL(url, location.href), { method: 'POST', body: 'text' }),
  XHR: (url) => {
    const xhr = new XMLHttpRequest()
    xhr.open('GET', url)
    xhr.send()
  },
  sendBeacon: (url) => void navigator.sendBeacon(url, 'text'),
  EventSource: (url) => {
    const source = new EventSource(url)
    source.onerror = () => source.close()
  },
  WebSocket: (url) => {
    const socket = new WebSocket(url)
    socket.onopen = () => socket.close()
  },
} satisfies Record<string, PageCall>
type Kind = keyof typeof CALLS
const KINDS = Object.keys(CALLS) as Kind[]
const OUTER: Kind[] = ['window.fetch(string)', 'fetch(Request)', 'XHR', 'sendBeacon', 'EventSource', 'WebSocket']

let count = 0

/** Has the page make a call, and the library below the plugin another one on its way. Gives what arrived of both. */
async function nest(page: Page, base: string, outer: PageCall, inner: PageCall) {
  const paths = { inner: `/agent/nested/${++count}`, outer: `${base}/outer/${count}` }
  await page.run(
    ({ inner, outer, paths }) => {
      const page = window as unknown as Nesting
      page.nested = () => inner(paths.inner)
      outer(paths.outer)
    },
    { inner, outer, paths },
  )
  return { inner: await servers.site.only(paths.inner), outer: await servers.site.only(paths.outer) }
}

/** A call that runs code of the page's own when its arguments are read. */
type CallThatReads = (url: string, own: () => void) => unknown

describe.each(RUM_SDKS)('with RUM SDK $version and a library below the plugin', ({ version, rum }) => {
  let page: Page
  let id: string
  beforeAll(async () => {
    page = await openPage({ sdk: rum, before: nestBelow, plugin: { origins: ['/agent'], carrier: 'query' } })
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
      const requests = await nest(page, base, CALLS[outer], CALLS[kind])
      expect(requests.inner.query, base).toBe(`session_id=${id}`)
      expect(requests.outer.query, base).toBe(base === '/agent' ? `session_id=${id}` : undefined)
    }
    expect(page.errors).toEqual([])
  })

  it.each<[name: string, outer: CallThatReads]>([
    [
      'a getter of an init',
      (url, own) =>
        fetch(url, {
          get method() {
            own()
            return 'GET'
          },
        }),
    ],
    [
      'a URL that is read',
      (url, own) =>
        fetch({
          toString() {
            own()
            return url
          },
        } as string),
    ],
    [
      'headers that are read',
      (url, own) =>
        fetch(url, {
          headers: {
            get 'x-own'() {
              own()
              return '1'
            },
          },
        }),
    ],
  ])("a call that the page's own code makes out of %s carries the id", async (_, outer) => {
    for (const kind of KINDS) {
      const path = `/agent/nested/${++count}`
      await page.run(
        ({ outer, inner, path }) => {
          let isFirst = true
          // RUM may read them as well, and so more than once.
          const own = () => {
            if (!isFirst) return
            isFirst = false
            inner(path)
          }
          outer(path.replace('/agent/nested', '/plain/outer'), own)
        },
        { outer, inner: CALLS[kind], path },
      )
      expect((await servers.site.only(path)).query, kind).toBe(`session_id=${id}`)
      await servers.site.only(path.replace('/agent/nested', '/plain/outer'))
    }
  })
})

it.each(CARRIERS)(
  'an XHR that a library sends on the way of the send of another has the id, with carrier %s',
  async (carrier) => {
    const nestInSend = () => {
      const page = window as unknown as Nesting
      const { send } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.send = function (...args) {
        const { nested } = page
        page.nested = undefined
        nested?.()
        send.apply(this, args)
      }
    }
    const page = await openPage({ before: nestInSend, plugin: ENTRIES })
    const id = await page.sessionId()
    for (const [method, body] of [['GET'], ['POST', '{}']]) {
      const path = `/agent/${carrier}/${++count}`
      await page.run(
        ({ method, body, path }) => {
          const call = (url: string) => {
            const xhr = new XMLHttpRequest()
            xhr.open(method, url)
            xhr.send(body)
          }
          const page = window as unknown as Nesting
          page.nested = () => call(`${path}/nested`)
          call(`${path}/outer`)
        },
        { method: `${method}`, body, path },
      )
      for (const name of ['nested', 'outer']) {
        expect(placesOf(await servers.site.only(`${path}/${name}`), id), `${method}, ${name}`).toHaveLength(1)
      }
    }
    await page.close()
  },
)

/** In the page: a library that passes each call through `window.fetch` once more. */
function callAgain(): void {
  const inner = window.fetch
  let isSecond = false
  window.fetch = function (...args) {
    if (isSecond) {
      return inner.apply(this, args)
    }
    isSecond = true
    try {
      return window.fetch(...args)
    } finally {
      isSecond = false
    }
  }
}

it.each(CARRIERS)(
  'below the plugin, a library passes a call through window.fetch once more: the id arrives once, with carrier %s',
  async (carrier) => {
    const page = await openPage({ before: callAgain, plugin: { origins: ['/agent'], carrier } })
    const id = await page.sessionId()
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    const calls: Array<(url: string, json: RequestInit) => Promise<Response>> = [
      (url, json) => fetch(url, json),
      (url, json) => fetch(new Request(url, json)),
      (url) => fetch(url),
    ]
    for (const [index, call] of calls.entries()) {
      const path = `/agent/again/${carrier}/${index}`
      await page.run(({ call, path, json }) => call(path, json).then((response) => response.text()), {
        call,
        path,
        json,
      })
      expect(placesOf(await servers.site.only(path), id), String(call)).toHaveLength(1)
    }
    expect(page.console).toEqual([])
    await page.close()
  },
)
