import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { CALLS, type CallName } from '../../support/pageCalls.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

/**
 * What stands behind the path. Browsers refuse a text that has both a newline, tab or carriage return and a `<`:
 * https://github.com/whatwg/fetch/pull/519
 */
const REFUSED = ['?a=\n<', '?a=<\n', '?a=<\tb', '?<\r', '/<\nb', '/\t?<', '#<\n', '?a=1#\n<', '?a=<b\nc=d&e=f#g']
/** One of the two alone. */
const TAKEN = ['?a=<', '?a=\n', '?a=\tb#\r', '/<', '/\n', '?a=< b', '?a=%3C\n', '?a=%3C%0A']

const NAMES: CallName[] = [
  'fetch',
  'fetch of JSON',
  'fetch of a Blob',
  'fetch of HTML',
  'fetch of a Request',
  'fetch of a Request of JSON',
  'fetch of a copied Request',
  'XHR of text',
  'sync XHR',
  'sendBeacon of text',
]

let page: Page
let native: TestPage
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: { origins: ENTRIES } })
  native = await page.twin()
})

let count = 0
const isRefused = (page: TestPage, name: CallName, url: string) =>
  page.run(
    async ({ call, url }) => {
      try {
        // An XHR has no status then, and `sendBeacon` returns `false`.
        return !(await call(url))
      } catch {
        return true
      }
    },
    { call: CALLS[name], url },
  )

const rows = times(CARRIERS, NAMES)

describe('a text with dangling markup, which the browser refuses to fetch, stays refused', () => {
  beforeEach(() => skipIn(['firefox', 'webkit'], 'a URL with dangling markup is fetched'))

  it.each(rows)('with carrier %s: %s', async (carrier, name) => {
    const wrong: string[] = []
    for (const suffix of REFUSED) {
      const path = `${carrier}/${++count}`
      expect(await isRefused(native, name, `/native/${path}${suffix}`), suffix).toBe(true)
      if (!(await isRefused(page, name, `/agent/${path}${suffix}`))) {
        wrong.push(suffix)
      }
    }
    expect(wrong).toEqual([])
  })

  it('by EventSource', async () => {
    for (const suffix of REFUSED) {
      const path = `/agent/query/${++count}`
      await page.run(({ call, url }) => call(url), { call: CALLS.EventSource, url: `${path}${suffix}` })
      expect(servers.site.requests.filter(({ url }) => url.startsWith(path))).toEqual([])
    }
  })

  it('in a fetch that waits while RUM starts', async () => {
    const page = await openPage({
      // RUM has a session as soon as the page notes that it has started.
      sdk: { isStarted: false, context: () => window.noted?.[0] as object | undefined },
      plugin: { origins: ENTRIES, startupTimeout: 20_000 },
    })
    const urls = times(CARRIERS, REFUSED).map(([carrier, suffix]) => `/agent/${carrier}/${++count}${suffix}`)
    const refused = await page.run(
      ({ urls, session }) => {
        const calls = urls.map((url) =>
          fetch(url).then(
            () => false,
            () => true,
          ),
        )
        window.noted = [session]
        plugin.onRumStart()
        return Promise.all(calls)
      },
      { urls, session: { session_id: STUB_SESSION_ID } },
    )
    expect(refused).toEqual(urls.map(() => true))
    await page.close()
  })
})

describe('a text with nothing but a newline or a < is taken', () => {
  it.each(rows)('with carrier %s: %s', async (carrier, name) => {
    for (const suffix of TAKEN) {
      const path = `${carrier}/${++count}`
      expect(await isRefused(native, name, `/native/${path}${suffix}`), suffix).toBe(false)
      expect(await isRefused(page, name, `/agent/${path}${suffix}`), suffix).toBe(false)
      const arrived = async (start: string) => {
        const found = () => servers.site.requests.find(({ url }) => url.startsWith(start))
        await expect.poll(found, PATIENTLY).toBeDefined()
        return found()
      }
      const expected = (await arrived(`/native/${path}`))?.url
      const sent = await arrived(`/agent/${path}`)
      expect(sent?.url.replace(/[?&]session_id=[\w-]+/, '')).toBe(expected?.replace('/native/', '/agent/'))
      // The text of a Request cannot be seen.
      if (!name.includes('Request')) {
        expect(JSON.stringify([sent, sent?.text]), suffix).toContain(STUB_SESSION_ID)
      }
    }
  })
})
