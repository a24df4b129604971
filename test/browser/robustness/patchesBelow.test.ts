import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, ENTRIES, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

/** In the page: makes an XHR, and gives the states that the page sees. */
async function callByXhr(t: { method: string; path: string; headers?: Record<string, string> }): Promise<number[]> {
  const xhr = new XMLHttpRequest()
  const seen: number[] = []
  xhr.onreadystatechange = () => seen.push(xhr.readyState)
  xhr.open(t.method, t.path)
  for (const [name, value] of Object.entries(t.headers ?? {})) xhr.setRequestHeader(name, value)
  xhr.send(t.method === 'GET' ? undefined : 'text')
  await new Promise((resolve) => {
    xhr.onloadend = resolve
  })
  return seen
}

/** Calls whose URL is all that changes, which is known when they are opened. */
const OPENED: Array<[name: string, method: string, path: string]> = [
  ['a GET with carrier query', 'GET', '/agent/query'],
  ['a POST with carrier query', 'POST', '/agent/query'],
  ['a GET with carrier body', 'GET', '/agent/body'],
]
let count = 0

describe.each(RUM_SDKS)('with RUM SDK $version, a library below the plugin', ({ rum }) => {
  it.each(OPENED)('sees %s opened once', async (_, method, base) => {
    const page = await openPage({
      sdk: rum,
      before: () => {
        window.noted = []
        const { open } = XMLHttpRequest.prototype
        XMLHttpRequest.prototype.open = function (...args: unknown[]) {
          noted.push(String(args[1]))
          return Reflect.apply(open, this, args)
        }
      },
      plugin: ENTRIES,
    })
    const id = await page.sessionId()
    const path = `${base}/${++count}`
    expect(await page.run(callByXhr, { method, path, headers: { 'x-own': '1' } })).toEqual([1, 2, 3, 4])
    const { query, header } = await servers.site.only(path)
    expect([query, header('x-own')]).toEqual([`session_id=${id}`, '1'])
    const opened = (await page.run(() => noted)) as string[]
    expect(opened.filter((url) => url.includes(path))).toHaveLength(1)
    await page.close()
  })
})

it.each(RUM_SDKS)(
  'with RUM SDK $version, an init has a mark of the plugin only where RUM has it add to events',
  async ({ version, rum }) => {
    const page = await openPage({
      sdk: rum,
      before: () => {
        const inner = fetch
        window.fetch = (input, init = {}) => {
          if (String(input).includes('/agent')) window.noted = Object.getOwnPropertySymbols(init).map(Symbol.keyFor)
          return inner(input, init)
        }
      },
      plugin: ENTRIES,
    })
    await page.sessionId()
    await page.run(() => fetch('/agent/body', { method: 'POST', body: '{}' }).then(() => undefined))
    expect(await page.run(() => noted)).toEqual(version === 7 ? ['rum-llm-correlation.sent'] : [])
    await page.close()
  },
)

describe('a library above the plugin that writes header values', () => {
  let page: Page
  let id: string
  beforeAll(async () => {
    page = await openPage({ plugin: ENTRIES })
    id = await page.sessionId()
    await page.run(() => {
      const { setRequestHeader } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
        setRequestHeader.call(this, name, name.toLowerCase() === 'authorization' ? `Bearer ${value}` : value)
      }
    })
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
    await page.run(callByXhr, { method, path, headers: { authorization: 'token', ...headers } })
    const request = await servers.site.only(path)
    expect(request.header('authorization')).toBe('Bearer token')
    expect(placesOf(request, id)).toHaveLength(1)
  })
})

/** A member of an init that a library reads. */
type LibraryInit = RequestInit & { next?: object }

describe('a library below the plugin that reads members of its own', () => {
  /** In the page. A Blob has to be read, for which the call waits. */
  type Call = (path: string, own: LibraryInit) => Promise<Response>
  const CALLS: Record<string, Call> = {
    'a text': (path, own) => fetch(path, own),
    'a Blob': (path, own) => {
      const body = new Blob(['{}'], { type: 'application/json' })
      return fetch(path, { ...own, method: 'POST', body })
    },
    'a Request': (path, own) => fetch(new Request(path), own),
    'a Request of a Blob': (path, own) => {
      const body = new Blob(['{}'], { type: 'application/json' })
      return fetch(new Request(path, { method: 'POST', body }), own)
    },
    'a Request, and a Blob beside it': (path, own) => {
      const body = new Blob(['{}'], { type: 'application/json' })
      return fetch(new Request(path, { method: 'POST' }), { ...own, method: 'POST', body })
    },
  }

  it.each(times(CARRIERS, Object.keys(CALLS)))('with carrier %s, gets them: %s', async (carrier, name) => {
    const page = await openPage({
      before: () => {
        const inner = fetch
        window.fetch = (input, init) => {
          const own: { next?: unknown; [name: symbol]: unknown } = { ...init }
          const isOfAgent = String(input instanceof Request ? input.url : input).includes('/agent')
          if (isOfAgent) window.noted = [own.next, own[Symbol.for('of a library')]]
          return inner(input, init)
        }
      },
      plugin: ENTRIES,
    })
    const id = await page.sessionId()
    const path = `/agent/${carrier}/${++count}`
    await page.run(
      ({ call, path }) => {
        const own = { next: { revalidate: 60 }, [Symbol.for('of a library')]: 1 }
        return call(path, own).then(() => undefined)
      },
      { call: CALLS[name] as Call, path },
    )
    expect(placesOf(await servers.site.only(path), id)).toHaveLength(1)
    expect(await page.run(() => noted)).toEqual([{ revalidate: 60 }, 1])
    await page.close()
  })
})

