import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CaptureServer, startCaptureServer } from '../../support/captureServer.js'
import { ENGINE } from '../../support/engines/engine.js'
import { skipIn } from '../../support/engines/skipIn.js'
import { flushRum, type Source, type TestPage } from '../../support/page.js'
import { resourcesOf } from '../../support/rumSdks.js'
import { PATIENTLY, useStage } from '../../support/stage.js'

const stage = useStage()

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
const CALLS: Array<[name: string, call: (url: string) => Source]> = [
  ['fetch(string, init)', (url) => `fetch('${url}', { method: 'POST', body: '{}' })`],
  ['fetch(URL)', (url) => `fetch(new URL('${url}'))`],
  ['fetch(Request)', (url) => `fetch(new Request('${url}', { method: 'POST', body: '{}' }))`],
  ['fetch(Request, init)', (url) => `fetch(new Request('${url}'), { headers: { 'content-type': 'text/plain' } })`],
  ['XHR', xhr],
]

function xhr(url: string): Source {
  return `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.onloadend = resolve
    xhr.open('POST', '${url}')
    xhr.send('{}')
  })`
}

const abortedXhr = (url: string, abort: Source): Source => `new Promise((resolve) => {
  const xhr = new XMLHttpRequest()
  xhr.onloadend = resolve
  xhr.open('POST', '${url}')
  xhr.send('{}')
  ${abort}
})`

const HEADERS = { baggage: ['baggage'], 'trace-tags': ['x-datadog-tags', 'x-datadog-trace-id', 'x-datadog-parent-id'] }
type HeaderCarrier = keyof typeof HEADERS
const HEADER_CARRIERS = Object.keys(HEADERS) as HeaderCarrier[]

const open = (carrier: string, options: Source = '') =>
  stage.open({
    correlation: `{ origins: ['${strict.origin}/agent', '${gone}', '/agent'], carrier: '${carrier}', ${options} }`,
  })

/** What the plugin has said; what the browser itself says of a refusal has no such name in it. */
const saidOn = (page: TestPage) => page.console.filter((message) => message.includes('llmCorrelation'))

/** WebKit keeps no timing of a call that fails, and RUM makes no event of a call without one. */
const hasEventOf = (end: 'failing' | 'answered') => end === 'answered' || ENGINE !== 'webkit'
const skipWithoutEvent = () =>
  skipIn('webkit', 'RUM has no event for a call that fails, and the event is what tells it')

let count = 0
/** Makes the call, and waits for RUM's event of it, where there is one. */
async function make(
  page: TestPage,
  call: (url: string) => Source,
  url: string,
  end: 'failing' | 'answered',
): Promise<void> {
  const path = `${url}/${++count};`
  await page.evaluate(`(async () => { try { await ${call(path)} } catch {} })()`)
  await resourcesOf(stage.site, page, await page.sessionId(), `/${count};`, hasEventOf(end) ? 1 : 0)
}

/** Nothing more is said: a message that comes after the events does not come out of them. */
async function settle(page: TestPage): Promise<string[]> {
  await flushRum(page)
  await page.evaluate("console.info('the end')")
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
  it.each(CALLS)('is named with them when it refuses %s', async (name, call) => {
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
    const page = await stage.open({
      correlation: `{ origins: ['${strict.origin}/agent/one', '${strict.origin}/agent/two'], carrier: '${carrier}' }`,
    })
    await page.sessionId()
    for (const entry of ['one', 'two', 'one', 'two']) {
      for (const [, call] of CALLS) {
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
    const page = await open(carrier, 'annotateResources: false')
    await page.sessionId()
    await make(page, CALLS[0]?.[1] as (url: string) => Source, `${strict.origin}/agent/unannotated`, 'failing')
    await expect.poll(() => saidOn(page).length, PATIENTLY).toBe(1)
    await page.close()
  })

  it('leaves the rejection to the page, which nobody has handled', async () => {
    // RUM's own handler would hide it.
    const page = await stage.open({
      rum: false,
      between: `
        const plugin = DD_LLM_CORRELATION.llmCorrelation({ origins: ['${strict.origin}/agent'], carrier: '${carrier}' })
        plugin.onInit({
          initConfiguration: {},
          publicApi: { getInternalContext: () => ({ session_id: 'the-session-id' }), getUser: () => ({}), getAccount: () => ({}) },
          registerAssembleEventHook() {},
        })
        plugin.onRumStart({})
        addEventListener('unhandledrejection', ({ reason }) => { window.unhandled = [reason.name, reason.message] })
        fetch('${strict.origin}/agent/unhandled', { method: 'POST', body: '{}' })`,
    })
    const native =
      await page.evaluate(`fetch('${strict.origin}/other', { method: 'POST', body: '{}', headers: { baggage: 'a=b' } })
      .catch(({ name, message }) => [name, message])`)
    expect(native).toEqual(['TypeError', expect.stringMatching(/./)])
    await expect.poll(() => page.evaluate('window.unhandled'), PATIENTLY).toEqual(native)
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
    for (const [, call] of CALLS) {
      stage.site.respond(`/agent/broken/${count + 1};`, (_, response) => void response.destroy())
      await make(page, (path) => call(new URL(path, stage.site.origin).href), url(), end)
    }
    expect(await settle(page)).toEqual([])
    await page.close()
  })

  it.each<[name: string, call: (url: string) => Source]>([
    [
      'a fetch',
      (url) => `(() => {
        const controller = new AbortController()
        setTimeout(() => controller.abort(), 100)
        return fetch('${url}', { signal: controller.signal })
      })()`,
    ],
    ['an XHR', (url) => abortedXhr(url, 'setTimeout(() => xhr.abort(), 100)')],
    ['an XHR at once', (url) => abortedXhr(url, 'xhr.abort()')],
  ])('is not said when the page aborts %s', async (name, call) => {
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
    for (const [, call] of CALLS) {
      strict.respond(`/agent/open/error/${count + 1};`, (_, response) => response.writeHead(500).end())
      await make(page, call, `${strict.origin}/agent/open/error`, 'answered')
    }
    expect(await settle(page)).toEqual([])
    await page.close()
  })
})

it.each(['body', 'query'])('with carrier %s nothing is said of a call that fails', async (carrier) => {
  const page = await open(carrier)
  await page.sessionId()
  for (const [, call] of CALLS) {
    await make(page, call, `${gone}/failing`, 'failing')
  }
  expect(await settle(page)).toEqual([])
  await page.close()
})

it('nothing is said of a call that took the query in place of a header', async () => {
  const page = await open('baggage')
  await page.sessionId()
  const full = `a=${'a'.repeat(8190)}`
  const call = (url: string) => `fetch('${url}', { headers: { baggage: '${full}' } })`
  await make(page, call, `${strict.origin}/agent/full`, 'failing')
  expect(await settle(page)).toEqual([])
  await page.close()
})
