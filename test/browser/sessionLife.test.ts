import { describe, expect, it } from 'vitest'
import { send } from '../support/calls.js'
import type { PageDefinition, Source, TestPage } from '../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, placesOf, RUM_SDKS } from '../support/rumSdks.js'
import { useStage } from '../support/stage.js'

const stage = useStage()
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

const hasEnded = (page: TestPage) => page.waitFor('DD_RUM.getInternalContext() === undefined')

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

const PERSISTENCES = RUM_SDKS.flatMap((sdk) =>
  [
    { ...sdk, init: '', since: 5 },
    { ...sdk, init: "sessionPersistence: 'local-storage'", since: 5 },
    { ...sdk, init: "sessionPersistence: 'memory'", since: 6 },
    { ...sdk, init: "sessionPersistence: ['local-storage', 'cookie']", since: 6 },
  ].filter(({ since }) => sdk.version >= since),
)

describe.each(PERSISTENCES)('with RUM SDK $version, { $init },', ({ rum, init }) => {
  it('each call carries the id of the session then, none after its end, and the new one after its renewal', async () => {
    const page = await stage.open({ rum, correlation: ENTRY_PER_CARRIER, init })
    const first = await page.sessionId()
    expect(await carried(page)).toBe(first)

    await page.evaluate('DD_RUM.stopSession()')
    await hasEnded(page)
    expect(await carried(page)).toBeUndefined()

    // A session begins with the next thing that a person does.
    await page.click()
    const second = await page.sessionId()
    expect(second).not.toBe(first)
    expect(await carried(page)).toBe(second)
    expect(page.errors).toEqual([])
    await page.close()
  })
})

describe.each(RUM_SDKS)('with RUM SDK $version', ({ version, rum }) => {
  const open = (definition: PageDefinition) => stage.open({ rum, correlation: ENTRY_PER_CARRIER, ...definition })

  it.each([
    { kept: 'a cookie', init: '' },
    // SDK 7 hears of a change in the local storage only from other tabs.
    ...(version < 7 ? [{ kept: 'the local storage', init: "sessionPersistence: 'local-storage'" }] : []),
  ])('a session kept in $kept that runs out is renewed by the next click', async ({ init }) => {
    const page = await open({ init })
    const first = await page.sessionId()
    await page.evaluate(RUN_OUT)
    await hasEnded(page)
    expect(await carried(page)).toBeUndefined()
    await page.click()
    const second = await page.sessionId()
    expect(second).not.toBe(first)
    expect(await carried(page)).toBe(second)
    await page.close()
  })

  it('a session that is not sampled leaves each call as made', async () => {
    const first = `/agent/query/first-${version}`
    const page = await open({ init: 'sessionSampleRate: 0', inInitScript: `fetch('${first}')` })
    // It may have waited for RUM to start: once it has gone out, RUM has started.
    expect((await stage.site.only(first)).query).toBeUndefined()
    expect(await carried(page)).toBeUndefined()
    await page.click()
    expect(await carried(page)).toBeUndefined()
    await page.close()
  })

  it('calls are correlated from the moment that consent is granted until it is withdrawn', async () => {
    const page = await open({ init: "trackingConsent: 'not-granted'" })
    expect(await carried(page)).toBeUndefined()
    await page.evaluate("DD_RUM.setTrackingConsent('granted')")
    const first = await page.sessionId()
    expect(await carried(page)).toBe(first)
    await page.evaluate("DD_RUM.setTrackingConsent('not-granted')")
    await hasEnded(page)
    expect(await carried(page)).toBeUndefined()
    await page.evaluate("DD_RUM.setTrackingConsent('granted')")
    const second = await page.sessionId()
    expect(second).not.toBe(first)
    expect(await carried(page)).toBe(second)
    await page.close()
  })

  it.each<[name: string, options: Source]>([
    ['the same options', 'options'],
    ['a new plugin', '{ ...options, plugins: [DD_LLM_CORRELATION.llmCorrelation(entries)] }'],
    ['other options', "{ ...options, applicationId: '11111111-0000-4000-8000-000000000000', sessionSampleRate: 0 }"],
  ])('a second init with %s, before the start and after it, changes nothing', async (_, options) => {
    const page = await open({
      between: `
        const entries = ${ENTRY_PER_CARRIER}
        const { init } = DD_RUM
        DD_RUM.init = (first) => { window.options = first; init(first) }`,
      inInitScript: `DD_RUM.init = init; DD_RUM.init(${options})`,
    })
    const id = await page.sessionId()
    expect(await carried(page)).toBe(id)
    await page.evaluate(`DD_RUM.init(${options})`)
    expect(await carried(page)).toBe(id)
    expect(await page.sessionId()).toBe(id)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('a session that another tab has renewed is used as RUM itself uses it', async () => {
    const page = await open({})
    const first = await page.sessionId()
    const tab = await page.openTab(await page.evaluate('location.href'))
    await tab.sessionId()
    await tab.evaluate('DD_RUM.stopSession()')
    await hasEnded(page)
    expect(await carried(page)).toBeUndefined()
    await tab.click()
    await tab.sessionId()
    expect(await carried(page)).toBe(await page.evaluate('DD_RUM.getInternalContext()?.session_id'))
    await page.click()
    const second = await page.sessionId()
    expect(second).not.toBe(first)
    expect(await carried(page)).toBe(second)
    await page.close()
  })
})
