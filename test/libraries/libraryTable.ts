import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CapturedRequest } from '../support/captureServer.js'
import { type PageDefinition, type Site, type TestPage, visit } from '../support/page.js'
import { inPage } from '../support/pageScript.js'
import { CARRIERS, ENTRY_PER_CARRIER } from '../support/rumSdks.js'
import { servers } from '../support/servers.js'
import { times } from '../support/times.js'
import { withoutId } from '../support/withoutId.js'
import { libraryScript } from './libraryPage.js'

const CLIENTS = ['fetch(string, init)', 'fetch(URL, init)', 'fetch(Request)', 'fetch(Request, {})', 'XHR', 'sync XHR']
const HTTP_CLIENTS = ['HttpClient with XHR', 'HttpClient with fetch']

interface Library {
  name: string
  /** Its module in `pages/`. */
  page: string
  clients?: readonly string[]
  /** Whether what it took, and what arrived, show that it was at work at all, without the plugin. */
  // biome-ignore lint/suspicious/noExplicitAny: each library tells what it likes
  isAtWork?(taken: any, headers: Record<string, string>, client: string): boolean
  /** It answers the calls to `/agent/<carrier>/mocked` and `/plain/mocked` itself. */
  answers?: true
}

const LIBRARIES: Library[] = [
  { name: 'no library', page: 'none' },
  {
    // It has tasks for XHR, none for fetch; of a fetch it keeps the zone.
    name: 'zone.js',
    page: 'zone',
    isAtWork: ({ inZone, tasks }, _, client) => inZone === 'page' && (tasks.length > 0 || client !== 'XHR'),
  },
  {
    name: 'Sentry',
    page: 'sentry',
    isAtWork: ({ crumbs, spans }, headers) =>
      crumbs.length === 1 && spans.length === 2 && 'sentry-trace' in headers && 'baggage' in headers,
  },
  {
    name: 'OpenTelemetry',
    page: 'opentelemetry',
    isAtWork: ({ spans }, headers) => spans.length === 1 && spans[0].ended && 'traceparent' in headers,
  },
  { name: 'PostHog', page: 'posthog', isAtWork: (_, headers) => 'x-posthog-session-id' in headers },
  { name: 'a fetch polyfill', page: 'whatwgFetch', isAtWork: ({ isPolyfill }) => isPolyfill },
  { name: 'MSW', page: 'msw', answers: true },
  { name: 'a service worker', page: 'serviceWorker', answers: true },
  { name: 'Angular', page: 'angular', clients: HTTP_CLIENTS, isAtWork: ({ response }) => response[0] === 200 },
  {
    name: 'Angular with zone.js',
    page: 'angularZone',
    clients: HTTP_CLIENTS,
    isAtWork: ({ inZone, stable, isStable }, _, client) =>
      (inZone || client.endsWith('fetch')) && stable && isStable[0] && !isStable[1],
  },
]

/** When the library comes. */
export const ORDERS = {
  'before RUM and the plugin': (script) => ({ before: script }),
  'between RUM and the plugin': (script) => ({ between: script }),
  'after both': (script) => ({ after: script }),
} satisfies Record<string, (script: string) => PageDefinition>

/** What a service worker's events have. */
interface WorkerEvent extends Event {
  request: Request
  waitUntil(promise: Promise<unknown>): void
  respondWith(response: Promise<Response>): void
}

/** In a service worker: answers the calls to `/mocked/…` with what it was asked. */
function answer(): void {
  const worker = self as unknown as {
    skipWaiting(): void
    clients: { claim(): Promise<void> }
    addEventListener(type: string, listener: (event: WorkerEvent) => void): void
  }
  worker.addEventListener('install', () => worker.skipWaiting())
  worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))
  worker.addEventListener('fetch', (event) => {
    const { request } = event
    const { method, url, headers } = request
    if (url.includes('/mocked/')) {
      const answering = async () => {
        const text = await request.text()
        return Response.json({ asked: { method, url, headers: Object.fromEntries(headers), text } })
      }
      event.respondWith(answering())
    } else if (/agent|plain/.test(url)) {
      event.respondWith(fetch(request))
    }
  })
}

function serveWorkers(site: Site): void {
  const worker = (path: string, text: string) =>
    site.respond(path, (_, response) => response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(text))
  worker('/answeringWorker.js', inPage(answer))
  worker(
    '/mockServiceWorker.js',
    readFileSync(new URL('node_modules/msw/lib/mockServiceWorker.js', import.meta.url), 'utf8'),
  )
}

