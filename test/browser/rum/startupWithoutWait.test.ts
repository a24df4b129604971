import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, send, XHR_CLIENTS } from '../../support/calls.js'
import { expectAsMade, held, LONG, newPath } from '../../support/heldRum.js'
import { openPage, type Page, type PageOptions } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { inPage } from '../../support/pageScript.js'
import { RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

const JSON_CALL = { method: 'POST', body: { as: 'string', text: '{"a":1}' } } satisfies Partial<Call>
const plugin = { origins: ['/agent'], startupTimeout: LONG }

describe('nothing waits', () => {
  it.each<[name: string, options: PageOptions]>([
    ['with startupTimeout 0', held({ startupTimeout: 0 })],
    ['without tracking consent', { ...held(), init: { trackingConsent: 'not-granted' } }],
  ])('%s', async (_, options) => {
    const path = newPath()
    const inInit = inPage((path) => fetch(path, { method: 'POST', body: '{"a":1}' }), path)
    const page = await openPage({ ...options, inInit })
    await expectAsMade(path)
    await page.close()
  })

  it.each<[name: string, init: object, change: (page: TestPage) => Promise<unknown>]>([
    ['once RUM has started without a session', { sessionSampleRate: 0 }, async () => {}],
    [
      'once the session is stopped',
      {},
      async (page) => {
        await page.sessionId()
        await page.run(() => DD_RUM.stopSession())
        await page.waitFor(() => DD_RUM.getInternalContext() === undefined)
      },
    ],
  ])('%s', async (_, init, change) => {
    const path = newPath()
    const page = await openPage({
      plugins: inPage(
        (options) => [
          DD_LLM_CORRELATION.llmCorrelation(options),
          {
            name: 'observer',
            onRumStart() {
              window.noted = ['started']
            },
          },
        ],
        plugin,
      ),
      init,
    })
    await page.waitFor(() => window.noted)
    await change(page)
    await page.run(send, { client: 'fetch(string, init)', url: path })
    expect((await page.server.only(path)).query).toBeUndefined()
    await page.close()
  })

  it.each(RUM_SDKS.filter(({ version }) => version < 7))(
    'with RUM SDK $version, which starts inside init',
    async ({ rum }) => {
      const path = newPath()
      const page = await openPage({ sdk: rum, plugin, inInit: inPage((path) => fetch(path), path) })
      const id = await page.sessionId()
      expect((await page.server.only(path)).query).toBe(`session_id=${id}`)
      await page.close()
    },
  )

  it("of RUM's own calls, which its start needs", async () => {
    servers.site.respond('/remote-configuration', (_, response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end('{"rum":{"applicationId":"00000000-0000-4000-8000-000000000000"}}'),
    )
    const page = await openPage({
      plugin: { origins: [/.*/], startupTimeout: LONG },
      init: { remoteConfiguration: { id: 'one', sync: true }, remoteConfigurationProxy: '/remote-configuration' },
    })
    await page.sessionId()
    await page.close()
  })
})

describe('with RUM that has not started', () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage(held())
  })
  afterAll(() => page?.close())

  it.each(XHR_CLIENTS)('%s goes out at once, as made', async (client) => {
    const path = newPath()
    await page.run(send, { client, url: path, ...JSON_CALL })
    await expectAsMade(path)
  })

  it('a fetch that no entry matches goes out at once', async () => {
    await page.run(send, { client: 'fetch(string, init)', url: '/other' })
    expect((await page.server.only('/other')).query).toBeUndefined()
  })

  it('a beacon goes out at once', async () => {
    const path = newPath()
    await page.run((path) => navigator.sendBeacon(path, '{"a":1}'), path)
    expect((await page.server.only(path)).text).toBe('{"a":1}')
  })

  it('a call that native fetch refuses is refused with a TypeError', async () => {
    const path = newPath()
    const outcomes = page.run((path) => {
      const used = new Request(path, { method: 'POST', body: 'a' })
      const calls: Array<() => Promise<unknown>> = [
        () => fetch(path, { method: 'a b' }),
        () => fetch(path, { body: 'a' }),
        () => fetch(path, 1 as unknown as RequestInit),
        () => used.text().then(() => fetch(used)),
      ]
      setTimeout(letRumStart, 300)
      return Promise.all(
        calls.map((call) =>
          call().then(
            () => 'sent',
            (error) => error.constructor.name,
          ),
        ),
      )
    }, path)
    expect(await outcomes).toEqual(Array(4).fill('TypeError'))
    expect(page.server.requestsTo(path)).toEqual([])
  })
})
