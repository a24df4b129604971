import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, ENTRIES, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'

interface Given {
  url: string
  /** A POST of JSON. */
  post: { method: 'POST'; headers: { 'content-type': string }; body: string }
}
const POST: Given['post'] = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
type Call = (t: Given) => unknown

/** In the page: calls, each of which gives what the page sees of it. */
const CALLS: Record<string, Call> = {
  fetch: ({ url, post }) => fetch(url, post).then(({ status, redirected }) => [status, redirected]),
  'fetch of a Request': ({ url, post }) =>
    fetch(new Request(url, post)).then(({ status, redirected }) => [status, redirected]),
  'fetch of a GET': ({ url }) => fetch(url).then(({ status, redirected }) => [status, redirected]),
  XHR: ({ url, post }) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', url)
      xhr.setRequestHeader('content-type', 'application/json')
      xhr.onloadend = () => resolve([xhr.status])
      xhr.send(post.body)
    }),
  EventSource: ({ url }) =>
    new Promise((resolve) => {
      const source = new EventSource(url)
      source.onerror = () => {
        source.close()
        resolve(source.readyState)
      }
    }),
  sendBeacon: ({ url, post }) => navigator.sendBeacon(url, post.body),
}
const STATUSES = [301, 302, 303, 307, 308] as const
const HEADERS = { baggage: 'baggage', 'trace-tags': 'x-datadog-tags' } as const

/** Where the id travels on to the address that the agent's server redirects to. */
function placesAfter(carrier: (typeof CARRIERS)[number], call: string, status: number): string[] {
  const hasHeaders = !['EventSource', 'sendBeacon'].includes(call)
  if ((carrier === 'baggage' || carrier === 'trace-tags') && hasHeaders) {
    return [HEADERS[carrier]]
  }
  // What redirects with these statuses is made a GET, without a body; the query is the server's own.
  const keepsBody = status >= 307 && !['fetch of a GET', 'EventSource'].includes(call)
  return keepsBody && carrier !== 'query' ? ['body'] : []
}

let page: Page
let native: TestPage
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: { origins: ENTRIES } })
  native = await page.twin()
})

let count = 0
const seenBy = (page: TestPage, name: string, url: string) =>
  page.run(
    async ({ call, url, post }) => {
      try {
        return await call({ url, post })
      } catch (error) {
        return (error as Error).message
      }
    },
    { call: CALLS[name] as Call, url, post: POST },
  )

describe.each(['the same origin', 'another origin'])('a redirect to %s', (target) => {
  it.each(times(CARRIERS, Object.keys(CALLS)))(
    'with carrier %s: %s takes along what the browser takes along',
    async (carrier, call) => {
      for (const status of STATUSES) {
        const sent = async (page: TestPage, root: string) => {
          const server = target === 'the same origin' ? servers.site : servers.secure
          const path = `${root}/${status}/${++count}`
          const goal = `/redirected${path}`
          servers.site.respond(path, (_, response) =>
            response.writeHead(status, { Location: server.origin + goal }).end(),
          )
          const result = await seenBy(page, call, path)
          await expect.poll(() => server.requestsTo(goal).length, PATIENTLY).toBe(1)
          const [first, second] = [await servers.site.only(path), await server.only(goal)]
          const rawHeaders = second.rawHeaders.filter(([header]) => !header.startsWith(':'))
          const { carried: _, ...rest } = withoutId({ ...second, rawHeaders })
          return { first, places: placesOf({ ...second, rawHeaders }, STUB_SESSION_ID), outcome: { result, rest } }
        }
        const expected = await sent(native, '/plain')
        const served = await sent(page, `/agent/${carrier}`)
        expect(withoutId(served.first).carried).toBe(1)
        expect(served.outcome, `${status}`).toEqual(expected.outcome)
        expect(served.places, `${status}`).toEqual(placesAfter(carrier, call, status))
      }
    },
  )
})

it.each(['baggage', 'trace-tags'] as const)(
  'a redirect to an origin that does not allow the header of carrier %s ends with the question, which has no id in it',
  async (carrier) => {
    const asked: string[] = []
    const strict = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.rawHeaders}`)
      response
        .writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': 'content-type' })
        .end()
    })
    await new Promise<void>((resolve) => strict.listen(0, '127.0.0.1', resolve))
    const path = `/agent/${carrier}/refused`
    const { port } = strict.address() as AddressInfo
    servers.site.respond(path, (_, response) =>
      response.writeHead(307, { Location: `http://127.0.0.1:${port}/` }).end(),
    )
    const result = await seenBy(page, 'fetch', path)
    await new Promise((resolve) => strict.close(resolve).closeAllConnections())
    expect(result).toEqual(expect.any(String))
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatch(/^OPTIONS /)
    expect(asked[0]).not.toContain(STUB_SESSION_ID)
  },
)

it.each(['manual', 'error'] as const)(
  'a call that follows no redirect (%s) ends at the agent, as natively',
  async (redirect) => {
    const outcome = async (page: TestPage, path: string) => {
      servers.site.respond(path, (_, response) => response.writeHead(307, { Location: '/redirected/never' }).end())
      return page.run(
        ({ path, redirect }) =>
          fetch(path, { method: 'POST', body: '{"a":1}', redirect }).then(
            ({ type, status }) => [type, status],
            (error: Error) => error.message,
          ),
        { path, redirect },
      )
    }
    for (const carrier of CARRIERS) {
      const path = `/agent/${carrier}/${redirect}`
      expect(await outcome(page, path)).toEqual(await outcome(native, `/plain/${carrier}/${redirect}`))
      expect(withoutId(await servers.site.only(path)).carried).toBe(1)
    }
    expect(servers.site.requestsTo('/redirected/never')).toEqual([])
  },
)
