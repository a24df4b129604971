import { describe, expect, it } from 'vitest'
import { expectOnly, send, sendPair } from '../../support/calls.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import { flushRum, type Source, type TestPage } from '../../support/page.js'
import { CARRIERS, RUM_SDKS } from '../../support/rumSdks.js'
import { PATIENTLY, useStage } from '../../support/stage.js'

const stage = useStage()

/** A text that no query and no path shows for what it is. */
const HIDDEN: Source = "btoa(path + '?' + parameters).replace(/[+/=]/g, '-')"

/** What a `proxy` function of RUM's makes of path and parameters; `PATH` is where an entry takes calls. */
const PROXIES: Array<[name: string, returned: Source]> = [
  ['encodes all in the path', `location.origin + 'PATH/' + ${HIDDEN}`],
  ['encodes all in the path of a relative URL', `'PATH/' + ${HIDDEN}`],
  ['encodes all in the query', `'PATH/events?d=' + ${HIDDEN}`],
  ['hashes all', `'PATH/' + [...(path + parameters)].reduce((hash, c) => (hash * 31 + c.charCodeAt(0)) >>> 0, 7)`],
  ['counts', "'PATH/' + returned.length"],
  ['draws', "'PATH/' + Math.random().toString(36).slice(2)"],
  ['answers otherwise without parameters', "parameters ? 'PATH/events' : 'PATH/nothing'"],
  ['throws without parameters', `parameters || returned.push('early') ? 'PATH/events/' + ${HIDDEN} : fail()`],
  ['writes a URL that browsers write otherwise', `'PATH/./a/../' + ${HIDDEN} + '#part'`],
]

/** Init options with such a function, which keeps what it has returned in `returned`. */
const proxy = (returned: Source, path: string): Source => `proxy: ({ path, parameters }) => {
    const url = ${returned.replaceAll('PATH', path)}
    returned.push(new URL(url, location.href).href)
    return url
  }`

const isIntakeOf = (path: string) => (request: CapturedRequest) => request.path.startsWith(`${path}/`)

/** Has RUM send by `fetch`, as it does once it has 16 kB, and by `sendBeacon`, as it does when the page is frozen. */
async function sendEvents(page: TestPage, path: string): Promise<CapturedRequest[]> {
  const isMine = isIntakeOf(path)
  const arrived = (text: string) => () =>
    stage.site.requests.some((request) => isMine(request) && request.text.includes(text))
  await page.evaluate("DD_RUM.addAction('by-fetch', { text: 'a'.repeat(20_000) })")
  await expect.poll(arrived('by-fetch'), PATIENTLY).toBe(true)
  await page.evaluate("DD_RUM.addAction('by-beacon')")
  await flushRum(page)
  await expect.poll(arrived('by-beacon'), PATIENTLY).toBe(true)
  return stage.site.requests.filter(isMine)
}

