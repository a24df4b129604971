import { beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { CALLS, type CallName } from '../../support/pageCalls.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

const CHARSETS = ['windows-1252', 'shift_jis', 'utf-8'] as const
const pages = {} as Record<(typeof CHARSETS)[number], Page>

beforeAll(async () => {
  for (const charset of CHARSETS) {
    pages[charset] = await openPage({ sdk: 'stub', plugin: { origins: ENTRIES }, charset })
    expect(await pages[charset].run(() => document.characterSet.toLowerCase())).toBe(charset)
  }
})

const NAMES: CallName[] = [
  'fetch',
  'fetch of a Request',
  'fetch of a URL',
  'fetch of a Blob',
  'XHR',
  'XHR of a URL',
  'XHR of JSON',
  'sync XHR',
  'EventSource',
  'WebSocket',
  'sendBeacon',
]

/** In the page's text: a letter of Western Europe, one of Japan, one beyond, and what is encoded already. */
const QUERY = '?q=\u00e4\u3042\ud83d\ude00%E4%3F&r=+#\u00e4'

let count = 0

describe('the query of the page is encoded as the browser alone encodes it', () => {
  it.each(times(CHARSETS, times(CARRIERS, NAMES)))('in a page of %s: %s', async (charset, [carrier, name]) => {
    count += 1
    const sentBy = async (page: TestPage, root: string) => {
      const path = `/${root}/${carrier}/${count}/`
      const query = name === 'WebSocket' ? QUERY.replace(/#.*/, '') : QUERY
      await page.run(({ call, url }) => call(url), { call: CALLS[name], url: `${path}\u00fc${query}` })
      return servers.site.only(`${path}%C3%BC`)
    }
    const expected = await sentBy(await pages[charset].twin(), 'native')
    const actual = await sentBy(pages[charset], 'agent')
    expect(actual.query?.replace(/&session_id=[\w-]+$/, '')).toBe(expected.query)
    expect(JSON.stringify([actual, actual.text])).toContain(STUB_SESSION_ID)
  })
})
