import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, type Client, send } from '../../support/calls.js'
import { openPage, type Page, type PageOptions } from '../../support/openPage.js'
import type { RumEvent } from '../../support/page.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES, LOWEST_RUM_SDKS, loadLogs, placesOf, RUM_SDKS, resourcesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { membersOf } from '../../support/w3cBaggage.js'

type CarrierName = (typeof CARRIERS)[number]
type Method = (typeof METHODS)[number]
const METHODS = ['GET', 'POST'] as const
const CLIENTS = ['fetch(string, init)', 'fetch(URL, init)', 'fetch(Request)', 'XHR', 'sync XHR'] as const
const CALLS = CARRIERS.flatMap((carrier) =>
  METHODS.flatMap((method) => CLIENTS.map((client) => ({ carrier, method, client }))),
)

/** The newest version of each major; the lowest one, in the main package and in the slim one; the newest slim one. */
const SDKS = [
  ...RUM_SDKS.map(({ version, rum }) => ({ name: `RUM SDK ${version}`, major: version, rum, isNewest: true })),
  ...LOWEST_RUM_SDKS.map((sdk) => ({ ...sdk, name: `${sdk.package} ${sdk.version}`, isNewest: false })),
].map((sdk) => ({ ...sdk, hasBaggage: sdk.major > 5 && !sdk.name.endsWith(' 6.1.0') }))

const tracing = (hasBaggage: boolean) => ({
  allowedTracingUrls: [servers.site.origin],
  traceSampleRate: 100,
  // RUM SDK 6.1.0 does not know the option, and the plugin takes it at its word.
  ...(hasBaggage ? { propagateTraceBaggage: true } : {}),
})
const SETTINGS: Array<{ setting: string; isTraced?: true; logs?: Pick<PageOptions, 'before' | 'after'> }> = [
  { setting: 'alone' },
  { setting: 'tracing the calls', isTraced: true },
  { setting: 'after the Logs SDK', logs: { before: loadLogs } },
  { setting: 'before the Logs SDK', logs: { after: loadLogs } },
  { setting: 'tracing the calls, after the Logs SDK', isTraced: true, logs: { before: loadLogs } },
]
const PAGES = SDKS.flatMap((sdk) =>
  SETTINGS.filter(({ logs }) => sdk.isNewest || logs === undefined).map(({ isTraced = false, logs = {}, ...rest }) => ({
    ...sdk,
    ...rest,
    isTraced,
    logs,
  })),
)

/** Where a call's id stands, and nowhere else. */
const placeOf = (carrier: CarrierName, method: Method) =>
  ({
    body: method === 'GET' ? 'query' : 'body',
    query: 'query',
    baggage: 'baggage',
    'trace-tags': 'x-datadog-tags',
  })[carrier]

const wordsOf = (text: string) => text.replace(/\W/g, '-')
const pathOf = (carrier: CarrierName, client: Client, method: Method) => `${carrier}/${wordsOf(client)}-${method}`

const callTo = (url: string, client: Client, method: Method): Call => ({
  client,
  url,
  method,
  ...(method === 'POST' && {
    body: { as: 'string', text: '{"a":1}' },
    headers: { 'content-type': 'application/json' },
  }),
})

/**
 * In the page. RUM SDK 5 and 6 take the browser's timing entry for a call's own where it lies within the call, give or take
 * 1 ms, and measure the call in whole milliseconds. A call that ends as soon as its answer is there has no more than that
 * to spare.
 */
function measureExactly(): void {
  Date.prototype.getTime = () => performance.timeOrigin + performance.now()
}