async function expectAsSent(page: TestPage, requests: CapturedRequest[]): Promise<void> {
  const returned = await page.evaluate<string[]>('returned')
  for (const request of requests) {
    expect(request.query ?? '').not.toContain('session_id=')
    expect(returned.map((url) => url.replace(/#.*/, ''))).toContain(stage.site.origin + request.url)
    expect(request.header('baggage')).toBeUndefined()
    expect(request.header('x-datadog-tags')).toBeUndefined()
    for (const line of request.text.split('\n').filter(Boolean)) {
      expect(JSON.parse(line)).not.toHaveProperty('session_id')
    }
  }
}

describe.each(RUM_SDKS)(
  "with RUM SDK $version, RUM's own calls never carry the id through a proxy function that",
  (sdk) => {
    it.each(PROXIES)('%s', async (name, returned) => {
      const path = `/agent/intake/${sdk.version}/${name.replace(/\W/g, '')}`
      const page = await stage.open({
        rum: sdk.rum,
        before: 'window.returned = []',
        correlation: "{ origins: ['/agent'], carrier: 'query' }",
        init: proxy(returned, path),
      })
      const id = await page.sessionId()
      await expectAsSent(page, await sendEvents(page, path))
      expectOnly(await sendPair(page, stage.site, { client: 'fetch(string, init)' }), { query: `session_id=${id}` })
      await page.close()
    })
  },
)

describe("RUM's own calls through a proxy function that encodes all in the path", () => {
  it.each(CARRIERS)('carry nothing with carrier %s', async (carrier) => {
    const path = `/agent/intake/carrier/${carrier}`
    const page = await stage.open({
      before: 'window.returned = []',
      correlation: `{ origins: [location.origin, /.*/, () => true], carrier: '${carrier}' }`,
      init: proxy(`'PATH/' + ${HIDDEN}`, path),
    })
    await page.sessionId()
    await expectAsSent(page, await sendEvents(page, path))
    await page.close()
  })

  it('carry nothing while RUM starts, nor once the plugin was stopped and started again', async () => {
    const path = '/agent/intake/again'
    const page = await stage.open({
      before: 'window.returned = []',
      between: "window.plugin = DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], carrier: 'query' })",
      plugins: '[plugin]',
      init: proxy(`'PATH/' + ${HIDDEN}`, path),
      inInitScript: "DD_RUM.addAction('early', { text: 'a'.repeat(20_000) })",
    })
    await page.sessionId()
    await page.evaluate(
      `plugin.stop(); plugin.onInit({ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM })`,
    )
    await expectAsSent(page, await sendEvents(page, path))
    await page.close()
  })

  it('carry nothing when several plugin instances know of it', async () => {
    const path = '/agent/intake/several'
    const plugin = "DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], carrier: 'query' })"
    const page = await stage.open({
      before: 'window.returned = []',
      plugins: `[${plugin}, ${plugin}]`,
      init: proxy(`'PATH/' + ${HIDDEN}`, path),
    })
    await page.sessionId()
    await expectAsSent(page, await sendEvents(page, path))
    await page.close()
  })
})

it('RUM starts when its init options cannot be changed', async () => {
  const page = await stage.open({
    callInit: false,
    before: 'window.returned = []',
    after: `DD_RUM.init(Object.freeze({
      applicationId: '00000000-0000-4000-8000-000000000000',
      clientToken: 'pub00000000000000000000000000000000',
      plugins: [DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], carrier: 'query' })],
      ${proxy(`'PATH/' + ${HIDDEN}`, '/agent/intake/frozen')},
    }))`,
  })
  const id = await page.sessionId()
  expectOnly(await sendPair(page, stage.site, { client: 'fetch(string, init)' }), { query: `session_id=${id}` })
  expect(page.errors).toEqual([])
  await page.close()
})

it('a proxy function is called by RUM alone, as often and with the same arguments as without the plugin', async () => {
  const path = '/agent/intake/calls'
  const init = `proxy: (options) => {
    calls.push([Object.keys(options).sort().join(), options.path, /dd-api-key/.test(options.parameters)].join(' '))
    return '${path}/' + calls.length
  }`
  const [plain = [], correlated] = await Promise.all(
    [{}, { correlation: "['/agent']" }].map(async (definition) => {
      const page = await stage.open({ ...definition, before: 'window.calls = []', init })
      await page.sessionId()
      const calls = await page.evaluate<string[]>("DD_RUM.addAction('one'); calls")
      await page.close()
      return calls
    }),
  )
  expect(correlated).toEqual(plain)
})

it('the path of a proxy function stays open for calls of the page that differ in their query', async () => {
  const page = await stage.open({
    before: 'window.returned = []',
    correlation: "{ origins: ['/agent'], carrier: 'query' }",
    init: proxy(`'PATH/gateway?d=' + ${HIDDEN}`, '/agent/intake/shared'),
  })
  const id = await page.sessionId()
  await sendEvents(page, '/agent/intake/shared')
  await page.evaluate(send, { client: 'fetch(string, init)', url: '/agent/intake/shared/gateway?d=chat' })
  const [request] = stage.site.requests.filter(({ query }) => query?.startsWith('d=chat'))
  expect(request?.query).toBe(`d=chat&session_id=${id}`)
  await page.close()
})
