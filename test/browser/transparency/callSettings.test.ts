import { afterAll, beforeAll, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { openPage, type Page } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

const CARRIERS = ['body', 'query', 'baggage'] as const
const pages = {} as Record<(typeof CARRIERS)[number], Page>

/** In the page: an innermost fetch that notes each request as the browser is to make it. */
function noteRequests({ engine }: { engine: string }) {
  window.noted = []
  const native = fetch
  window.fetch = function (...args) {
    const [input, init] = args
    const request = new Request(input instanceof Request ? input.clone() : input, init)
    if (!request.url.includes('rum-intake')) {
      const { method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity } = request
      window.noted.push({
        ...{ method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity },
        isHistoryNavigation: Reflect.get(request, 'isHistoryNavigation'),
        // In Firefox a copy of a Request is never keepalive, so this one tells nothing.
        keepalive: engine === 'firefox' ? undefined : request.keepalive,
      })
    }
    return native.apply(this, args)
  }
}

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    const before = inPage(noteRequests, { engine: ENGINE })
    pages[carrier] = await openPage({ before, plugin: { origins: ['/agent'], carrier } })
    await pages[carrier].sessionId()
  }
})
afterAll(() => Promise.all(Object.values(pages).map((page) => page.close())))

const SETTINGS: RequestInit[] = [
  { mode: 'same-origin' },
  { mode: 'cors' },
  { mode: 'no-cors' },
  { credentials: 'omit' },
  { credentials: 'include' },
  { credentials: 'same-origin' },
  { cache: 'no-store' },
  { cache: 'reload' },
  { cache: 'no-cache' },
  { cache: 'force-cache' },
  { mode: 'same-origin', cache: 'only-if-cached' },
  { redirect: 'error' },
  { redirect: 'manual' },
  { referrer: '' },
  { referrer: '/elsewhere' },
  { referrer: 'about:client' },
  { referrerPolicy: 'no-referrer' },
  { referrerPolicy: 'unsafe-url' },
  { referrer: '/elsewhere', referrerPolicy: 'origin' },
  { integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' },
  { keepalive: true },
  { priority: 'high' },
  {
    mode: 'cors',
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrer: '/elsewhere',
    referrerPolicy: 'unsafe-url',
    keepalive: true,
  },
]

/** In the page: the places where a call can say how it is to be made. */
const FETCHES: Array<(url: string, call: RequestInit, settings: RequestInit) => Promise<Response>> = [
  (url, call, settings) => fetch(url, { ...call, ...settings }),
  (url, call, settings) => fetch(new Request(url, { ...call, ...settings })),
  (url, call, settings) => fetch(new Request(url, { ...call, ...settings }), {}),
  (url, call, settings) => fetch(new Request(url, settings), call),
  (url, call, settings) => fetch(new Request(url, settings), { ...call, headers: { baggage: 'a=1' } }),
  (url, { method, body }, settings) =>
    fetch(new Request(url, { method } as RequestInit), { body, ...settings } as RequestInit),
]

let calls = 0

it.each(times(CARRIERS, SETTINGS))(
  'what a call is set to do, it does, with carrier %s: %j',
  async (carrier, settings) => {
    // Other URLs for each row, lest the browser's cache answers one of them.
    calls++
    const run = (root: string) =>
      pages[carrier].run(
        async ({ base, fetches, settings }) => {
          const results: unknown[] = []
          for (const call of [
            { method: 'GET', body: null },
            { method: 'POST', body: '{}' },
          ]) {
            for (const make of fetches) {
              // A call that is refused may be refused before it is a promise.
              const outcome = await (async () => make(`${base}/${call.method}`, call, settings))().then(
                ({ type }) => type,
                (error) => error.name,
              )
              results.push([call.method, String(make), noted.pop(), outcome])
            }
          }
          return results
        },
        { base: `${root}/attributes/${calls}`, fetches: FETCHES, settings },
      )
    const plain = await run('/plain')
    expect(plain).toHaveLength(2 * FETCHES.length)
    expect(await run('/agent')).toEqual(plain)
  },
)

it.each(CARRIERS)('with carrier %s, referrer and credentials are on the wire as they would be', async (carrier) => {
  await pages[carrier].run(
    async ({ carrier }) => {
      // biome-ignore lint/suspicious/noDocumentCookie: WebKit has no other way
      document.cookie = 'mine=1'
      for (const root of ['/plain', '/agent']) {
        const url = `${root}/wire/${carrier}`
        const options = {
          method: 'POST',
          body: '{}',
          referrer: '/elsewhere?a=1',
          referrerPolicy: 'unsafe-url',
        } as const
        await fetch(`${url}/include`, { ...options, credentials: 'include' })
        await fetch(new Request(`${url}/omit`, { ...options, credentials: 'omit' }))
      }
    },
    { carrier },
  )
  const { site } = servers
  for (const kind of ['include', 'omit']) {
    const agent = await site.only(`/agent/wire/${carrier}/${kind}`)
    const plain = await site.only(`/plain/wire/${carrier}/${kind}`)
    expect(agent.header('referer')).toBe(`${site.origin}/elsewhere?a=1`)
    expect(agent.header('referer')).toBe(plain.header('referer'))
    expect(agent.header('cookie')?.includes('mine=1')).toBe(plain.header('cookie')?.includes('mine=1'))
    expect(agent.header('cookie') === undefined).toBe(kind === 'omit')
  }
})
