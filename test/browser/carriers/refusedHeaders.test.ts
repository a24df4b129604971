import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Carrier, LlmCorrelationOptions } from '../../../src/index.js'
import { type CaptureServer, startCaptureServer } from '../../support/captureServer.js'
import { ENGINE } from '../../support/engines/engine.js'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { flushRum } from '../../support/page.js'
import type { PageCall } from '../../support/pageCalls.js'
import { inPage } from '../../support/pageScript.js'
import { PATIENTLY } from '../../support/patiently.js'
import { resourcesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

/** An agent on another origin that lets pages send a content type and nothing else of their own. */
let strict: CaptureServer
/** Nothing listens here any more. */
let gone: string
beforeAll(async () => {
  strict = await startCaptureServer({
    routes(request, response) {
      const isOpen = request.url?.startsWith('/agent/open/') || request.url?.includes('/allowed')
      if (request.method !== 'OPTIONS' || isOpen) {
        return false
      }
      response.writeHead(204, {
        'Access-Control-Allow-Origin': request.headers.origin,
        'Access-Control-Allow-Headers': 'content-type',
        'Access-Control-Allow-Methods': 'GET, POST, PUT',
      })
      response.end()
      return true
    },
  })
  const other = await startCaptureServer()
  gone = other.origin
  await other.close()
})
afterAll(() => strict?.close())

/** No XMLHttpRequest that is synchronous: it fires no event when it fails, so that RUM's event knows nothing of it. */
const CALLS = {
  'fetch(string, init)': (url) => fetch(url, { method: 'POST', body: '{}' }),
  'fetch(URL)': (url) => fetch(new URL(url)),
  'fetch(Request)': (url) => fetch(new Request(url, { method: 'POST', body: '{}' })),
  'fetch(Request, init)': (url) => fetch(new Request(url), { headers: { 'content-type': 'text/plain' } }),
  XHR: (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.onloadend = resolve
      xhr.open('POST', url)
      xhr.send('{}')
    }),
} satisfies Record<string, PageCall>

/** In the page: calls that it aborts. */
const ABORTED: Record<string, PageCall> = {
  'a fetch': (url) => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    return fetch(url, { signal: controller.signal })
  },
  'an XHR': (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.onloadend = resolve
      xhr.open('POST', url)
      xhr.send('{}')
      setTimeout(() => xhr.abort(), 100)
    }),
  'an XHR at once': (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.onloadend = resolve
      xhr.open('POST', url)
      xhr.send('{}')
      xhr.abort()
    }),
}

const HEADERS = { baggage: ['baggage'], 'trace-tags': ['x-datadog-tags', 'x-datadog-trace-id', 'x-datadog-parent-id'] }
type HeaderCarrier = keyof typeof HEADERS
const HEADER_CARRIERS = Object.keys(HEADERS) as HeaderCarrier[]

const open = (carrier: Carrier, options: Partial<LlmCorrelationOptions> = {}) =>
  openPage({ plugin: { origins: [`${strict.origin}/agent`, gone, '/agent'], carrier, ...options } })

/** What the plugin has said; what the browser itself says of a refusal has no such name in it. */
const saidOn = (page: Page) => page.console.filter((message) => message.includes('llmCorrelation'))

/** WebKit keeps no timing of a call that fails, and RUM makes no event of a call without one. */
const hasEventOf = (end: 'failing' | 'answered') => end === 'answered' || ENGINE !== 'webkit'
const skipWithoutEvent = () =>
  skipIn('webkit', 'RUM has no event for a call that fails, and the event is what tells it')

let count = 0
/** Makes the call, and waits for RUM's event of it, where there is one. */
async function make(page: Page, call: PageCall, url: string, end: 'failing' | 'answered'): Promise<void> {
  await page.run(
    async ({ call, url }) => {
      try {
        await call(url)
      } catch {}
    },
    { call, url: `${url}/${++count};` },
  )
  await resourcesOf(servers.site, page, await page.sessionId(), `/${count};`, hasEventOf(end) ? 1 : 0)
}

/** Nothing more is said: a message that comes after the events does not come out of them. */
async function settle(page: Page): Promise<string[]> {
  await flushRum(page)
  await page.run(() => console.info('the end'))
  await expect.poll(() => page.console.at(-1), PATIENTLY).toBe('info: the end')
  return saidOn(page)
}

function expectNamed(messages: string[], carrier: HeaderCarrier, entry: string): void {
  expect(messages).toHaveLength(1)
  expect(messages[0]).toMatch(/^(warning|error): /)
  expect(messages[0]).toContain(entry)
  for (const header of HEADERS[carrier]) {
    expect(messages[0]).toContain(header)
  }
}

