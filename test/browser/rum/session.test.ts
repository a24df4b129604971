import { describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, send, sendPair } from '../../support/calls.js'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

const NOT_SAMPLED = 'sessionSampleRate: 0'
const NO_CONSENT = "trackingConsent: 'not-granted'"
const STOP = 'DD_RUM.stopSession()'
const hasEnded = (page: TestPage) => page.waitFor('DD_RUM.getInternalContext() === undefined')

/** Before RUM is loaded: the app around the page takes the events. */
const WEB_VIEW = `window.DatadogEventBridge = {
  getAllowedWebViewHosts: () => JSON.stringify([location.hostname]),
  getCapabilities: () => '[]',
  getPrivacyLevel: () => 'mask',
  send() {},
}`

const BODIES: Body[] = [
  { as: 'string', text: '{"a":1}' },
  { as: 'FormData', entries: [['a', '1']] },
  { as: 'Blob', type: 'application/json', text: '{"a":1}' },
]

describe.each(CARRIERS)('with carrier %s, calls go out exactly as made', (carrier) => {
  it.each<[when: string, definition: PageDefinition, before?: (page: TestPage) => Promise<unknown>]>([
    ['when the session is not sampled', { init: NOT_SAMPLED }],
    ['without tracking consent', { init: NO_CONSENT }],
    [
      'once the session is stopped',
      {},
      async (page) => {
        await page.sessionId()
        await page.evaluate(STOP)
        await hasEnded(page)
      },
    ],
    ...RUM_SDKS.map(({ version, rum }): [string, PageDefinition, typeof hasEnded] => [
      `in a WebView whose app takes over the events of RUM SDK ${version}`,
      { rum, before: WEB_VIEW },
      (page) => page.sessionId(),
    ]),
    ['when init is never called', { callInit: false }],
  ])('%s', async (_, definition, before) => {
    const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}' }`, ...definition })
    await before?.(page)
    for (const client of CLIENTS) {
      expectOnly(await sendPair(page, stage.site, { client, headers: { baggage: 'a=1' } }, '?a=1'))
      for (const body of BODIES) {
        expectOnly(await sendPair(page, stage.site, { client, method: 'POST', body }))
      }
    }
    expect(page.console).toEqual([])
    await page.close()
  })
})

const PLACES = { body: 'body', query: 'query', baggage: 'baggage', 'trace-tags': 'x-datadog-tags' }
const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/

let count = 0

/** Makes a call with each carrier by fetch and by XHR, and gives the session id that all of them carry, if any. */
async function carried(page: TestPage): Promise<string | undefined> {
  const found = await Promise.all(
    CARRIERS.flatMap((carrier) =>
      (['fetch(string, init)', 'fetch(Request)', 'XHR'] as const).map(async (client) => {
        const url = `/agent/${carrier}/${++count}`
        await page.evaluate(send, { client, url, method: 'POST', body: { as: 'string', text: '{"a":1}' } })
        const request = await stage.site.only(url)
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

/** Writes what the SDK keeps of a session as if its time were up, as it is when the page comes back after a night. */
const RUN_OUT: Source = `{
  const runOut = (state) => state.replace(/(expire|created)=\\d+/g, (_, name) => name + '=' + (Date.now() - 864e5))
  for (const cookie of document.cookie.split('; ').filter((cookie) => cookie.startsWith('_dd_s'))) {
    document.cookie = runOut(cookie) + ';path=/'
  }
  for (const key of Object.keys(localStorage).filter((key) => key.startsWith('_dd_s'))) {
    localStorage.setItem(key, runOut(localStorage.getItem(key)))
  }
}`

const LOCAL_STORAGE = "sessionPersistence: 'local-storage'"

/** How a session ends, for the versions of the SDK from one to another. */
const ENDS: Array<[how: string, init: Source, end: Source, from?: number, to?: number]> = [
  ['is stopped, kept where RUM keeps it', '', STOP],
  ['is stopped, kept in a cookie', "sessionPersistence: 'cookie'", STOP],
  ['is stopped, kept in the local storage', LOCAL_STORAGE, STOP],
  ['is stopped, kept in memory', "sessionPersistence: 'memory'", STOP, 6],
  ['is stopped, kept in one of two', "sessionPersistence: ['local-storage', 'cookie']", STOP, 6],
  ['runs out, kept in a cookie', '', RUN_OUT],
  // SDK 7 hears of a change in the local storage only from other tabs.
  ['runs out, kept in the local storage', LOCAL_STORAGE, RUN_OUT, 5, 6],
]

describe.each(RUM_SDKS)('with RUM SDK $version', ({ version, rum }) => {
  const open = (definition: PageDefinition) => stage.open({ rum, correlation: ENTRY_PER_CARRIER, ...definition })

  it.each(ENDS.filter(([, , , from = 5, to = 7]) => version >= from && version <= to))(
    'calls carry the id of a session that %s, then none, and after the next click the new one',
    async (_, init, end) => {
      const page = await open({ init })
      const first = await expectNewSession(page)
      await page.evaluate(end)
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
    const page = await open({ init: NOT_SAMPLED, inInitScript: `fetch('${first}')` })
    // It may have waited for RUM to start: once it has gone out, RUM has started.
    expect((await stage.site.only(first)).query).toBeUndefined()
    await expectNoSession(page)
    await page.click()
    await expectNoSession(page)
    await page.close()
  })

  it('calls are correlated from the moment that consent is granted until it is withdrawn', async () => {
    const page = await open({ init: NO_CONSENT })
    await expectNoSession(page)
    await page.evaluate("DD_RUM.setTrackingConsent('granted')")
    const first = await expectNewSession(page)
    await page.evaluate("DD_RUM.setTrackingConsent('not-granted')")
    await expectNoSession(page)
    await page.evaluate("DD_RUM.setTrackingConsent('granted')")
    await expectNewSession(page, first)
    await page.close()
  })

  it.each<[name: string, options: Source]>([
    ['the same options', 'options'],
    ['a new plugin', '{ ...options, plugins: [DD_LLM_CORRELATION.llmCorrelation(entries)] }'],
    ['other options', `{ ...options, applicationId: '11111111-0000-4000-8000-000000000000', ${NOT_SAMPLED} }`],
  ])('a second init with %s, before the start and after it, changes nothing', async (_, options) => {
    const page = await open({
      between: `
        const entries = ${ENTRY_PER_CARRIER}
        const { init } = DD_RUM
        DD_RUM.init = (first) => { window.options = first; init(first) }`,
      inInitScript: `DD_RUM.init = init; DD_RUM.init(${options})`,
    })
    const id = await expectNewSession(page)
    await page.evaluate(`DD_RUM.init(${options})`)
    expect(await carried(page)).toBe(id)
    expect(await page.sessionId()).toBe(id)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('a session is that of all tabs, and one that another tab has renewed is used as RUM itself uses it', async () => {
    const page = await open({})
    const first = await expectNewSession(page)
    const tab = await page.openTab(await page.evaluate('location.href'))
    expect(await expectNewSession(tab)).toBe(first)
    await tab.evaluate(STOP)
    await expectNoSession(page)
    await tab.click()
    await tab.sessionId()
    expect(await carried(page)).toBe(await page.evaluate('DD_RUM.getInternalContext()?.session_id'))
    await page.click()
    await expectNewSession(page, first)
    await page.close()
  })
})
