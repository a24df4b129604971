import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, startAlone, withoutId } from '../../support/alone.js'
import type { CaptureServer } from '../../support/captureServer.js'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER } from '../../support/rumSdks.js'
import { times, useStage } from '../../support/stage.js'

const stage = useStage()
const OPTIONS: Source = `origins: ${ENTRY_PER_CARRIER}`

/** Scripts of a page that has a global `origin` of its own. `OTHER` is another origin. */
const ORIGINS: Record<string, Source> = {
  'an airport': "var origin = 'JFK'",
  'another origin': "window.origin = 'OTHER'",
  "'null'": "var origin = 'null'",
  nothing: 'window.origin = undefined',
  'an object': 'var origin = { toString: () => "OTHER" }',
  'a getter': "Object.defineProperty(window, 'origin', { get: () => 'OTHER', configurable: true })",
  'a getter that throws':
    "Object.defineProperty(window, 'origin', { get() { throw new Error('of the page') }, configurable: true })",
  'what is deleted': 'delete window.origin',
}
/** When it gets it. */
const WHEN = ['before the plugin is loaded', 'between load and init', 'after init'] as const

const CALLS = (root: string): Source => `
  (async () => {
    const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
    await Promise.allSettled([
      fetch('${root}/fetch', json),
      fetch(new URL('${root}/url', location), json),
      fetch(new Request('${root}/request', json)),
      new Promise((resolve) => {
        const xhr = new XMLHttpRequest()
        xhr.open('POST', '${root}/xhr')
        xhr.setRequestHeader('content-type', 'application/json')
        xhr.onloadend = resolve
        xhr.send('{"a":1}')
      }),
      new Promise((resolve) => {
        const source = new EventSource('${root}/eventsource')
        source.onerror = () => { source.close(); resolve() }
      }),
      new Promise((resolve) => {
        const socket = new WebSocket(new URL('${root}/websocket', location).href.replace(/^http/, 'ws'))
        socket.onopen = socket.onerror = () => { socket.close(); resolve() }
      }),
    ])
    navigator.sendBeacon('${root}/beacon', '{"a":1}')
  })()`
const KINDS = ['fetch', 'url', 'request', 'xhr', 'eventsource', 'websocket', 'beacon']

let count = 0
/** The calls of a page, by kind, and how often the id is in each. */
async function idsIn(
  page: TestPage,
  server: CaptureServer,
  path: string,
  root = path,
): Promise<Record<string, number>> {
  await page.evaluate(CALLS(root))
  const sent = await Promise.all(KINDS.map(async (kind) => [kind, await server.only(`${path}/${kind}`)] as const))
  return Object.fromEntries(sent.map(([kind, request]) => [kind, withoutId(request).carried]))
}
const all = (times: number) => Object.fromEntries(KINDS.map((kind) => [kind, times]))

describe.each(WHEN)("with an 'origin' of the page's own %s", (when) => {
  const definition = (script: Source): PageDefinition => {
    const start = startAlone(OPTIONS)
    return {
      rum: false,
      ...(when === 'before the plugin is loaded' && { before: script, between: start }),
      ...(when === 'between load and init' && { between: `${script}\n${start}` }),
      ...(when === 'after init' && { between: start, after: script }),
    }
  }

  it.each(Object.keys(ORIGINS))('%s: a path takes the calls to the page itself, and no others', async (name) => {
    // The other origin is one that speaks HTTP, as the page does, so that its path can be taken for one of the page.
    const other = stage.secure.origin
    const page = await stage.open(definition((ORIGINS[name] as Source).replaceAll('OTHER', other)))
    for (const carrier of CARRIERS) {
      const path = `/agent/${carrier}/${++count}`
      expect.soft(await idsIn(page, stage.site, path), carrier).toEqual(all(1))
    }
    const path = `/agent/query/${++count}`
    expect.soft(await idsIn(page, stage.secure, path, other + path), 'to the other origin').toEqual(all(0))
    await page.close()
  })
})

describe('in a document whose URL has no origin, a path is one on the origin that the document has from its creator', () => {
  let page: TestPage
  beforeAll(async () => {
    page = await stage.open({ rum: false, plugin: false })
  })

  it.each(times(['srcdoc', 'about:blank'], ['', "var origin = 'JFK'", "var origin = 'OTHER'"]))(
    '%s, after init: %s',
    async (kind, script) => {
      const path = `/agent/query/${++count}`
      const html = `
      <script src="${stage.site.origin}/files/dist/rum-llm-correlation.iife.js"></script>
      <script>${startAlone(OPTIONS)}; ${script.replace('OTHER', stage.secure.origin)}; parent.ready()</script>`
      await page.evaluate(`new Promise((resolve) => {
      window.ready = resolve
      const frame = document.createElement('iframe')
      const html = ${JSON.stringify(html).replaceAll('</', '<\\/')}
      if ('${kind}' === 'srcdoc') {
        frame.srcdoc = html
        document.body.append(frame)
      } else {
        document.body.append(frame)
        frame.contentDocument.write(html)
        frame.contentDocument.close()
      }
      window.frame = frame
    })`)
      await page.evaluate(`(async () => { await frame.contentWindow.fetch('${path}'); frame.remove() })()`)
      expect((await stage.site.only(path)).query).toBe(`session_id=${ALONE_ID}`)
    },
  )
})

it('in a document whose base has credentials, with which no URL can be fetched, calls to whole URLs carry the id', async () => {
  const page = await stage.open({ rum: false, between: startAlone(OPTIONS) })
  const { origin } = stage.site
  await page.evaluate(
    `document.head.insertAdjacentHTML('afterbegin', '<base href="${origin.replace('://', '://user:password@')}/">')`,
  )
  const path = `/agent/query/${++count}`
  expect(await page.evaluate(`fetch('${path}').catch(({ name }) => name)`)).toBe('TypeError')
  await page.evaluate(`fetch('${origin}${path}').then(() => undefined)`)
  expect((await stage.site.only(path)).query).toBe(`session_id=${ALONE_ID}`)
  await page.close()
})