describe.each(HEADER_CARRIERS)('with carrier %s, a server that does not allow its headers', (carrier) => {
  it.each(Object.entries<PageCall>(CALLS))('is named with them when it refuses %s', async (name, call) => {
    skipWithoutEvent()
    const page = await open(carrier)
    await page.sessionId()
    await make(page, call, `${strict.origin}/agent/${name.replace(/\W/g, '')}`, 'failing')
    await expect.poll(() => saidOn(page).length, PATIENTLY).toBe(1)
    expectNamed(await settle(page), carrier, `${strict.origin}/agent`)
    await page.close()
  })

  it('is named once for each entry, however many calls it refuses', async () => {
    skipWithoutEvent()
    const page = await open(carrier, { origins: [`${strict.origin}/agent/one`, `${strict.origin}/agent/two`] })
    await page.sessionId()
    for (const entry of ['one', 'two', 'one', 'two']) {
      for (const call of Object.values(CALLS)) {
        await make(page, call, `${strict.origin}/agent/${entry}`, 'failing')
      }
    }
    await expect.poll(() => saidOn(page).length, PATIENTLY).toBe(2)
    const [one = '', two = ''] = await settle(page)
    expectNamed([one], carrier, `${strict.origin}/agent/one`)
    expectNamed([two], carrier, `${strict.origin}/agent/two`)
    await page.close()
  })

  it('is named on a page that says nothing of its resources', async () => {
    skipWithoutEvent()
    const page = await open(carrier, { annotateResources: false })
    await page.sessionId()
    await make(page, CALLS['fetch(string, init)'], `${strict.origin}/agent/unannotated`, 'failing')
    await expect.poll(() => saidOn(page).length, PATIENTLY).toBe(1)
    await page.close()
  })

  it('leaves the rejection to the page, which nobody has handled', async () => {
    const page = await openPage({
      // RUM's own handler would hide it.
      sdk: 'none',
      between: inPage(
        ({ origin, carrier, session }) => {
          const options = { origins: [`${origin}/agent`], carrier }
          window.plugin = DD_LLM_CORRELATION.llmCorrelation(options) as typeof window.plugin
          plugin.onInit({
            initConfiguration: {},
            publicApi: { getInternalContext: () => session, getUser: () => ({}), getAccount: () => ({}) },
            registerAssembleEventHook() {},
          })
          plugin.onRumStart({})
          window.noted = []
          addEventListener('unhandledrejection', ({ reason }) => noted.push(reason.name, reason.message))
          fetch(`${origin}/agent/unhandled`, { method: 'POST', body: '{}' })
        },
        { origin: strict.origin, carrier, session: { session_id: STUB_SESSION_ID } },
      ),
    })
    const native = await page.run(
      ({ url }) =>
        fetch(url, { method: 'POST', body: '{}', headers: { baggage: 'a=b' } }).catch(({ name, message }: Error) => [
          name,
          message,
        ]),
      { url: `${strict.origin}/other` },
    )
    expect(native).toEqual(['TypeError', expect.stringMatching(/./)])
    await expect.poll(() => page.run(() => noted), PATIENTLY).toEqual(native)
    await page.close()
  })

  it.each<[name: string, url: () => string, end: 'failing' | 'answered']>([
    ['that allows them', () => `${strict.origin}/agent/open/x`, 'answered'],
    ["of the page's own origin", () => '/agent/same', 'answered'],
    ["of the page's own origin that does not answer", () => '/agent/broken', 'failing'],
    ['that no entry takes', () => `${strict.origin}/other/allowed`, 'answered'],
  ])('is not said of a server %s', async (_, url, end) => {
    const page = await open(carrier)
    await page.sessionId()
    for (const call of Object.values(CALLS)) {
      servers.site.respond(`/agent/broken/${count + 1};`, (_, response) => void response.destroy())
      await make(page, call, new URL(url(), servers.site.origin).href, end)
    }
    expect(await settle(page)).toEqual([])
    await page.close()
  })

  it.each(Object.entries(ABORTED))('is not said when the page aborts %s', async (name, call) => {
    if (name === 'an XHR at once') {
      skipIn(['firefox', 'webkit'], 'RUM has no event for an XHR that is aborted at once')
    }
    const page = await open(carrier)
    await page.sessionId()
    strict.respond(`/agent/open/slow/${count + 1};`, () => new Promise(() => {}))
    await make(page, call, `${strict.origin}/agent/open/slow`, 'failing')
    expect(await settle(page)).toEqual([])
    await page.close()
  })

  it('is not said of a server that answers with an error', async () => {
    const page = await open(carrier)
    await page.sessionId()
    for (const call of Object.values(CALLS)) {
      strict.respond(`/agent/open/error/${count + 1};`, (_, response) => response.writeHead(500).end())
      await make(page, call, `${strict.origin}/agent/open/error`, 'answered')
    }
    expect(await settle(page)).toEqual([])
    await page.close()
  })
})

it.each(['body', 'query'] as const)('with carrier %s nothing is said of a call that fails', async (carrier) => {
  const page = await open(carrier)
  await page.sessionId()
  for (const call of Object.values(CALLS)) {
    await make(page, call, `${gone}/failing`, 'failing')
  }
  expect(await settle(page)).toEqual([])
  await page.close()
})

it('nothing is said of a call that took the query in place of a header', async () => {
  const page = await open('baggage')
  await page.sessionId()
  const call: PageCall = (url) => fetch(url, { headers: { baggage: `a=${'a'.repeat(8190)}` } })
  await make(page, call, `${strict.origin}/agent/full`, 'failing')
  expect(await settle(page)).toEqual([])
  await page.close()
})
