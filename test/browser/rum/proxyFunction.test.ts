import { describe, expect, it } from 'vitest'
import { expectOnly, send } from '../../support/calls.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import { initOptions } from '../../support/initOptions.js'
import { openPage, type PageOptions } from '../../support/openPage.js'
import { flushRum, type TestPage } from '../../support/page.js'
import { inPage } from '../../support/pageScript.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

/** What RUM gives to a `proxy` function. */
interface ProxyOptions {
  path: string
  parameters: string
}
interface Given extends ProxyOptions {
  /** Where an entry takes calls. */
  base: string
  /** Path and parameters as a text that shows them for what they are in no query and no path. */
  hidden: string
  /** How many URLs were made before. */
  count: number
}
/** In the page: makes a URL of path and parameters. */
type MakeUrl = (given: Given) => string
interface WithProxy {
  proxy(options: ProxyOptions): string
}

const PROXIES: Array<[name: string, makeUrl: MakeUrl]> = [
  ['encodes all in the path', ({ base, hidden }) => `${location.origin}${base}/${hidden}`],
  ['encodes all in the path of a relative URL', ({ base, hidden }) => `${base}/${hidden}`],
  ['encodes all in the query', ({ base, hidden }) => `${base}/events?d=${hidden}`],
  [
    'hashes all',
    ({ base, path, parameters }) => {
      const codes = [...(path + parameters)].map((character) => character.charCodeAt(0))
      return `${base}/${codes.reduce((hash, code) => (hash * 31 + code) >>> 0, 7)}`
    },
  ],
  ['counts', ({ base, count }) => `${base}/${count}`],
  ['draws', ({ base }) => `${base}/${Math.random().toString(36).slice(2)}`],
  ['answers otherwise without parameters', ({ base, parameters }) => `${base}/${parameters ? 'events' : 'nothing'}`],
  [
    // SDK 5 itself calls it so in its init, and does not start if it throws then.
    'throws without parameters once RUM has started',
    ({ base, hidden, parameters }) => {
      if (!parameters && DD_RUM.getInternalContext()) throw new Error('on purpose')
      return `${base}/events/${hidden}`
    },
  ],
  ['writes a URL that browsers write otherwise', ({ base, hidden }) => `${base}/./a/../${hidden}#part`],
]
const HIDES_ALL: MakeUrl = ({ base, hidden }) => `${base}/${hidden}`
const QUERY = { origins: ['/agent'], carrier: 'query' } as const

/**
 * In the page: defines the function for {@link withProxy}, which notes the URLs that it has
 * returned.
 */
function defineProxy({ makeUrl, base }: { makeUrl: MakeUrl; base: string }): void {
  window.noted = []
  const proxy = ({ path, parameters }: ProxyOptions) => {
    const hidden = btoa(`${path}?${parameters}`).replace(/[+/=]/g, '-')
    const url = makeUrl({ path, parameters, base, hidden, count: noted.length })
    noted.push(new URL(url, location.href).href)
    return url
  }
  Object.assign(window, { proxy })
}

/** A page whose RUM has such a `proxy` function. */
const withProxy = (makeUrl: MakeUrl, base: string): PageOptions => ({
  before: inPage(defineProxy, { makeUrl, base }),
  init: { proxy: (options: ProxyOptions) => (window as unknown as WithProxy).proxy(options) },
})

const isIntakeOf = (path: string) => (request: CapturedRequest) => request.path.startsWith(`${path}/`)

/**
 * Has RUM send by `fetch`, as it does once it has 16 kB, and by `sendBeacon`, as it does when the
 * page is frozen.
 */
async function sendEvents(page: TestPage, path: string): Promise<CapturedRequest[]> {
  const isMine = isIntakeOf(path)
  const arrived = (text: string) => () =>
    servers.site.requests.some((request) => isMine(request) && request.text.includes(text))
  await page.run(() => DD_RUM.addAction('by-fetch', { text: 'a'.repeat(20_000) }))
  await expect.poll(arrived('by-fetch'), PATIENTLY).toBe(true)
  await page.run(() => DD_RUM.addAction('by-beacon'))
  await flushRum(page)
  await expect.poll(arrived('by-beacon'), PATIENTLY).toBe(true)
  return servers.site.requests.filter(isMine)
}