describe('a library below the plugin that adds to headers', () => {
  /** In the page: adds the library's own header to an init. */
  type Add = (init: { headers?: HeadersInit }) => void
  const spread: Add = (init) => {
    init.headers = { ...(init.headers as Record<string, string>), 'x-library': '1' }
  }
  /** By how the headers are: the init of the page's call, and what the library does. */
  const ROWS: Record<string, { init: () => object; add: Add }> = {
    'as an object': { init: () => ({ headers: { 'x-own': '1' } }), add: spread },
    'as an object if the page has none': { init: () => ({ headers: undefined }), add: spread },
    'as Headers': {
      init: () => ({ headers: new Headers({ 'x-own': '1' }) }),
      add: (init) => (init.headers as Headers).append('x-library', '1'),
    },
    'as an object, beside a Blob': {
      init() {
        const body = new Blob(['{}'], { type: 'application/json' })
        return { headers: { 'x-own': '1' }, method: 'POST', body }
      },
      add: spread,
    },
  }

  it.each(times(CARRIERS, Object.keys(ROWS)))('with carrier %s, %s, gets them so', async (carrier, name) => {
    const { init, add } = ROWS[name] as (typeof ROWS)[string]
    const addBelow = inPage(
      ({ add }) => {
        const inner = fetch
        window.fetch = (input, init) => {
          const passed = { ...init }
          const isOfAgent = String(input).includes('/agent')
          if (isOfAgent) add(passed)
          return inner(input, isOfAgent ? passed : init)
        }
      },
      { add },
    )
    const page = await openPage({ before: addBelow, plugin: ENTRIES })
    const id = await page.sessionId()
    const path = `/agent/${carrier}/${++count}`
    await page.run(({ path, init }) => fetch(path, init()).then(() => undefined), { path, init })
    const request = await servers.site.only(path)
    expect(placesOf(request, id)).toHaveLength(1)
    expect(request.header('x-library')).toBe('1')
    expect(request.header('x-own')).toBe(name.includes('none') ? undefined : '1')
    expect(request.rawHeaders.map(([name]) => name).filter((name) => /^(\d+|length)$/.test(name))).toEqual([])
    await page.close()
  })
})

describe.each([
  ['Sentry', 'sentry', 'breadcrumb'],
  ['OpenTelemetry', 'openTelemetry', 'span'],
])('%s below the plugin', (_name, module, what) => {
  it.each(OPENED)(`records one ${what} of %s, with the URL that it goes to`, async (_, method, base) => {
    const page = await openPage({
      callInit: false,
      module: `import { start } from './test/browser/robustness/tracers/${module}.ts'; start()`,
    })
    await page.run(
      ({ origins }) =>
        DD_RUM.init({
          applicationId: '00000000-0000-4000-8000-000000000000',
          clientToken: 'pub00000000000000000000000000000000',
          telemetrySampleRate: 0,
          proxy: `${location.origin}/rum-intake`,
          plugins: [DD_LLM_CORRELATION.llmCorrelation({ origins })],
        }),
      { origins: ENTRIES },
    )
    const id = await page.sessionId()
    const path = `${base}/${++count}`
    await page.run(() => void noted.splice(0))
    await page.run(callByXhr, { method, path })
    const request = await servers.site.only(path)
    expect(request.query).toBe(`session_id=${id}`)
    const notes = async () => (await page.run(() => noted)) as string[]
    const urls = async () =>
      (await notes())
        .filter((note) => note !== 'started')
        // Sentry keeps the value of such a parameter to itself.
        .map((url) => new URL(url, servers.site.origin).href.replace('[Filtered]', id))
    await expect.poll(urls, PATIENTLY).toEqual([servers.site.origin + request.url])
    // A span that was started and has not ended by then never will.
    expect((await notes()).filter((note) => note === 'started')).toHaveLength(what === 'span' ? 1 : 0)
    await page.close()
  })
})
