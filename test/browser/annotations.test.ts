import { describe, expect, it } from 'vitest'
import { type Call, CLIENTS, sendPair } from '../support/calls.js'
import { flushRum, type RumEvent, type TestPage } from '../support/page.js'
import { PATIENTLY, useStage } from '../support/stage.js'

const stage = useStage()
const POST = { method: 'POST', body: { as: 'string', text: '{"a":1}' } } as const satisfies Partial<Call>

/** The RUM resource events of these paths, as the SDK sent them. */
async function resourcesOf(page: TestPage, paths: string[]): Promise<RumEvent[]> {
  const found = () =>
    paths.map((path) =>
      stage.site.rumEvents.find(({ type, resource }) => type === 'resource' && new URL(resource.url).pathname === path),
    )
  // The SDK waits for the browser's timing entries before it makes an event.
  await expect
    .poll(async () => {
      await flushRum(page)
      return found().filter((event) => event === undefined).length
    }, PATIENTLY)
    .toBe(0)
  return found() as RumEvent[]
}

describe('the RUM resource event of a call', () => {
  it.each(['body', 'query', 'baggage', 'trace-tags'])('names the carrier that the call used: %s', async (carrier) => {
    const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
    await page.sessionId()
    const paths: Array<[path: string, plainPath: string]> = []
    for (const client of CLIENTS) {
      const { agent, plain } = await sendPair(page, stage.site, { client, ...POST })
      paths.push([agent.path, plain.path])
    }
    for (const event of await resourcesOf(
      page,
      paths.map(([path]) => path),
    )) {
      expect(event.context?.llm_correlation).toEqual({ carrier })
    }
    for (const event of await resourcesOf(
      page,
      paths.map(([, path]) => path),
    )) {
      expect(event.context?.llm_correlation).toBeUndefined()
    }
    await page.close()
  })

  it('names the carrier that took the place of the one asked for', async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    await page.sessionId()
    for (const client of CLIENTS) {
      const { agent } = await sendPair(page, stage.site, { client })
      const [event] = await resourcesOf(page, [agent.path])
      expect(event?.context?.llm_correlation).toEqual({ carrier: 'query' })
    }
    await page.close()
  })

  it('says why a call carries no id', async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    await page.sessionId()
    for (const client of CLIENTS) {
      const { agent } = await sendPair(page, stage.site, { client, ...POST, headers: { 'content-md5': 'x' } })
      const [event] = await resourcesOf(page, [agent.path])
      expect(event?.context?.llm_correlation).toEqual({ carrier: 'none', reason: expect.stringMatching(/sign/) })
    }
    await page.close()
  })

  it('says nothing of it with annotateResources false', async () => {
    const page = await stage.open({ correlation: `{ origins: ['/agent'], annotateResources: false }` })
    const id = await page.sessionId()
    const { agent } = await sendPair(page, stage.site, { client: 'fetch(string, init)' })
    expect(agent.query).toBe(`session_id=${id}`)
    const [event] = await resourcesOf(page, [agent.path])
    expect(event?.context?.llm_correlation).toBeUndefined()
    await page.close()
  })

  it("keeps the page's own context", async () => {
    const page = await stage.open({
      correlation: `['/agent']`,
      init: 'beforeSend: (event) => { if (event.type === "resource") event.context = { ...event.context, mine: 1 } }',
    })
    await page.sessionId()
    await page.evaluate("DD_RUM.setGlobalContextProperty('theirs', 2)")
    const { agent } = await sendPair(page, stage.site, { client: 'XHR' })
    const [event] = await resourcesOf(page, [agent.path])
    expect(event?.context).toEqual({ llm_correlation: { carrier: 'query' }, mine: 1, theirs: 2 })
    await page.close()
  })
})
