import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { linesOf, ofSdk } from '../../support/debugLines.js'
import { openPage, type PageOptions } from '../../support/openPage.js'
import { get, UNWAITED, xhr } from '../../support/pageCalls.js'
import { inPage } from '../../support/pageScript.js'
import { PATIENTLY } from '../../support/patiently.js'

describe('without a session, debug says why', () => {
  const plugin = { debug: true, origins: ['/agent'], startupTimeout: 0 }
  const held: PageOptions = {
    plugins: () => [
      DD_LLM_CORRELATION.llmCorrelation({ debug: true, origins: ['/agent'] }),
      { name: 'held', onInit: () => new Promise(() => {}) },
    ],
  }
  const refused: PageOptions = { plugin, init: { trackingConsent: 'not-granted' } }

  it.each<[name: string, options: PageOptions, wait: number, said: RegExp, unsaid: RegExp]>([
    ['it is not sampled', { plugin, init: { sessionSampleRate: 0 } }, 1000, /sampl/i, /consent/i],
    ['consent is refused', refused, 1000, /consent/i, /sampl/i],
    ['RUM has not started', held, 0, /start/i, /sampl|consent/i],
  ])('%s', async (_, options, wait, said, unsaid) => {
    const page = await openPage(options)
    await delay(wait)
    // None of the words that are looked for.
    const path = `/agent/why/${said.source.length}-${unsaid.source.length}`
    for (const call of [get, xhr]) {
      const lines = await linesOf(page, [call, `${path}?a=secret`])
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(path)
      const reason = lines[0]?.slice(lines[0].indexOf(path))
      expect(reason).toMatch(said)
      expect(reason).not.toMatch(unsaid)
      expect(reason).not.toContain('secret')
    }
    await page.close()
  })

  it('the session has ended', async () => {
    const page = await openPage({ plugin })
    await page.sessionId()
    await page.run(() => DD_RUM.stopSession())
    await page.waitFor(() => DD_RUM.getInternalContext() === undefined)
    expect(await linesOf(page, [get, '/agent/why/ended?a=secret'])).toEqual([
      expect.stringMatching(/GET \S+\/agent\/why\/ended: .*session/),
    ])
    await page.close()
  })

  it('RUM has not started, and what cannot wait goes out', async () => {
    const page = await openPage({
      ...held,
      inInit: inPage(({ calls, url }) => void calls.map((call) => call(url)), {
        calls: UNWAITED.map(([, call]) => call),
        url: '/agent/early',
      }),
    })
    await expect.poll(() => ofSdk(page.console).slice(1), PATIENTLY).toHaveLength(UNWAITED.length)
    for (const [index, [, , method]] of UNWAITED.entries()) {
      expect(ofSdk(page.console)[index + 1]).toMatch(new RegExp(`${method} \\S+/agent/early: none \\(.*start`))
    }
    await page.close()
  })

  it('once consent is given, and once RUM has started, calls carry the id', async () => {
    const page = await openPage(refused)
    expect((await linesOf(page, [xhr, '/agent/why/1']))[0]).toMatch(/consent/i)
    await page.run(() => DD_RUM.setTrackingConsent('granted'))
    await page.sessionId()
    expect((await linesOf(page, [xhr, '/agent/why/2']))[0]).toMatch(/query session_id/)
    await page.close()
  })
})