describe.each(PAGES)('with $name, $setting,', ({ name, setting, major, rum, hasBaggage, isTraced, logs }) => {
  let page: Page
  let id: string
  let resources: RumEvent[]
  const end = `/${wordsOf(name)}/${wordsOf(setting)}`
  const early = (carrier: CarrierName) => `/agent/${carrier}/early${end}`

  beforeAll(async () => {
    page = await openPage({
      ...logs,
      sdk: rum,
      plugin: ENTRIES,
      // SDK 5 tracks resources only when told to.
      init: { trackResources: true, ...(isTraced ? tracing(hasBaggage) : {}) },
      inInit: inPage((urls) => {
        for (const url of urls) fetch(url, { method: 'POST', body: '{"a":1}' })
      }, CARRIERS.map(early)),
    })
    id = await page.sessionId()
    if (major < 7) {
      await page.run(measureExactly)
    }
    await Promise.all(
      CALLS.map(({ carrier, client, method }) =>
        page.run(send, callTo(`/agent/${pathOf(carrier, client, method)}${end}`, client, method)),
      ),
    )
    resources = await resourcesOf(servers.site, page, id, end, CALLS.length + CARRIERS.length)
  })
  afterAll(() => page?.close())

  it.each(CALLS)(
    '$client, $method: the id arrives once with carrier $carrier, and RUM times the call',
    async ({ carrier, client, method }) => {
      const path = `/agent/${pathOf(carrier, client, method)}${end}`
      const request = await servers.site.only(path)
      // With its own baggage RUM tells the session, too.
      const byRum = isTraced && hasBaggage && carrier !== 'baggage' ? ['baggage'] : []
      expect(placesOf(request, id).sort()).toEqual([placeOf(carrier, method), ...byRum].sort())
      expect(request.header('x-datadog-trace-id') !== undefined).toBe(isTraced || carrier === 'trace-tags')
      const expected = carrier === 'body' ? `{"session_id":"${id}","a":1}` : '{"a":1}'
      expect(request.text).toBe(method === 'GET' ? '' : expected)
      if (request.header('baggage') !== undefined) {
        expect(membersOf(request.header('baggage'))).toEqual([`session.id=${id}`])
      }
      if (carrier === 'trace-tags') {
        expect(request.header('x-datadog-tags')).toBe(`_dd.p.llmobs_sid=${id}`)
        expect(request.header('x-datadog-trace-id')).toMatch(/^\d+$/)
        expect(request.header('x-datadog-parent-id')).toMatch(/^\d+$/)
      }

      const [resource, ...others] = resources.filter((event) => event.resource.url.includes(path))
      expect(others).toEqual([])
      // The phases come from the browser's timing entry, which RUM finds by the exact URL.
      expect(resource?.resource).toMatchObject({
        method,
        status_code: 200,
        url: servers.site.origin + request.url,
        first_byte: { duration: expect.any(Number) },
        download: { duration: expect.any(Number) },
      })
      expect(resource?._dd.trace_id !== undefined).toBe(isTraced)
      if (isTraced) {
        expect(request.header('x-datadog-trace-id')).toBe(resource?._dd.trace_id)
      }
    },
  )

  it.each(CARRIERS)('so it does with a call of the script with init: %s', async (carrier) => {
    const request = await servers.site.only(early(carrier))
    expect(placesOf(request, id).filter((place) => place !== 'baggage' || carrier === place)).toEqual([
      placeOf(carrier, 'POST'),
    ])
    const [resource] = resources.filter((event) => event.resource.url.includes(early(carrier)))
    // SDK 5 puts its patches in place after the plugin's, so that it sees this call as the page made it.
    if (major > 5) {
      expect(resource?.resource).toMatchObject({
        url: servers.site.origin + request.url,
        first_byte: { duration: expect.any(Number) },
      })
    }
  })

  it('nothing is said in the console, and nothing fails', () => {
    expect(page.errors).toEqual([])
    expect(page.console).toEqual([])
  })
})

describe.each(SDKS)('with $name', ({ name, rum }) => {
  it('a call made once RUM has started without a session waits for nothing', async () => {
    const path = `/agent/unsampled/${wordsOf(name)}`
    const page = await openPage({
      sdk: rum,
      plugin: { origins: ['/agent'], startupTimeout: 60_000 },
      init: { sessionSampleRate: 0 },
      // By then SDK 5 and 6 have started; SDK 7 does so later.
      after: inPage((path) => fetch(path, { method: 'POST', body: '{}' }), path),
    })
    expect((await servers.site.only(path)).text).toBe('{}')
    expect(page.errors).toEqual([])
    await page.close()
  })
})
