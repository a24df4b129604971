import { describe, expect, it } from 'vitest'
import { CLIENTS, expectOnly, sendPair } from '../../support/calls.js'
import type { PageDefinition, Source } from '../../support/page.js'
import { CARRIERS, placesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

interface Instance {
  /** The session that its RUM has by now. */
  session: string | undefined
  options?: Source
  configuration?: Source
  /** Its RUM has not started yet. */
  starting?: true
}

/** A page with plugin instances, each of a RUM of its own that is only what the plugin asks RUM for. */
const withInstances = (...instances: Instance[]): PageDefinition => ({
  rum: false,
  between: instances
    .map(
      ({ session, options = "['/agent']", configuration = '', starting }) => `{
      const plugin = DD_LLM_CORRELATION.llmCorrelation(${options})
      plugin.onInit({
        initConfiguration: { ${configuration} },
        publicApi: { getInternalContext: () => (${JSON.stringify(session && { session_id: session })}), getUser: () => ({}), getAccount: () => ({}) },
      })
      ${starting ? '' : 'plugin.onRumStart({})'}
    }`,
    )
    .join('\n'),
})

const NONE: Instance = { session: undefined }
const A: Instance = { session: 'session-a' }
const B: Instance = { session: 'session-b' }

describe('of plugin instances that have the same entry', () => {
  it.each<[name: string, instances: Instance[], expected: string | undefined]>([
    ['the first', [A, B], 'session-a'],
    ['the first that has a session', [NONE, B], 'session-b'],
    ['the first that has a session of many', [NONE, NONE, B, A], 'session-b'],
    ['the first, with one behind it that has no session,', [A, NONE], 'session-a'],
    ['none without a session', [NONE, NONE], undefined],
    [
      'the one that has a session while another RUM starts',
      [{ ...NONE, options: "{ origins: ['/agent'], startupTimeout: 3_000 }", starting: true }, B],
      'session-b',
    ],
    ['the first that has a session, by a wider entry,', [NONE, { ...B, options: '[/agent/]' }], 'session-b'],
    [
      'the one that has a session, where consent is refused to the other,',
      [{ ...NONE, configuration: "trackingConsent: 'not-granted'", starting: true }, B],
      'session-b',
    ],
  ])('%s serves the calls', async (_, instances, expected) => {
    const page = await stage.open(withInstances(...instances))
    for (const client of CLIENTS) {
      const get = await sendPair(page, stage.site, { client })
      expectOnly(get, expected === undefined ? {} : { query: `session_id=${expected}` })
      const body = { as: 'string', text: '{}' } as const
      const post = await sendPair(page, stage.site, { client, method: 'POST', body })
      expectOnly(post, expected === undefined ? {} : { body: `{"session_id":"${expected}"}` })
    }
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each<[name: string, call: (url: string) => Source]>([
    ['a beacon', (url) => `navigator.sendBeacon('${url}')`],
    ['an EventSource', (url) => `{ const source = new EventSource('${url}'); source.onerror = () => source.close() }`],
    ['a WebSocket', (url) => `{ const socket = new WebSocket('${url}'); socket.onopen = () => socket.close() }`],
  ])('the first that has a session serves %s', async (name, call) => {
    const page = await stage.open(withInstances(NONE, B))
    const path = `/agent/instances/${name.replace(/\W/g, '')}`
    await page.evaluate(`${call(path)}; void 0`)
    expect((await stage.site.only(path)).query).toBe('session_id=session-b')
    await page.close()
  })

  it.each(CARRIERS)('the first that has a session serves with its own carrier %s', async (carrier) => {
    const page = await stage.open(
      withInstances(
        { ...NONE, options: "{ origins: ['/agent'], carrier: 'baggage', field: 'other' }" },
        { ...B, options: `{ origins: ['/agent'], carrier: '${carrier}', field: 'sid' }` },
      ),
    )
    for (const client of CLIENTS) {
      const { agent } = await sendPair(page, stage.site, {
        client,
        method: 'POST',
        body: { as: 'string', text: '{}' },
      })
      const place = carrier === 'trace-tags' ? 'x-datadog-tags' : carrier
      expect(placesOf(agent, 'session-b'), client).toEqual([place])
      expect(agent.text + (agent.query ?? ''), client).not.toContain('other')
    }
    await page.close()
  })

  it('a session that comes and goes counts call by call', async () => {
    const page = await stage.open(withInstances(NONE, NONE))
    const between = withInstances(NONE, B).between as Source
    await page.evaluate(
      between.replace(JSON.stringify({ session_id: 'session-b' }), 'window.current && { session_id: window.current }'),
    )
    for (const current of ['one', undefined, 'two']) {
      await page.evaluate(`void (window.current = ${JSON.stringify(current)})`)
      for (const client of CLIENTS) {
        const pair = await sendPair(page, stage.site, { client })
        expectOnly(pair, current === undefined ? {} : { query: `session_id=${current}` })
      }
    }
    await page.close()
  })
})

it("an SDK's own calls stay bare where the entry is another instance's", async () => {
  const page = await stage.open(
    withInstances(A, { ...B, options: "['/other']", configuration: "remoteConfigurationProxy: '/agent/remote'" }),
  )
  await page.evaluate("fetch('/agent/remote').then((response) => response.text())")
  expect((await stage.site.only('/agent/remote')).query).toBeUndefined()
  await page.close()
})

it('of two RUM SDKs on a page, one that has no consent does not hide the one that has it', async () => {
  const init = (plugin: Source, consent: Source) => `.init({
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    sessionSampleRate: 100,
    telemetrySampleRate: 0,
    proxy: location.origin + '/rum-intake',
    trackingConsent: '${consent}',
    plugins: [${plugin}(['/agent'])],
  })`
  const page = await stage.open({
    callInit: false,
    // The npm build takes the name over.
    between: 'window.scriptTagRum = DD_RUM',
    module: `import { datadogRum } from '@datadog/browser-rum'
      import { llmCorrelation } from 'rum-llm-correlation'
      datadogRum${init('llmCorrelation', 'not-granted')}
      window.DD_RUM = scriptTagRum
      DD_RUM${init('DD_LLM_CORRELATION.llmCorrelation', 'granted')}`,
  })
  const id = await page.sessionId()
  for (const client of CLIENTS) {
    expectOnly(await sendPair(page, stage.site, { client }), { query: `session_id=${id}` })
  }
  await page.close()
})
