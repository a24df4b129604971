import { describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, sendPair } from '../support/calls.js'
import type { TestPage } from '../support/page.js'
import { RUM_SDKS } from '../support/rumSdks.js'
import { useStage } from '../support/stage.js'

const stage = useStage()
const CARRIERS = ['body', 'query', 'baggage'] as const
const BODIES: Body[] = [
  { as: 'string', text: '{"a":1}' },
  { as: 'FormData', entries: [['a', '1']] },
  { as: 'Blob', type: 'application/json', text: '{"a":1}' },
]

/** Every client's calls go out exactly as the page made them. */
async function expectUntouched(page: TestPage): Promise<void> {
  for (const client of CLIENTS) {
    expectOnly(await sendPair(page, stage.site, { client, headers: { baggage: 'a=1' } }, '?a=1'))
    for (const body of BODIES) {
      expectOnly(await sendPair(page, stage.site, { client, method: 'POST', body }))
    }
  }
}

/** The session id that a call carries now, or `undefined`. */
async function carried(page: TestPage): Promise<string | undefined> {
  const { agent } = await sendPair(page, stage.site, { client: 'fetch(string, init)' })
  return new URLSearchParams(agent.query).get('session_id') ?? undefined
}

describe.each(CARRIERS)('with carrier %s, calls go out exactly as made', (carrier) => {
  const correlation = `{ origins: ['/agent'], carrier: '${carrier}' }`

  it('when the session is not sampled', async () => {
    const page = await stage.open({ correlation, init: 'sessionSampleRate: 0' })
    await expectUntouched(page)
    expect(page.console).toEqual([])
    await page.close()
  })

  it('without tracking consent', async () => {
    const page = await stage.open({ correlation, init: "trackingConsent: 'not-granted'" })
    await expectUntouched(page)
    expect(page.console).toEqual([])
    await page.close()
  })

  it('once the session is stopped', async () => {
    const page = await stage.open({ correlation })
    await page.sessionId()
    await page.evaluate('DD_RUM.stopSession()')
    await page.waitFor('DD_RUM.getInternalContext() === undefined')
    await expectUntouched(page)
    await page.close()
  })

  it.each(RUM_SDKS)('in a WebView whose app takes over the events of RUM SDK $version', async ({ rum }) => {
    const before = `window.DatadogEventBridge = {
      getAllowedWebViewHosts: () => JSON.stringify([location.hostname]),
      getCapabilities: () => '[]',
      getPrivacyLevel: () => 'mask',
      send() {},
    }`
    const page = await stage.open({ correlation, rum, before })
    await page.sessionId()
    await expectUntouched(page)
    expect(page.console).toEqual([])
    await page.close()
  })

  it('when init is never called', async () => {
    const page = await stage.open({ correlation, callInit: false })
    await expectUntouched(page)
    await page.close()
  })
})

describe('the session id', () => {
  it('is read for every call, so that a renewed session gives its own', async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    const first = await page.sessionId()
    expect(await carried(page)).toBe(first)
    await page.evaluate('DD_RUM.stopSession()')
    await page.waitFor('DD_RUM.getInternalContext() === undefined')
    expect(await carried(page)).toBeUndefined()
    // A session begins with the next thing that a person does.
    await page.click()
    const second = await page.sessionId()
    expect(second).not.toBe(first)
    expect(await carried(page)).toBe(second)
    await page.close()
  })

  it('is added from the moment that consent is granted, and not after it is withdrawn', async () => {
    const page = await stage.open({ correlation: `['/agent']`, init: "trackingConsent: 'not-granted'" })
    expect(await carried(page)).toBeUndefined()
    await page.evaluate("DD_RUM.setTrackingConsent('granted')")
    const id = await page.sessionId()
    expect(await carried(page)).toBe(id)
    await page.evaluate("DD_RUM.setTrackingConsent('not-granted')")
    await page.waitFor('DD_RUM.getInternalContext() === undefined')
    expect(await carried(page)).toBeUndefined()
    await page.close()
  })

  it('of another tab in the same session is the same', async () => {
    const url = await stage.site.add({ correlation: `['/agent']` })
    const page = await stage.open({ correlation: `['/agent']` })
    const id = await page.sessionId()
    const tab = await page.openTab(url)
    await tab.sessionId()
    await tab.evaluate(() => fetch('/agent/second-tab').then((response) => response.text()))
    expect((await stage.site.only('/agent/second-tab')).query).toBe(`session_id=${id}`)
    await page.close()
  })

  it.each([
    "sessionPersistence: 'cookie'",
    "sessionPersistence: 'local-storage'",
    "sessionPersistence: 'memory'",
    "sessionPersistence: ['local-storage', 'cookie']",
  ])('is carried with %s', async (init) => {
    const page = await stage.open({ correlation: `['/agent']`, init })
    const id = await page.sessionId()
    expect(await carried(page)).toBe(id)
    await page.close()
  })
})
