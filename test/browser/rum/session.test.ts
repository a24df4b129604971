import { describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, send } from '../../support/calls.js'
import { openPage, type PageOptions } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

type InitOptions = Parameters<typeof DD_RUM.init>[0]

const NOT_SAMPLED = { sessionSampleRate: 0 }
const NO_CONSENT = { trackingConsent: 'not-granted' }
const stop = () => DD_RUM.stopSession()
type Wait = (page: TestPage) => Promise<unknown>
const hasEnded: Wait = (page) => page.waitFor(() => DD_RUM.getInternalContext() === undefined)

/** In the page, before RUM is loaded: the app around the page takes the events. */
function inWebView(): void {
  Object.assign(window, {
    DatadogEventBridge: {
      getAllowedWebViewHosts: () => JSON.stringify([location.hostname]),
      getCapabilities: () => '[]',
      getPrivacyLevel: () => 'mask',
      send() {},
    },
  })
}

const BODIES: Body[] = [
  { as: 'string', text: '{"a":1}' },
  { as: 'FormData', entries: [['a', '1']] },
  { as: 'Blob', type: 'application/json', text: '{"a":1}' },
]

describe.each(CARRIERS)('with carrier %s, calls go out exactly as made', (carrier) => {
  it.each<[when: string, options: PageOptions, before?: Wait]>([
    ['when the session is not sampled', { init: NOT_SAMPLED }],
    ['without tracking consent', { init: NO_CONSENT }],
    [
      'once the session is stopped',
      {},
      async (page) => {
        await page.sessionId()
        await page.run(stop)
        await hasEnded(page)
      },
    ],
    ...RUM_SDKS.map(({ version, rum }): [string, PageOptions, Wait] => [
      `in a WebView whose app takes over the events of RUM SDK ${version}`,
      { sdk: rum, before: inWebView },
      (page) => page.sessionId(),
    ]),
    ['when init is never called', { callInit: false }],
  ])('%s', async (_, options, before) => {
    const page = await openPage({ plugin: { origins: ['/agent'], carrier }, ...options })
    await before?.(page)
    for (const client of CLIENTS) {
      expectOnly(await page.sendBoth({ client, headers: { baggage: 'a=1' } }, { query: '?a=1' }))
      for (const body of BODIES) {
        expectOnly(await page.sendBoth({ client, method: 'POST', body }))
      }
    }
    expect(page.console).toEqual([])
    await page.close()
  })
})

const PLACES = { body: 'body', query: 'query', baggage: 'baggage', 'trace-tags': 'x-datadog-tags' }
const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/

let count = 0

/**
 * Makes a call with each carrier by fetch and by XHR, and gives the session id that all of them
 * carry, if any.
 */
async function carried(page: TestPage): Promise<string | undefined> {
  const found = await Promise.all(
    CARRIERS.flatMap((carrier) =>
      (['fetch(string, init)', 'fetch(Request)', 'XHR'] as const).map(async (client) => {
        const url = `/agent/${carrier}/${++count}`
        await page.run(send, { client, url, method: 'POST', body: { as: 'string', text: '{"a":1}' } })
        const request = await servers.site.only(url)
        const text = [request.query, request.text, request.header('baggage'), request.header('x-datadog-tags')]
        const id = UUID.exec(text.join(' '))?.[0]
        if (id === undefined) {
          expect([...text, request.header('x-datadog-trace-id')], client).toEqual([
            undefined,
            '{"a":1}',
            undefined,
            undefined,
            undefined,
          ])
        } else {
          expect(placesOf(request, id), client).toEqual([PLACES[carrier]])
        }
        return id
      }),
    ),
  )
  expect(new Set(found).size).toBe(1)
  return found[0]
}

/** Calls carry a session, which is another one than `before`. */
async function expectNewSession(page: TestPage, before?: string): Promise<string> {
  const session = await page.sessionId()
  expect(session).not.toBe(before)
  expect(await carried(page)).toBe(session)
  return session
}

async function expectNoSession(page: TestPage): Promise<void> {
  await hasEnded(page)
  expect(await carried(page)).toBeUndefined()
}

/**
 * In the page: writes what the SDK keeps of a session as if its time were up. So it is when a page
 * comes back after a night.
 */
function runOut(): void {
  const age = (state: string) => state.replace(/(expire|created)=\d+/g, (_, name) => `${name}=${Date.now() - 864e5}`)
  for (const cookie of document.cookie.split('; ').filter((cookie) => cookie.startsWith('_dd_s'))) {
    // biome-ignore lint/suspicious/noDocumentCookie: it is where the SDK looks
    document.cookie = `${age(cookie)};path=/`
  }
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith('_dd_s'))) {
    localStorage.setItem(key, age(localStorage.getItem(key) ?? ''))
  }
}

