import { beforeAll, describe, expect, it } from 'vitest'
import type { CaptureServer } from '../support/captureServer.js'
import type { Source, TestPage } from '../support/page.js'
import { PATIENTLY, useStage } from '../support/stage.js'

const stage = useStage()
const CARRIERS = ['body', 'query', 'baggage', 'trace-tags'] as const
const pages = {} as Record<(typeof CARRIERS)[number], { page: TestPage; id: string }>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    const page = await stage.open({
      correlation: `{ origins: ['/agent', '${stage.secure.origin}/agent'], carrier: '${carrier}', field: 'meta.sid' }`,
    })
    pages[carrier] = { page, id: await page.sessionId() }
  }
})

let calls = 0
/** Opens the EventSource and gives its first messages and what the server saw. */
async function open(
  page: TestPage,
  base: string,
  make: (url: string) => Source,
  query = '',
  server: CaptureServer = stage.site,
) {
  const path = `${base}/events/${++calls}`
  server.respond(path, (_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('retry: 10\ndata: one\n\n'),
  )
  const result = await page.evaluate<unknown[]>(`(async () => {
    window.source = ${make(server.origin + path + query)}
    const data = await new Promise((resolve) => {
      source.onmessage = (event) => resolve(event.data)
      source.onerror = () => resolve('error')
    })
    source.close()
    return [data, source instanceof EventSource, source.constructor === EventSource, source.withCredentials]
  })()`)
  return { result, request: await server.only(path) }
}

describe.each(CARRIERS)('with carrier %s, an EventSource takes the query parameter', (carrier) => {
  it.each<[name: string, make: (url: string) => Source]>([
    ['of a string', (url) => `new EventSource('${url}')`],
    ['of a relative URL', (url) => `new EventSource('${url}'.replace(location.origin, ''))`],
    ['of a URL object', (url) => `new EventSource(new URL('${url}'))`],
    ['with undefined as init', (url) => `new EventSource('${url}', undefined)`],
    ['with an init', (url) => `new EventSource('${url}', { withCredentials: true })`],
    ['of a subclass', (url) => `new (class extends EventSource {})('${url}')`],
    ['by Reflect.construct', (url) => `Reflect.construct(EventSource, ['${url}'])`],
  ])('%s', async (_, make) => {
    const { page, id } = pages[carrier]
    const agent = await open(page, '/agent', make)
    const plain = await open(page, '/plain', make)
    expect(agent.request.query).toBe(`sid=${id}`)
    expect(plain.request.query).toBeUndefined()
    expect(agent.result[0]).toBe('one')
    expect(agent.result).toEqual(plain.result)
    expect(agent.request.rawHeaders).toEqual(
      plain.request.rawHeaders.map(([name, value]) => [name, name === 'Cookie' ? expect.any(String) : value]),
    )
  })

  it.each(['?a=1', '?a=%20b+c&x=%E4&z=%2F', '?a=1#hash', '?sids=1'])('and keeps %s', async (query) => {
    const { page, id } = pages[carrier]
    const agent = await open(page, '/agent', (url) => `new EventSource('${url}')`, query)
    expect(agent.request.query).toBe(`${query.slice(1).replace('#hash', '')}&sid=${id}`)
  })

  it('across origins without a preflight', async () => {
    const { page, id } = pages[carrier]
    const { request, result } = await open(page, '/agent', (url) => `new EventSource('${url}')`, '', stage.secure)
    expect(request.query).toBe(`sid=${id}`)
    expect(result[0]).toBe('one')
    expect(stage.secure.preflightsTo(request.path)).toEqual([])
  })

  it('once, also when it reconnects', async () => {
    const { page, id } = pages[carrier]
    const path = `/agent/events/${++calls}`
    stage.site.respond(path, (_, response) =>
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end('retry: 10\nid: 7\ndata: one\n\n'),
    )
    await page.evaluate(`void (window.source = new EventSource('${path}'))`)
    await expect.poll(() => stage.site.requestsTo(path).length, PATIENTLY).toBeGreaterThan(1)
    await page.evaluate('source.close()')
    for (const { query } of stage.site.requestsTo(path)) {
      expect(query).toBe(`sid=${id}`)
    }
  })
})

it("the page's own parameter wins, with one warning unless it is the session id", async () => {
  const page = await stage.open({ correlation: `['/agent']` })
  const id = await page.sessionId()
  const make = (url: string) => `new EventSource('${url}')`
  expect((await open(page, '/agent', make, `?session_id=${id}`)).request.query).toBe(`session_id=${id}`)
  expect(page.console).toEqual([])
  expect((await open(page, '/agent', make, '?session_id=theirs')).request.query).toBe('session_id=theirs')
  expect((await open(page, '/agent', make, '?session_id=theirs')).request.query).toBe('session_id=theirs')
  expect(page.console.filter((message) => message.startsWith('warning:'))).toHaveLength(1)
  await page.close()
})

it('without a session it is as the page made it', async () => {
  const page = await stage.open({ correlation: `['/agent']`, init: 'sessionSampleRate: 0' })
  const { request } = await open(page, '/agent', (url) => `new EventSource('${url}')`, '?a=1')
  expect(request.query).toBe('a=1')
  await page.close()
})

it('made before RUM has started it does not wait', async () => {
  const page = await stage.open({
    correlation: `['/agent']`,
    after: "window.early = new EventSource('/agent/events/early')",
  })
  await page.sessionId()
  expect((await stage.site.only('/agent/events/early')).query).toBeUndefined()
  expect(await page.evaluate('early.url.endsWith("/agent/events/early")')).toBe(true)
  await page.close()
})
