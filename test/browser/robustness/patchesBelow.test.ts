import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { PATIENTLY, times, useStage } from '../../support/stage.js'

const stage = useStage()
const ENTRIES: Source = `[
  { match: '/agent/query', carrier: 'query' }, { match: '/agent/body' },
  { match: '/agent/baggage', carrier: 'baggage' }, { match: '/agent/trace-tags', carrier: 'trace-tags' },
]`

/** Makes an XHR, and gives what the page sees of it. */
const xhr = (method: string, url: string, headers: Record<string, string> = {}): Source => `new Promise((resolve) => {
  const xhr = new XMLHttpRequest()
  const seen = []
  xhr.onreadystatechange = () => seen.push(xhr.readyState)
  xhr.open('${method}', '${url}')
  for (const [name, value] of Object.entries(${JSON.stringify(headers)})) xhr.setRequestHeader(name, value)
  xhr.onloadend = () => resolve(seen)
  xhr.send(${method === 'GET' ? '' : "'text'"})
})`

/** Calls whose URL is all that changes, which is known when they are opened. */
const OPENED: Array<[name: string, method: string, path: string]> = [
  ['a GET with carrier query', 'GET', '/agent/query'],
  ['a POST with carrier query', 'POST', '/agent/query'],
  ['a GET with carrier body', 'GET', '/agent/body'],
]
let count = 0

describe.each(RUM_SDKS)('with RUM SDK $version, a library below the plugin', ({ rum }) => {
  it.each(OPENED)('sees %s opened once', async (_, method, base) => {
    const page = await stage.open({
      rum,
      before: `window.opened = []
        const { open } = XMLHttpRequest.prototype
        XMLHttpRequest.prototype.open = function (method, url, ...others) {
          opened.push([method, url])
          return open.call(this, method, url, ...others)
        }`,
      correlation: ENTRIES,
    })
    const id = await page.sessionId()
    const path = `${base}/${++count}`
    await page.evaluate(`opened.length = 0; void 0`)
    expect(await page.evaluate(xhr(method, path, { 'x-own': '1' }))).toEqual([1, 2, 3, 4])
    const { query, header } = await stage.site.only(path)
    expect([query, header('x-own')]).toEqual([`session_id=${id}`, '1'])
    const opened = await page.evaluate<Array<[string, string]>>(
      `opened.filter(([, url]) => String(url).includes('${path}'))`,
    )
    expect(opened).toHaveLength(1)
    await page.close()
  })
})

it.each(RUM_SDKS)(
  'with RUM SDK $version, an init has a mark of the plugin only where RUM has it add to events',
  async ({ version, rum }) => {
    const page = await stage.open({
      rum,
      before: `const inner = fetch
        window.fetch = (input, init) => {
          if (String(input).includes('/agent')) window.marks = Object.getOwnPropertySymbols(init).map(Symbol.keyFor)
          return inner(input, init)
        }`,
      correlation: ENTRIES,
    })
    await page.sessionId()
    await page.evaluate("fetch('/agent/body', { method: 'POST', body: '{}' }).then(() => undefined)")
    expect(await page.evaluate('marks')).toEqual(version === 7 ? ['rum-llm-correlation.sent'] : [])
    await page.close()
  },
)

describe('a library above the plugin that writes header values', () => {
  let page: TestPage
  let id: string
  beforeAll(async () => {
    page = await stage.open({ correlation: ENTRIES })
    id = await page.sessionId()
    await page.evaluate(`{
      const { setRequestHeader } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
        return setRequestHeader.call(this, name, name.toLowerCase() === 'authorization' ? 'Bearer ' + value : value)
      }
    }`)
  })
  afterAll(() => page?.close())

  it.each<[name: string, method: string, path: string, headers?: Record<string, string>]>([
    ...OPENED,
    ['a POST with carrier body that takes the query', 'POST', '/agent/body', { 'content-type': 'text/markdown' }],
    ["baggage beside the page's own", 'GET', '/agent/baggage', { baggage: 'a=1' }],
    ['baggage that takes the query', 'GET', '/agent/baggage', { baggage: `a=${'a'.repeat(8190)}` }],
    ["tags beside the page's own", 'GET', '/agent/trace-tags', { 'x-datadog-tags': '_dd.p.a=1' }],
  ])('is asked once for %s', async (_, method, base, headers) => {
    const path = `${base}/${++count}`
    await page.evaluate(xhr(method, path, { authorization: 'token', ...headers }))
    const request = await stage.site.only(path)
    expect(request.header('authorization')).toBe('Bearer token')
    expect(placesOf(request, id)).toHaveLength(1)
  })
})

/** A body that has to be read, for which the call waits. */
const BLOB: Source = "method: 'POST', body: new Blob(['{}'], { type: 'application/json' })"

