import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, type Client, send } from '../../support/calls.js'
import type { PageDefinition, RumEvent, Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, LOAD_LOGS, placesOf, RUM_SDKS, resourcesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'
import { membersOf } from '../../support/w3cBaggage.js'

const stage = useStage()

type CarrierName = (typeof CARRIERS)[number]
const METHODS = ['GET', 'POST'] as const
const CLIENTS = ['fetch(string, init)', 'fetch(URL, init)', 'fetch(Request)', 'XHR', 'sync XHR'] as const

/** Where a call's id stands, and nowhere else. */
const placeOf = (carrier: CarrierName, method: (typeof METHODS)[number]) =>
  ({
    body: method === 'GET' ? 'query' : 'body',
    query: 'query',
    baggage: 'baggage',
    'trace-tags': 'x-datadog-tags',
  })[carrier]

const pathOf = (carrier: CarrierName, client: Client, method: string) =>
  `/agent/${carrier}/${client.replace(/\W/g, '')}-${method}`

const callTo = (path: string, client: Client, method: string): Call => ({
  client,
  url: path,
  method,
  ...(method === 'POST' && {
    body: { as: 'string', text: '{"a":1}' },
    headers: { 'content-type': 'application/json' },
  }),
})

const TRACING = 'allowedTracingUrls: [location.origin], traceSampleRate: 100, propagateTraceBaggage: true'
const SETTINGS: Array<{ setting: string; definition: PageDefinition }> = [
  { setting: 'alone', definition: {} },
  { setting: 'tracing the calls', definition: { init: TRACING } },
  { setting: 'after the Logs SDK', definition: { before: LOAD_LOGS } },
  { setting: 'before the Logs SDK', definition: { after: LOAD_LOGS } },
  { setting: 'tracing the calls, after the Logs SDK', definition: { before: LOAD_LOGS, init: TRACING } },
]

/**
 * RUM SDK 5 and 6 take the browser's timing entry for a call's own where it lies within the call, give or take 1 ms, and measure
 * the call in whole milliseconds. A call that ends as soon as its answer is there has no more than that to spare.
 */
const MEASURE_EXACTLY: Source = 'Date.prototype.getTime = () => performance.timeOrigin + performance.now()'

const PAGES = RUM_SDKS.flatMap((sdk) => SETTINGS.map((setting) => ({ ...sdk, ...setting })))
const CALLS = CARRIERS.flatMap((carrier) =>
  METHODS.flatMap((method) => CLIENTS.map((client) => ({ carrier, method, client }))),
)

describe.each(PAGES)('with RUM SDK $version, $setting,', ({ version, rum, setting, definition }) => {
  let page: TestPage
  let id: string
  let resources: RumEvent[]
  const isTraced = setting.startsWith('tracing')

  beforeAll(async () => {
    const path = `/sdk-${version}/${setting.replace(/\W/g, '')}`
    page = await stage.open({
      ...definition,
      rum,
      correlation: ENTRY_PER_CARRIER,
      // SDK 5 tracks resources only when told to.
      init: `trackResources: true, ${definition.init ?? ''}`,
    })
    id = await page.sessionId()
    if (version < 7) {
      await page.evaluate(MEASURE_EXACTLY)
    }
    await Promise.all(
      CALLS.map(({ carrier, client, method }) =>
        page.evaluate(send, callTo(pathOf(carrier, client, method) + path, client, method)),
      ),
    )
    resources = await resourcesOf(stage.site, page, id, path, CALLS.length)
  })
  afterAll(() => page?.close())

  it.each(CALLS)(
    '$client, $method: the id arrives once with carrier $carrier, and RUM times the call',
    async ({ carrier, client, method }) => {
      const path = `${pathOf(carrier, client, method)}/sdk-${version}/${setting.replace(/\W/g, '')}`
      const request = await stage.site.only(path)
      // With its own baggage RUM tells the session, too.
      const byRum = isTraced && version > 5 && carrier !== 'baggage' ? ['baggage'] : []
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
        url: stage.site.origin + request.url,
        first_byte: { duration: expect.any(Number) },
        download: { duration: expect.any(Number) },
      })
      expect(resource?._dd.trace_id !== undefined).toBe(isTraced)
      if (isTraced) {
        expect(request.header('x-datadog-trace-id')).toBe(resource?._dd.trace_id)
      }
    },
  )

  it('nothing is said in the console, and nothing fails', () => {
    expect(page.errors).toEqual([])
    expect(page.console).toEqual([])
  })
})