/** In the page: keeps the options that `init` is called with first. */
function keepOptions(): void {
  const { init } = DD_RUM
  DD_RUM.init = (options) => {
    window.noted = [options]
    DD_RUM.init = init
    init(options)
  }
}

/**
 * In the page: calls `init` once more, with what the function makes of the options that {@link
 * keepOptions} has kept.
 */
function initAgain({ change, entries }: { change: Change; entries: typeof ENTRIES }): void {
  DD_RUM.init(change(noted[0] as InitOptions, entries))
}
type Change = (options: InitOptions, entries: typeof ENTRIES) => InitOptions

const LOCAL_STORAGE = { sessionPersistence: 'local-storage' }

/** How a session ends, for the versions of the SDK from one to another. */
const ENDS: Array<[how: string, init: object, end: () => void, from?: number, to?: number]> = [
  ['is stopped, kept where RUM keeps it', {}, stop],
  ['is stopped, kept in a cookie', { sessionPersistence: 'cookie' }, stop],
  ['is stopped, kept in the local storage', LOCAL_STORAGE, stop],
  ['is stopped, kept in memory', { sessionPersistence: 'memory' }, stop, 6],
  ['is stopped, kept in one of two', { sessionPersistence: ['local-storage', 'cookie'] }, stop, 6],
  ['runs out, kept in a cookie', {}, runOut],
  // SDK 7 hears of a change in the local storage only from other tabs.
  ['runs out, kept in the local storage', LOCAL_STORAGE, runOut, 5, 6],
]

describe.each(RUM_SDKS)('with RUM SDK $version', ({ version, rum }) => {
  const open = (options: PageOptions) => openPage({ sdk: rum, plugin: ENTRIES, ...options })

  it.each(ENDS.filter(([, , , from = 5, to = 7]) => version >= from && version <= to))(
    'calls carry the id of a session that %s, then none, and after the next click the new one',
    async (_, init, end) => {
      const page = await open({ init })
      const first = await expectNewSession(page)
      await page.run(end)
      await expectNoSession(page)
      // A session begins with the next thing that a person does.
      await page.click()
      await expectNewSession(page, first)
      expect(page.errors).toEqual([])
      await page.close()
    },
  )

  it('calls of a session that is not sampled go out as made', async () => {
    const first = `/agent/query/first-${version}`
    const page = await open({ init: NOT_SAMPLED, inInit: inPage((url) => fetch(url), first) })
    // It may have waited for RUM to start: once it has gone out, RUM has started.
    expect((await servers.site.only(first)).query).toBeUndefined()
    await expectNoSession(page)
    await page.click()
    await expectNoSession(page)
    await page.close()
  })

  it('calls are correlated from the moment that consent is granted until it is withdrawn', async () => {
    const page = await open({ init: NO_CONSENT })
    await expectNoSession(page)
    await page.run(() => DD_RUM.setTrackingConsent('granted'))
    const first = await expectNewSession(page)
    await page.run(() => DD_RUM.setTrackingConsent('not-granted'))
    await expectNoSession(page)
    await page.run(() => DD_RUM.setTrackingConsent('granted'))
    await expectNewSession(page, first)
    await page.close()
  })

  it.each<[name: string, change: Change]>([
    ['the same options', (options) => options],
    ['a new plugin', (options, entries) => ({ ...options, plugins: [DD_LLM_CORRELATION.llmCorrelation(entries)] })],
    [
      'other options',
      (options) => ({ ...options, applicationId: '11111111-0000-4000-8000-000000000000', sessionSampleRate: 0 }),
    ],
  ])('a second init with %s, before the start and after it, changes nothing', async (_, change) => {
    const args = { change, entries: ENTRIES }
    const page = await open({ between: keepOptions, inInit: inPage(initAgain, args) })
    const id = await expectNewSession(page)
    await page.run(initAgain, args)
    expect(await carried(page)).toBe(id)
    expect(await page.sessionId()).toBe(id)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('a session is that of all tabs, and one that another tab has renewed is used as RUM itself uses it', async () => {
    const page = await open({})
    const first = await expectNewSession(page)
    const tab = await page.openTab(await page.run(() => location.href))
    expect(await expectNewSession(tab)).toBe(first)
    await tab.run(stop)
    await expectNoSession(page)
    await tab.click()
    await tab.sessionId()
    expect(await carried(page)).toBe(await page.run(() => DD_RUM.getInternalContext()?.session_id))
    await page.click()
    await expectNewSession(page, first)
    await page.close()
  })
})