describe('a library below the plugin that reads members of its own', () => {
  const OWN: Source = "next: { revalidate: 60 }, [Symbol.for('of a library')]: 1"

  it.each(
    times(CARRIERS, [
      `fetch(PATH, { ${OWN} })`,
      `fetch(PATH, { ${OWN}, ${BLOB} })`,
      `fetch(new Request(PATH), { ${OWN} })`,
      `fetch(new Request(PATH, { ${BLOB} }), { ${OWN} })`,
      `fetch(new Request(PATH, { method: 'POST' }), { ${OWN}, ${BLOB} })`,
    ]),
  )('with carrier %s, gets them: %s', async (carrier, call) => {
    const page = await stage.open({
      before: `const inner = fetch
        window.fetch = (input, init) => {
          if (String(input.url ?? input).includes('/agent')) window.got = [init?.next, init?.[Symbol.for('of a library')]]
          return inner(input, init)
        }`,
      correlation: ENTRIES,
    })
    const id = await page.sessionId()
    const path = `/agent/${carrier}/${++count}`
    await page.evaluate(`${call.replaceAll('PATH', `'${path}'`)}.then(() => undefined)`)
    expect(placesOf(await stage.site.only(path), id)).toHaveLength(1)
    expect(await page.evaluate('got')).toEqual([{ revalidate: 60 }, 1])
    await page.close()
  })
})

describe('a library below the plugin that adds to headers', () => {
  it.each(
    times(CARRIERS, [
      ['as an object', "{ 'x-own': '1' }", "init.headers = { ...init.headers, 'x-library': '1' }"],
      ['as an object where the page has none', 'undefined', "init.headers = { ...init.headers, 'x-library': '1' }"],
      ['as Headers', "new Headers({ 'x-own': '1' })", "init.headers.append('x-library', '1')"],
      ['as an object, beside a Blob', "{ 'x-own': '1' }", "init.headers = { ...init.headers, 'x-library': '1' }", BLOB],
    ] as const),
  )('with carrier %s, %s, gets them so', async (carrier, [, headers, add, body = '']) => {
    const page = await stage.open({
      before: `const inner = fetch
        window.fetch = (input, init) => {
          if (String(input).includes('/agent')) { init = { ...init }; ${add} }
          return inner(input, init)
        }`,
      correlation: ENTRIES,
    })
    const id = await page.sessionId()
    const path = `/agent/${carrier}/${++count}`
    await page.evaluate(`fetch('${path}', { headers: ${headers}, ${body} }).then(() => undefined)`)
    const request = await stage.site.only(path)
    expect(placesOf(request, id)).toHaveLength(1)
    expect(request.header('x-library')).toBe('1')
    expect(request.header('x-own')).toBe(headers === 'undefined' ? undefined : '1')
    expect(request.rawHeaders.map(([name]) => name).filter((name) => /^(\d+|length)$/.test(name))).toEqual([])
    await page.close()
  })
})

const SENTRY: Source = `
  import * as Sentry from '@sentry/browser'
  Sentry.init({
    dsn: 'https://public@sentry.example/1',
    defaultIntegrations: false,
    integrations: [Sentry.breadcrumbsIntegration({ console: false, dom: false, history: false })],
    beforeBreadcrumb: ({ category, data }) => { seen.push([category, data.url]) },
    transport: () => ({ send: () => Promise.resolve({}), flush: () => Promise.resolve(true) }),
  })`

const OPEN_TELEMETRY: Source = `
  import { registerInstrumentations } from '@opentelemetry/instrumentation'
  import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request'
  import { WebTracerProvider } from '@opentelemetry/sdk-trace-web'
  const nothing = () => Promise.resolve()
  new WebTracerProvider({
    spanProcessors: [{
      onStart: () => { started++ },
      onEnd: ({ attributes }) => seen.push(['xhr', attributes['url.full'] ?? attributes['http.url']]),
      forceFlush: nothing, shutdown: nothing,
    }],
  }).register()
  registerInstrumentations({ instrumentations: [new XMLHttpRequestInstrumentation()] })`

describe.each([
  ['Sentry', SENTRY, 'breadcrumb'],
  ['OpenTelemetry', OPEN_TELEMETRY, 'span'],
])('%s below the plugin', (_name, library, what) => {
  it.each(OPENED)(`records one ${what} of %s, with the URL that it goes to`, async (_, method, base) => {
    const page = await stage.open({
      callInit: false,
      before: 'window.seen = []; window.started = 0',
      module: `${library}
        DD_RUM.init({
          applicationId: '00000000-0000-4000-8000-000000000000',
          clientToken: 'pub00000000000000000000000000000000',
          telemetrySampleRate: 0,
          proxy: location.origin + '/rum-intake',
          plugins: [DD_LLM_CORRELATION.llmCorrelation(${ENTRIES})],
        })`,
    })
    const id = await page.sessionId()
    await page.evaluate('seen.length = started = 0')
    const path = `${base}/${++count}`
    await page.evaluate(xhr(method, path))
    const request = await stage.site.only(path)
    expect(request.query).toBe(`session_id=${id}`)
    const seen = () =>
      page.evaluate<string[]>(
        // Sentry itself keeps such a parameter to itself.
        `seen.filter(([kind]) => kind === 'xhr').map(([, url]) => new URL(url, location.href).href.replace('[Filtered]', '${id}'))`,
      )
    await expect.poll(seen, PATIENTLY).toEqual([stage.site.origin + request.url])
    // A span that was started and has not ended by then never will.
    expect(await page.evaluate<number>('started')).toBe(what === 'span' ? 1 : 0)
    await page.close()
  })
})
