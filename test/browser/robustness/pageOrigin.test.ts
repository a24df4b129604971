import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaptureServer } from '../../support/captureServer.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { startOfStub } from '../../support/stubRum.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'
import { callByEachTransport, markOf } from './everyTransport.js'

// What the page says its origin is counts for nothing: a path is one on the origin that the document has.

/** In the page: gives it a global `origin` of its own. `other` is another origin. */
const ORIGINS: Record<string, (other: string) => unknown> = {
  'an airport': () => Object.assign(window, { origin: 'JFK' }),
  'another origin': (other) => Object.assign(window, { origin: other }),
  "'null'": () => Object.assign(window, { origin: 'null' }),
  nothing: () => Object.assign(window, { origin: undefined }),
  'an object': (other) => Object.assign(window, { origin: { toString: () => other } }),
  'a getter': (other) => Object.defineProperty(window, 'origin', { get: () => other, configurable: true }),
  'a getter that throws': () =>
    Object.defineProperty(window, 'origin', {
      get() {
        throw new Error('of the page')
      },
      configurable: true,
    }),
  'what is deleted': () => Reflect.deleteProperty(window, 'origin'),
}

/** When it gets it. */
const WHEN: Record<string, 'before' | 'between' | 'after'> = {
  'before the plugin is loaded': 'before',
  'between load and init': 'between',
  'after init': 'after',
}

let count = 0

/** How often the id is in the calls that a page makes below a path of a server, by transport. */
async function idsIn(page: Page, server: CaptureServer, path: string): Promise<Record<string, number>> {
  const root = server === servers.site ? '' : server.origin
  const names = Object.keys(await callByEachTransport(page, { url: `${root}${path}/MARK` }))
  const sent = names.map(async (name, index) => {
    const { carried } = withoutId(await server.only(`${path}/${markOf(index)}`))
    return [name, carried] as const
  })
  return Object.fromEntries(await Promise.all(sent))
}

describe.each(Object.entries(WHEN))("with an 'origin' of the page's own %s", (_, when) => {
  it.each(Object.entries(ORIGINS))(
    '%s: a path takes the calls to the page itself, and no others',
    async (_, change) => {
      // The other origin is one that speaks HTTP, as the page does, so that its path can be taken for one of the page.
      const script = inPage(change, servers.secure.origin)
      const page = await openPage({ sdk: 'stub', plugin: ENTRIES, [when]: script })
      for (const carrier of CARRIERS) {
        const ids = await idsIn(page, servers.site, `/agent/${carrier}/${++count}`)
        expect(Object.keys(ids)).toHaveLength(9)
        expect.soft(new Set(Object.values(ids)), `${carrier}: ${JSON.stringify(ids)}`).toEqual(new Set([1]))
      }
      const ids = await idsIn(page, servers.secure, `/agent/query/${++count}`)
      expect.soft(new Set(Object.values(ids)), `to the other origin: ${JSON.stringify(ids)}`).toEqual(new Set([0]))
      await page.close()
    },
  )
})

/** In the page: opens a frame with this HTML, whose script calls `parent.ready()`, makes a call in it, and removes it. */
async function callInFrame(t: { kind: string; html: string; path: string }): Promise<void> {
  const frame = document.createElement('iframe')
  await new Promise((ready) => {
    Object.assign(window, { ready })
    if (t.kind === 'srcdoc') {
      frame.srcdoc = t.html
      document.body.append(frame)
    } else {
      document.body.append(frame)
      frame.contentDocument?.write(t.html)
      frame.contentDocument?.close()
    }
  })
  await frame.contentWindow?.fetch(t.path)
  frame.remove()
}

describe('in a document whose URL has no origin, a path is one on the origin that the document has from its creator', () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage({ sdk: 'none', plugin: false })
  })
  afterAll(() => page?.close())

  const NAMES = ['its own origin', 'an airport', 'another origin']
  it.each(times(['srcdoc', 'about:blank'], NAMES))('%s, after init: %s', async (kind, name) => {
    const { origin } = servers.site
    const path = `/agent/query/${++count}`
    const change = ORIGINS[name] ?? (() => {})
    const html = `
      <script src="${origin}/files/dist/rum-llm-correlation.iife.js"></script>
      <script>
        ${startOfStub(ENTRIES)};
        ${inPage(change, servers.secure.origin)};
        ${inPage(() => (parent as typeof window & { ready(): void }).ready())}
      </script>`
    await page.run(callInFrame, { kind, html, path })
    expect((await servers.site.only(path)).query).toBe(`session_id=${STUB_SESSION_ID}`)
  })
})

it('in a document whose base has credentials, with which no URL can be fetched, calls to whole URLs carry the id', async () => {
  const page = await openPage({ sdk: 'stub', plugin: ENTRIES })
  const { origin } = servers.site
  const path = `/agent/query/${++count}`
  const failure = await page.run(
    ({ base, path }) => {
      document.head.prepend(Object.assign(document.createElement('base'), { href: base }))
      return fetch(path).then(
        () => 'sent',
        (error) => error.name,
      )
    },
    { base: `${origin.replace('://', '://user:password@')}/`, path },
  )
  expect(failure).toBe('TypeError')
  await page.run(({ url }) => fetch(url).then(() => undefined), { url: origin + path })
  expect((await servers.site.only(path)).query).toBe(`session_id=${STUB_SESSION_ID}`)
  await page.close()
})
