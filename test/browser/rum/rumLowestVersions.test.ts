import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, type Client, send } from '../../support/calls.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, LOWEST_RUM_SDKS, placesOf, resourcesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()
const CLIENTS: Client[] = ['fetch(string, init)', 'fetch(URL, init)', 'fetch(Request)', 'XHR', 'sync XHR']

/** The lowest version of each major, in the main package and in the slim one, and the newest slim one. */
const SDKS = LOWEST_RUM_SDKS.map((sdk) => ({ ...sdk, name: `${sdk.package} ${sdk.version}` }))

/** As in the tests of the newest versions: without it RUM SDK 5 and 6 have no more than 1 ms to find a timing entry by. */
const MEASURE_EXACTLY: Source = 'Date.prototype.getTime = () => performance.timeOrigin + performance.now()'

describe.each(SDKS)('with $name', ({ name, rum, major }) => {
  const key = name.replace(/\W/g, '-')
  describe.each([
    ['alone', ''],
    ['tracing the calls', 'allowedTracingUrls: [location.origin], traceSampleRate: 100'],
  ])('%s', (setting, init) => {
    let page: TestPage
    let id: string
    const base = (carrier: string) => `/agent/${carrier}/lowest/${key}/${setting.replace(/\W/g, '')}`
    beforeAll(async () => {
      page = await stage.open({
        rum,
        correlation: ENTRY_PER_CARRIER,
        init: `trackResources: true, ${init}`,
        inInitScript: `${CARRIERS.map((carrier) => `fetch('${base(carrier)}/early', { method: 'POST', body: '{}' })`).join('\n')}`,
      })
      id = await page.sessionId()
      if (major < 7) {
        await page.evaluate(MEASURE_EXACTLY)
      }
    })
    afterAll(() => page?.close())

    it.each(CARRIERS)('each call carries the id once, the first one included: %s', async (carrier) => {
      const place = carrier === 'trace-tags' ? 'x-datadog-tags' : carrier
      // RUM's own baggage tells the session, too.
      const placesIn = (request: Parameters<typeof placesOf>[0]) =>
        placesOf(request, id).filter((found) => found === place || found !== 'baggage')
      expect(placesIn(await stage.site.only(`${base(carrier)}/early`))).toEqual([place])
      for (const [index, client] of CLIENTS.entries()) {
        const call: Call = {
          client,
          url: `${base(carrier)}/${index}`,
          method: 'POST',
          body: { as: 'string', text: '{}' },
        }
        await page.evaluate(send, { ...call, headers: { 'content-type': 'application/json' } })
        const request = await stage.site.only(call.url)
        expect(placesIn(request), client).toEqual([place])
        expect(request.header('x-datadog-trace-id') !== undefined).toBe(init !== '' || carrier === 'trace-tags')
      }
    })

    it('RUM knows each call by the URL that it went to', async () => {
      for (const carrier of CARRIERS) {
        const events = await resourcesOf(stage.site, page, id, base(carrier), CLIENTS.length + 1)
        // SDK 5 puts its patches in place after the plugin's, so that it sees calls of the script with `init` as the page made them.
        for (const { resource } of events.filter((event) => major > 5 || !event.resource.url.includes('/early'))) {
          const { url } = await stage.site.only(new URL(resource.url).pathname)
          expect(resource.url).toBe(stage.site.origin + url)
          expect(resource).toHaveProperty('first_byte')
        }
      }
    })

    it('nothing is said in the console, and nothing fails', () => {
      expect(page.errors).toEqual([])
      expect(page.console).toEqual([])
    })
  })

  it('a call made once RUM has started without a session waits for nothing', async () => {
    const page = await stage.open({
      rum,
      correlation: "{ origins: ['/agent'], startupTimeout: 60_000 }",
      init: 'sessionSampleRate: 0',
      // By then SDK 5 and 6 have started; SDK 7 does so later.
      after: `fetch('/agent/lowest/${key}/unsampled', { method: 'POST', body: '{}' })`,
    })
    expect((await stage.site.only(`/agent/lowest/${key}/unsampled`)).text).toBe('{}')
    expect(page.errors).toEqual([])
    await page.close()
  })
})