/** A request as a library saw it that answered it itself. */
interface Asked {
  method: string
  url: string
  headers: Record<string, string>
  text: string
}

function asCaptured({ method, url, headers, text }: Asked): CapturedRequest {
  const { pathname, search } = new URL(url)
  return {
    method,
    url,
    path: pathname,
    query: search.slice(1) || undefined,
    rawHeaders: Object.entries(headers),
    header: (name) => headers[name],
    body: Buffer.from(text),
    text,
  }
}

/** Without what the plugin adds, what is random, and the part of the path that tells the two pages apart. */
function scrub<T>(value: T, id: string): T {
  const text = JSON.stringify(value ?? null)
    .replace(/\/with(out)?\//g, '/')
    .replace(new RegExp(`[?&]session_id=(${id}|\\[Filtered\\]|%5BFiltered%5D)`, 'g'), '')
    .replace(/"tracestate":"dd=t\.llmobs_sid:[^"]*",?/g, '')
    .replace(/=0\.\d+/g, '=a number')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'a UUID')
    .replace(/(?<![0-9a-f])([0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-f])/g, 'an id')
    .replace(/,\}/g, '}')
    // XHR joins what is set twice with a comma and a space.
    .replace(/"baggage":" /g, '"baggage":"')
  return JSON.parse(text)
}

let count = 0

/** What a page that has another library sees, sends, and what that library sees, is the same with the plugin, but for the id. */
export function describeLibraries(order: keyof typeof ORDERS): void {
  beforeAll(() => serveWorkers(servers.site))

  describe.each(LIBRARIES)(`$name, ${order}`, ({ page: module, clients = CLIENTS, answers, isAtWork }) => {
    const pages = {} as Record<'with' | 'without', TestPage>
    const ids = {} as Record<'with' | 'without', string>
    beforeAll(async () => {
      const definition = ORDERS[order](await libraryScript(module))
      for (const [name, correlation] of Object.entries({ without: {}, with: { correlation: ENTRY_PER_CARRIER } })) {
        // A context of its own, for a service worker outlives its page.
        const page = await visit(servers.browser, await servers.site.add({ ...definition, ...correlation }))
        pages[name as 'with'] = page
        ids[name as 'with'] = await page.sessionId()
        await page.run(() => library.ready?.())
      }
    })
    afterAll(async () => {
      for (const page of Object.values(pages)) {
        await page.close()
      }
    })

    const places = [...CARRIERS.map((carrier) => `/agent/${carrier}`), '/plain']
    const roots = places.flatMap((place) => (answers ? [place, `${place}/mocked`] : [place]))

    // Chromium asks no service worker about a synchronous XHR.
    const rows = times(clients, roots).filter(([client, root]) => client !== 'sync XHR' || !root.endsWith('/mocked'))
    it.each(rows)('%s to %s: the same but for the id, which is there once', async (client, root) => {
      for (const call of [{ method: 'POST', body: '{"a":1}' }, { method: 'GET' }]) {
        count += 1
        const outcome = async (name: 'with' | 'without') => {
          const [page, id] = [pages[name], ids[name]]
          const path = `${root}/${name}/${count}`
          const result = await page.run((call) => library.call(call), { ...call, client, url: `${path}?b=2` })
          const taken = await page.run(() => library.take())
          const isAnswered = root.endsWith('/mocked')
          const asked = isAnswered ? (taken as Asked[]).map(asCaptured) : servers.site.requestsTo(path)
          const requests = asked.map((request) => withoutId(request, id))
          return {
            carried: requests.map(({ carried }) => carried),
            other: scrub({ result, taken: isAnswered ? 'requests' : taken, requests, path }, id),
          }
        }
        const expected = await outcome('without')
        const actual = await outcome('with')
        expect(expected.carried).toEqual([0])
        const [request] = expected.other.requests
        expect(isAtWork?.(expected.other.taken, request?.headers ?? {}, client) ?? true).toBe(true)
        expect(actual.carried).toEqual([root.startsWith('/plain') ? 0 : 1])
        const same = ({ other: { requests, ...rest } }: typeof expected) => ({
          ...rest,
          requests: requests.map(({ carried: _, ...request }) => request),
        })
        expect(same(actual)).toEqual(same(expected))
      }
    })

    it('makes no errors', () => {
      expect(pages.with.errors).toEqual(pages.without.errors)
      // The plugin says so if it stands above OpenTelemetry.
      const said = pages.with.console.filter((message) => /llmCorrelation: (?!OpenTelemetry was)/.test(message))
      expect(said).toEqual([])
    })
  })
}