async function expectAsSent(page: TestPage, requests: CapturedRequest[]): Promise<void> {
  const returned = await page.run(() => noted as string[])
  for (const request of requests) {
    expect(request.query ?? '').not.toContain('session_id=')
    expect(returned.map((url) => url.replace(/#.*/, ''))).toContain(servers.site.origin + request.url)
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
    it.each(PROXIES)('%s', async (name, makeUrl) => {
      const path = `/agent/intake/${sdk.version}/${name.replace(/\W/g, '')}`
      const page = await openPage({ ...withProxy(makeUrl, path), sdk: sdk.rum, plugin: QUERY })
      const id = await page.sessionId()
      await expectAsSent(page, await sendEvents(page, path))
      expectOnly(await page.sendBoth({ client: 'fetch(string, init)' }), { query: `session_id=${id}` })
      await page.close()
    })
  },
)

describe("RUM's own calls through a proxy function that encodes all in the path", () => {
  it.each(CARRIERS)('carry nothing with carrier %s', async (carrier) => {
    const path = `/agent/intake/carrier/${carrier}`
    const page = await openPage({
      ...withProxy(HIDES_ALL, path),
      plugin: { origins: [servers.site.origin, /.*/, () => true], carrier },
    })
    await page.sessionId()
    await expectAsSent(page, await sendEvents(page, path))
    await page.close()
  })

  it('carry nothing while RUM starts, nor once the plugin was stopped and started again', async () => {
    const path = '/agent/intake/again'
    const page = await openPage({
      ...withProxy(HIDES_ALL, path),
      plugins: inPage((options) => {
        window.plugin = DD_LLM_CORRELATION.llmCorrelation(options)
        return [plugin]
      }, QUERY),
      inInit: () => DD_RUM.addAction('early', { text: 'a'.repeat(20_000) }),
    })
    await page.sessionId()
    await page.run(() => {
      plugin.stop()
      plugin.onInit({ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM })
    })
    await expectAsSent(page, await sendEvents(page, path))
    await page.close()
  })

  it('carry nothing when several plugin instances know of it', async () => {
    const path = '/agent/intake/several'
    const page = await openPage({
      ...withProxy(HIDES_ALL, path),
      plugins: inPage(
        (options) => [DD_LLM_CORRELATION.llmCorrelation(options), DD_LLM_CORRELATION.llmCorrelation(options)],
        QUERY,
      ),
    })
    await page.sessionId()
    await expectAsSent(page, await sendEvents(page, path))
    await page.close()
  })
})

it('RUM starts when its init options cannot be changed', async () => {
  const page = await openPage({
    ...withProxy(HIDES_ALL, '/agent/intake/frozen'),
    callInit: false,
    after: inPage(
      ({ initOptions, options }) => {
        const { proxy } = window as unknown as WithProxy
        const plugins = [DD_LLM_CORRELATION.llmCorrelation(options)]
        DD_RUM.init(Object.freeze({ ...initOptions(), proxy, plugins }))
      },
      { initOptions, options: QUERY },
    ),
  })
  const id = await page.sessionId()
  expectOnly(await page.sendBoth({ client: 'fetch(string, init)' }), { query: `session_id=${id}` })
  expect(page.errors).toEqual([])
  await page.close()
})

it('a proxy function is called by RUM alone, as often and with the same arguments as without the plugin', async () => {
  const [plain = [], correlated] = await Promise.all(
    [{}, { plugin: ['/agent'] }].map(async (options) => {
      const page = await openPage({
        ...options,
        before: () => {
          window.noted = []
        },
        init: {
          proxy: (given: ProxyOptions) => {
            noted.push([Object.keys(given).sort().join(), given.path, /dd-api-key/.test(given.parameters)].join(' '))
            return `/agent/intake/calls/${noted.length}`
          },
        },
      })
      await page.sessionId()
      const calls = await page.run(() => {
        DD_RUM.addAction('one')
        return noted
      })
      await page.close()
      return calls
    }),
  )
  expect(correlated).toEqual(plain)
})

it('the path of a proxy function stays open for calls of the page that differ in their query', async () => {
  const page = await openPage({
    ...withProxy(({ base, hidden }) => `${base}/gateway?d=${hidden}`, '/agent/intake/shared'),
    plugin: QUERY,
  })
  const id = await page.sessionId()
  await sendEvents(page, '/agent/intake/shared')
  await page.run(send, { client: 'fetch(string, init)', url: '/agent/intake/shared/gateway?d=chat' })
  const [request] = servers.site.requests.filter(({ query }) => query?.startsWith('d=chat'))
  expect(request?.query).toBe(`d=chat&session_id=${id}`)
  await page.close()
})
