import { describe, expect, it } from 'vitest'
import type { LlmCorrelationOptions } from '../../../src/index.js'
import { CLIENTS, expectOnly } from '../../support/calls.js'
import { initOptions } from '../../support/initOptions.js'
import { npmModule } from '../../support/npmModule.js'
import { openPage } from '../../support/openPage.js'
import { eventSource, type PageCall, webSocket } from '../../support/pageCalls.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, placesOf } from '../../support/rumSdks.js'

interface Instance {
  /** In the page: the session that its RUM has by now. */
  session: () => string | undefined
  options?: LlmCorrelationOptions | LlmCorrelationOptions['origins']
  configuration?: object
  /** Its RUM has not started yet. */
  isStarting?: true
}

/**
 * In the page: plugin instances, each of a RUM of its own that is only what the plugin asks RUM
 * for.
 */
function startInstances(instances: Instance[]): void {
  for (const { session, options = ['/agent'], configuration = {}, isStarting } of instances) {
    const getInternalContext = () => session() && { session_id: session() }
    const plugin = DD_LLM_CORRELATION.llmCorrelation(options)
    plugin.onInit({
      initConfiguration: configuration,
      publicApi: { getInternalContext, getUser: () => ({}), getAccount: () => ({}) },
    })
    if (!isStarting) {
      plugin.onRumStart()
    }
  }
}

const openWith = (...instances: Instance[]) => openPage({ sdk: 'none', between: inPage(startInstances, instances) })

const NONE: Instance = { session: () => undefined }
const A: Instance = { session: () => 'session-a' }
const B: Instance = { session: () => 'session-b' }

describe('of plugin instances that have the same entry', () => {
  it.each<[name: string, instances: Instance[], expected: string | undefined]>([
    ['the first', [A, B], 'session-a'],
    ['the first that has a session', [NONE, B], 'session-b'],
    ['the first that has a session of many', [NONE, NONE, B, A], 'session-b'],
    ['the first, with one behind it that has no session,', [A, NONE], 'session-a'],
    ['none without a session', [NONE, NONE], undefined],
    [
      'the one that has a session while another RUM starts',
      [{ ...NONE, options: { origins: ['/agent'], startupTimeout: 3_000 }, isStarting: true }, B],
      'session-b',
    ],
    ['the first that has a session, by a wider entry,', [NONE, { ...B, options: [/agent/] }], 'session-b'],
    [
      'the one that has a session, where consent is refused to the other,',
      [{ ...NONE, configuration: { trackingConsent: 'not-granted' }, isStarting: true }, B],
      'session-b',
    ],
  ])('%s serves the calls', async (_, instances, expected) => {
    const page = await openWith(...instances)
    for (const client of CLIENTS) {
      const get = await page.sendBoth({ client })
      expectOnly(get, expected === undefined ? {} : { query: `session_id=${expected}` })
      const post = await page.sendBoth({ client, method: 'POST', body: { as: 'string', text: '{}' } })
      expectOnly(post, expected === undefined ? {} : { body: `{"session_id":"${expected}"}` })
    }
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each<[name: string, call: PageCall]>([
    ['a beacon', (url) => navigator.sendBeacon(url)],
    ['an EventSource', eventSource],
    ['a WebSocket', webSocket],
  ])('the first that has a session serves %s', async (name, call) => {
    const page = await openWith(NONE, B)
    const path = `/agent/instances/${name.replace(/\W/g, '')}`
    await page.run(call, path)
    expect((await page.server.only(path)).query).toBe('session_id=session-b')
    await page.close()
  })

  it.each(CARRIERS)('the first that has a session serves with its own carrier %s', async (carrier) => {
    const page = await openWith(
      { ...NONE, options: { origins: ['/agent'], carrier: 'baggage', field: 'other' } },
      { ...B, options: { origins: ['/agent'], carrier, field: 'sid' } },
    )
    for (const client of CLIENTS) {
      const { agent } = await page.sendBoth({ client, method: 'POST', body: { as: 'string', text: '{}' } })
      const place = carrier === 'trace-tags' ? 'x-datadog-tags' : carrier
      expect(placesOf(agent, 'session-b'), client).toEqual([place])
      expect(agent.text + (agent.query ?? ''), client).not.toContain('other')
    }
    await page.close()
  })

  it('a session that comes and goes counts call by call', async () => {
    const page = await openWith(NONE, NONE, NONE, { session: () => window.noted?.[0] as string | undefined })
    for (const current of ['one', undefined, 'two']) {
      await page.run((current) => {
        window.noted = [current]
      }, current)
      for (const client of CLIENTS) {
        const pair = await page.sendBoth({ client })
        expectOnly(pair, current === undefined ? {} : { query: `session_id=${current}` })
      }
    }
    await page.close()
  })
})

it("an SDK's own calls stay bare where the entry is another instance's", async () => {
  const page = await openWith(A, {
    ...B,
    options: ['/other'],
    configuration: { remoteConfigurationProxy: '/agent/remote' },
  })
  await page.run(() => fetch('/agent/remote').then((response) => response.text()))
  expect((await page.server.only('/agent/remote')).query).toBeUndefined()
  await page.close()
})

it('of two RUM SDKs on a page, one that has no consent does not hide the one that has it', async () => {
  const page = await openPage({
    callInit: false,
    // The npm build takes the name over.
    between: () => {
      window.noted = [DD_RUM]
    },
    module: npmModule(
      ['rum', 'library'],
      ({ rum, library, options }) => {
        const [scriptTagRum] = noted as [typeof DD_RUM]
        const byNpm = library.llmCorrelation(['/agent'])
        const byScriptTag = DD_LLM_CORRELATION.llmCorrelation(['/agent'])
        rum.datadogRum.init({ ...options(), trackingConsent: 'not-granted', plugins: [byNpm] })
        window.DD_RUM = scriptTagRum
        DD_RUM.init({ ...options(), trackingConsent: 'granted', plugins: [byScriptTag] })
      },
      { options: initOptions },
    ),
  })
  const id = await page.sessionId()
  for (const client of CLIENTS) {
    expectOnly(await page.sendBoth({ client }), { query: `session_id=${id}` })
  }
  await page.close()
})