const CAPTURE = (name: string): string => `window.${name} = {
  fetch,
  open: XMLHttpRequest.prototype.open,
  setRequestHeader: XMLHttpRequest.prototype.setRequestHeader,
  send: XMLHttpRequest.prototype.send,
}`

describe.each(RUM_SDKS)('with RUM SDK $version', ({ version, rum }) => {
  it.each([
    ['in the same script', { inInitScript: CAPTURE('captured') }],
    ['in the next script', { after: CAPTURE('captured') }],
  ])('a client that has captured fetch and XHR right after init, %s, is correlated once', async (where, definition) => {
    const page = await stage.open({ rum, correlation: ENTRY_PER_CARRIER, ...definition })
    const id = await page.sessionId()
    for (const carrier of CARRIERS) {
      const path = `/agent/${carrier}/captured-${version}-${where.replace(/\W/g, '')}`
      await page.evaluate(async (path) => {
        type Xhr = typeof XMLHttpRequest.prototype
        interface Captured extends Pick<Xhr, 'setRequestHeader' | 'send'> {
          fetch: typeof globalThis.fetch
          open: (this: Xhr, method: string, url: string) => void
        }
        const { captured } = window as unknown as { captured: Captured }
        const { fetch, open, setRequestHeader, send } = captured
        const init = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
        await fetch(`${path}/string`, init)
        await fetch(new Request(`${path}/request`, init))
        const xhr = new XMLHttpRequest()
        open.call(xhr, 'POST', `${path}/xhr`)
        setRequestHeader.call(xhr, 'content-type', 'application/json')
        await new Promise((resolve) => {
          xhr.onload = resolve
          send.call(xhr, '{"a":1}')
        })
      }, path)
      for (const call of ['string', 'request', 'xhr']) {
        const request = await stage.site.only(`${path}/${call}`)
        expect(placesOf(request, id), call).toEqual([placeOf(carrier, 'POST')])
      }
    }
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('patches do not stack up, however often the plugin is started or stopped', async () => {
    // How deep the stack is when a call gets to the browser's own function tells how many patches it has passed.
    const probe = (target: string) => `{
      const native = ${target}
      ${target} = function (...args) { window.depth = new Error().stack.split('\\n').length; return native.apply(this, args) }
    }`
    const page = await stage.open({
      rum,
      before: `Error.stackTraceLimit = Infinity; ${probe('window.fetch')} ${probe('XMLHttpRequest.prototype.send')}`,
      between: `window.plugin = DD_LLM_CORRELATION.llmCorrelation(${ENTRY_PER_CARRIER})`,
      plugins: '[plugin]',
    })
    await page.sessionId()
    const depths = () =>
      page.evaluate(async () => {
        const depthOf = () => (window as unknown as { depth: number }).depth
        const answer = fetch('/agent/query/depth')
        const ofFetch = depthOf()
        const xhr = new XMLHttpRequest()
        xhr.open('GET', '/agent/query/depth')
        xhr.send()
        const ofXhr = depthOf()
        await answer
        return [ofFetch, ofXhr]
      })
    const before = await depths()
    await page.evaluate(`for (let i = 0; i < 10; i++) {
      DD_RUM.init({ ...DD_RUM.getInitConfiguration(), plugins: [plugin] })
      const options = { initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM }
      plugin.onInit(options)
      plugin.onRumStart({})
      plugin.stop()
      plugin.onInit(options)
      plugin.onRumStart({})
    }`)
    expect(await depths()).toEqual(before)
    await page.close()
  })
})
