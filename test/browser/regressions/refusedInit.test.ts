import { expect, it } from 'vitest'
import { openPage } from '../../support/openPage.js'
import { RUM_SDKS } from '../../support/rumSdks.js'

// The configuration of an `init` that RUM had refused counted for good: that of the next one said what RUM adds to a call.

/** In the page: makes a refused `init`, then a good one with the same plugin object, and a call at once. */
async function initTwice({ refused, path, pause }: { refused: object; path: string; pause: number }): Promise<void> {
  const options = {
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    service: 'test-page',
    telemetrySampleRate: 0,
    proxy: `${location.origin}/rum-intake`,
    plugins: [DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], carrier: 'baggage' })],
  }
  DD_RUM.init({ ...options, ...refused } as typeof options)
  await new Promise((resolve) => setTimeout(resolve, pause))
  DD_RUM.init({ ...options, allowedTracingUrls: [location.origin], propagateTraceBaggage: true } as typeof options)
  fetch(path)
}

const REFUSED: Record<string, object> = {
  'without a client token': { clientToken: undefined },
  'without an application id': { applicationId: undefined },
  'with a wrong sample rate': { sessionSampleRate: 101 },
  'with tracing and no service': { allowedTracingUrls: ['https://elsewhere.test'], service: undefined },
}

let count = 0

it.each(RUM_SDKS.flatMap(({ version, rum }) => Object.keys(REFUSED).map((name) => [version, name, rum] as const)))(
  'RUM SDK %i: after an init %s, a good one counts, from its first call on',
  async (_, name, rum) => {
    const page = await openPage({ sdk: rum, callInit: false })
    const path = `/agent/refused/${++count}`
    // The second time longer than a call waits.
    await page.run(initTwice, { refused: REFUSED[name] as object, path, pause: count % 2 ? 0 : 700 })
    const id = await page.sessionId()
    const { header, query } = await page.server.only(path)
    const members = header('baggage')?.split(/\s*,\s*/) ?? []
    expect(members.filter((member) => member.startsWith('session.id='))).toEqual([`session.id=${id}`])
    expect(query).toBeUndefined()
    await page.close()
  },
)
