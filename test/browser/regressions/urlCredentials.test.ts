import { beforeAll, describe, expect, it } from 'vitest'
import type { LlmCorrelationOptions } from '../../../src/index.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { CALLS, type CallName } from '../../support/pageCalls.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

/** Entries of every kind that take calls below `/agent`, once credentials are left aside. */
const ENTRIES: Record<string, () => LlmCorrelationOptions['origins'][number]> = {
  'a path': () => '/agent',
  'an origin': () => servers.site.origin,
  'a RegExp': () => /\/agent\//,
  'a function': () => (url: string) => url.includes('/agent/'),
}
const PAGES = times(CARRIERS, Object.entries(ENTRIES)).map(
  ([carrier, [entry, match]]) => [`${carrier}: ${entry}`, carrier, match] as const,
)
const pages: Record<string, Page> = {}
let native: TestPage
beforeAll(async () => {
  for (const [name, carrier, match] of PAGES) {
    pages[name] = await openPage({ sdk: 'stub', plugin: { origins: [match()], carrier, debug: true } })
  }
  native = await openPage({ sdk: 'none', plugin: false })
})

const USERS = ['user:password@', 'user@', ':password@', 'user:@', '%75:p%40@']
const NAMES: CallName[] = [
  'fetch of text',
  'fetch',
  'fetch of a URL',
  'fetch of a Request',
  'fetch of a Blob',
  'XHR of text',
  'XHR of a URL',
  'sync XHR',
  'EventSource',
  'WebSocket',
  'sendBeacon of text',
]

/** What the page sees of a call. */
const outcomeOf = (page: TestPage, name: CallName, url: string) =>
  page.run(
    async ({ call, url }) => {
      try {
        return String(await call(url))
      } catch (error) {
        return String(error)
      }
    },
    { call: CALLS[name], url },
  )

let count = 0
const rows = times(
  PAGES.map(([name]) => name),
  NAMES,
)

describe('a URL with credentials never gets the id, and its refusal reads as the browser alone words it', () => {
  it.each(rows)('with %s: %s', async (name, call) => {
    const page = pages[name] as Page
    for (const user of USERS) {
      const path = `/agent/${++count}`
      const url = `http://${user}127.0.0.1:${servers.site.port}${path}`
      expect(await outcomeOf(page, call, url)).toBe(await outcomeOf(native, call, url))
      const sent = servers.site.requests.filter((request) => request.path === path)
      expect(JSON.stringify(sent.map((request) => [request, request.text]))).not.toContain(STUB_SESSION_ID)
      expect(sent.map((request) => request.query)).toEqual(sent.map(() => undefined))
    }
    expect(page.console.filter((message) => message.includes(STUB_SESSION_ID))).toEqual([])
  })
})
