import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ALONE_ID, withoutId } from '../../support/alone.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS, placesOf } from '../../support/rumSdks.js'
import { PATIENTLY, times, useStage } from '../../support/stage.js'
import { useCarrierTwins } from '../../support/twins.js'

const stage = useStage()
const pages = useCarrierTwins(stage)

/** Calls to `url`; each gives what the page sees of them. */
const CALLS: Record<string, Source> = {
  fetch:
    "fetch(url, { method: 'POST', headers: json, body }).then((response) => [response.status, response.redirected])",
  'fetch of a Request':
    "fetch(new Request(url, { method: 'POST', headers: json, body })).then((response) => [response.status, response.redirected])",
  'fetch of a GET': 'fetch(url).then((response) => [response.status, response.redirected])',
  XHR: `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', url)
    xhr.setRequestHeader('content-type', 'application/json')
    xhr.onloadend = () => resolve([xhr.status])
    xhr.send(body)
  })`,
  EventSource: `new Promise((resolve) => {
    const source = new EventSource(url)
    source.onerror = () => { source.close(); resolve(source.readyState) }
  })`,
  sendBeacon: 'navigator.sendBeacon(url, body)',
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

let count = 0
const script = (call: string, url: string): Source => `(async () => {
  const [url, json, body] = ['${url}', { 'content-type': 'application/json' }, '{"a":1}']
  try {
    return await ${CALLS[call]}
  } catch (error) {
    return error.message
  }
})()`

describe.each(['the same origin', 'another origin'])('a redirect to %s', (target) => {
  it.each(times(CARRIERS, Object.keys(CALLS)))(
    'with carrier %s: %s takes along what the browser takes along',
    async (carrier, call) => {
      for (const status of STATUSES) {
        const sent = async (name: 'native' | 'served', root: string) => {
          const server = target === 'the same origin' ? stage.site : stage.secure
          const path = `${root}/${status}/${++count}`
          const goal = `/redirected${path}`
          stage.site.respond(path, (_, response) =>
            response.writeHead(status, { Location: server.origin + goal }).end(),
          )
          const result = await pages[name].evaluate(script(call, path))
          await expect.poll(() => server.requestsTo(goal).length, PATIENTLY).toBe(1)
          const [first, second] = [await stage.site.only(path), await server.only(goal)]
          const rawHeaders = second.rawHeaders.filter(([header]) => !header.startsWith(':'))
          const { carried: _, ...rest } = withoutId({ ...second, rawHeaders })
          return { first, places: placesOf({ ...second, rawHeaders }, ALONE_ID), outcome: { result, rest } }
        }
        const native = await sent('native', '/plain')
        const served = await sent('served', `/agent/${carrier}`)
        expect(withoutId(served.first).carried).toBe(1)
        expect(served.outcome, `${status}`).toEqual(native.outcome)
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
    stage.site.respond(path, (_, response) => response.writeHead(307, { Location: `http://127.0.0.1:${port}/` }).end())
    const result = await pages.served.evaluate(`(${script('fetch', path)}).then((status) => typeof status)`)
    await new Promise((resolve) => strict.close(resolve).closeAllConnections())
    expect(result).toBe('string')
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatch(/^OPTIONS /)
    expect(asked[0]).not.toContain(ALONE_ID)
  },
)

it.each(['manual', 'error'])(
  'a call that follows no redirect (%s) ends at the agent, as natively',
  async (redirect) => {
    const outcome = async (page: TestPage, path: string) => {
      stage.site.respond(path, (_, response) => response.writeHead(307, { Location: '/redirected/never' }).end())
      return page.evaluate(`fetch('${path}', { method: 'POST', body: '{"a":1}', redirect: '${redirect}' })
      .then(({ type, status }) => [type, status], (error) => error.message)`)
    }
    for (const carrier of CARRIERS) {
      const path = `/agent/${carrier}/${redirect}`
      expect(await outcome(pages.served, path)).toEqual(await outcome(pages.native, `/plain/${carrier}/${redirect}`))
      expect(withoutId(await stage.site.only(path)).carried).toBe(1)
    }
    expect(stage.site.requestsTo('/redirected/never')).toEqual([])
  },
)
