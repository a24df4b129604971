import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, type Client, send } from '../../support/calls.js'
import { ENGINE } from '../../support/engines/engine.js'
import { openPage, type Page, type PageOptions } from '../../support/openPage.js'
import type { RumEvent } from '../../support/page.js'
import { CARRIERS, ENTRIES, RUM_SDKS, resourcesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

const FETCH: Client[] = ['fetch(string, init)', 'fetch(URL, init)', 'fetch(Request)', 'fetch(Request, init)']
const CLIENTS: Client[] = [...FETCH, 'XHR', 'sync XHR']
const isFetch = (client: Client) => client.startsWith('fetch')

const JSON_BODY: Partial<Call> = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: { as: 'string', text: '{"a":1}' },
}
const [CONTENT_DIGEST, BIG] = ['content-digest', 'a'.repeat(8190)]

interface Row {
  name: string
  /** Path, and query, of the call. */
  url: string
  call?: Partial<Call>
  expected: { carrier: string; reason?: string; trace_id?: string } | undefined
  /** Where it is another one when RUM itself adds baggage. */
  traced?: { carrier: string }
  clients?: Client[]
}

/** What is called, and what the resource event of the call then tells. */
const ROWS: Row[] = [
  ...CARRIERS.map((carrier) => ({
    name: `a call with carrier ${carrier}`,
    url: `/agent/${carrier}`,
    call: JSON_BODY,
    // The id of the trace is known where it is the plugin's own.
    expected: carrier === 'trace-tags' ? { carrier, trace_id: expect.stringMatching(/^\d+$/) } : { carrier },
    traced: { carrier },
  })),
  { name: 'a GET with carrier body', url: '/agent/body', expected: { carrier: 'query' } },
  {
    name: 'baggage that is full',
    url: '/agent/baggage',
    call: { headers: { baggage: `a=${BIG}` } },
    expected: { carrier: 'query' },
    traced: { carrier: 'baggage' },
  },
  {
    name: 'baggage on a no-cors call',
    url: '/agent/baggage',
    call: { init: { mode: 'no-cors' } },
    expected: { carrier: 'query' },
    clients: FETCH,
  },
  {
    name: 'tags that leave no room',
    url: '/agent/trace-tags',
    call: { headers: { 'x-datadog-tags': `_dd.p.a=${'a'.repeat(480)}` } },
    expected: { carrier: 'query' },
  },
  {
    name: 'a call that carries a value of the page',
    url: '/agent/query?session_id=own',
    expected: { carrier: 'none', reason: 'page_value' },
  },
  {
    name: 'a signed call',
    url: '/agent/body',
    call: { ...JSON_BODY, headers: { ...JSON_BODY.headers, [CONTENT_DIGEST]: 'sha-256=:a:' } },
    expected: { carrier: 'none', reason: 'signed_request' },
  },
  {
    name: 'a signed call with carrier baggage',
    url: '/agent/baggage',
    call: { ...JSON_BODY, headers: { ...JSON_BODY.headers, [CONTENT_DIGEST]: 'sha-256=:a:' } },
    expected: { carrier: 'baggage' },
  },
  {
    name: 'a Blob that is read first',
    url: '/agent/body',
    call: { method: 'POST', body: { as: 'Blob', type: 'application/json', text: '{"a":1}' } },
    expected: { carrier: 'body' },
    clients: FETCH,
  },
  { name: 'a call that no entry matches', url: '/other', call: JSON_BODY, expected: undefined },
]
const CALLS = ROWS.flatMap(({ clients = CLIENTS, ...row }) => clients.map((client) => ({ ...row, client })))

let pages = 0

/**
 * Makes every call of the table from one page, and gives its resource events, by their number in
 * the table.
 */
async function playAll(page: Page, id: string): Promise<Map<number, RumEvent>> {
  const part = `page=${++pages}`
  await Promise.all(
    CALLS.map(({ client, url, call }, index) =>
      page.run(send, { client, ...call, url: `${url}${url.includes('?') ? '&' : '?'}${part}&call=${index};` }),
    ),
  )
  const events = await resourcesOf(servers.site, page, id, part, CALLS.length)
  return new Map(events.map((event) => [Number(/call=(\d+);/.exec(event.resource.url)?.[1]), event]))
}

/**
 * RUM takes a timing that comes before it has seen the end of its call for one without a call, of
 * which it tells no method. In WebKit on a busy machine that happens: then all is played again.
 */
async function playUntilKnown(page: Page, id: string): Promise<Map<number, RumEvent>> {
  const events = await playAll(page, id)
  const areKnown = [...events.values()].every(({ resource }) => resource.method !== undefined)
  return areKnown || ENGINE !== 'webkit' ? events : playUntilKnown(page, id)
}

const tracing = () => ({ allowedTracingUrls: [servers.site.origin], propagateTraceBaggage: true })

describe.each<[name: string, isTraced: boolean]>([
  ['alone', false],
  ['tracing the calls', true],
])('with RUM %s, the resource event tells', (_, isTraced) => {
  let page: Page
  let resources: Map<number, RumEvent>

  beforeAll(async () => {
    page = await openPage({
      init: isTraced ? tracing() : {},
      plugin: ENTRIES,
      after: () => DD_RUM.setGlobalContextProperty('tenant', 'acme'),
    })
    resources = await playUntilKnown(page, await page.sessionId())
  })
  afterAll(() => page?.close())

  it.each(CALLS.map((call, index) => ({ ...call, index })))('of $name ($client)', ({ index, client, ...row }) => {
    const expected = isTraced ? (row.traced ?? row.expected) : row.expected
    const event = resources.get(index)
    expect(event?.context).toEqual(
      expected === undefined ? { tenant: 'acme' } : { tenant: 'acme', llm_correlation: expected },
    )
    expect(event?.resource.type).toBe(isFetch(client) ? 'fetch' : 'xhr')
    expect(event?._dd.trace_id !== undefined).toBe(isTraced)
  })
})

describe.each<[name: string, options: PageOptions]>([
  ['annotateResources: false', { plugin: { origins: ENTRIES, annotateResources: false } }],
  ...RUM_SDKS.filter(({ version }) => version < 7).map(({ version, rum }): [string, PageOptions] => [
    `RUM SDK ${version}, which has no hook for it`,
    { sdk: rum, plugin: ENTRIES },
  ]),
])('with %s', (_, options) => {
  it('no resource event tells anything, and calls are correlated all the same', async () => {
    const page = await openPage({ ...options, init: { trackResources: true, ...tracing() } })
    const id = await page.sessionId()
    const resources = await playAll(page, id)
    expect([...resources.values()].filter(({ context }) => context?.llm_correlation !== undefined)).toEqual([])
    const { requests } = servers.site
    expect(
      requests.filter(({ url, text }) => url.includes(`page=${pages}&`) && text.includes(id)).length,
    ).toBeGreaterThan(4)
    expect(page.errors).toEqual([])
    await page.close()
  })
})

it('a call that has waited for RUM to start is annotated, too', async () => {
  const page = await openPage({
    plugin: ENTRIES,
    inInit: () => {
      fetch('/agent/body?early', { method: 'POST', body: '{}' })
      fetch(new Request('/agent/baggage?early', { method: 'POST', body: '{}' }))
      fetch('/agent/query?early')
    },
  })
  const resources = await resourcesOf(servers.site, page, await page.sessionId(), '?early', 3)
  for (const { resource, context } of resources) {
    expect(context).toEqual({ llm_correlation: { carrier: /agent\/(\w+)/.exec(resource.url)?.[1] } })
  }
  await page.close()
})

it("the page's own event context is kept, and its beforeSend sees the annotation", async () => {
  const page = await openPage({
    plugin: ENTRIES,
    init: {
      beforeSend: ({ type, context }: RumEvent) => {
        if (type === 'resource') {
          context.seen = context.llm_correlation?.carrier
        }
      },
    },
  })
  const id = await page.sessionId()
  await page.run(send, { client: 'fetch(Request)', url: '/agent/query?seen' })
  const [resource] = await resourcesOf(servers.site, page, id, '?seen', 1)
  expect(resource?.context).toEqual({ llm_correlation: { carrier: 'query' }, seen: 'query' })
  await page.close()
})

it('an XHR used a second time is annotated for its second call', async () => {
  const page = await openPage({ plugin: ENTRIES })
  const id = await page.sessionId()
  await page.run(async () => {
    const xhr = new XMLHttpRequest()
    for (const url of ['/agent/query?again=1', '/agent/baggage?again=2', '/other?again=3']) {
      await new Promise((resolve) => {
        xhr.open('GET', url)
        xhr.onload = resolve
        xhr.send()
      })
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
  })
  const resources = await resourcesOf(servers.site, page, id, 'again=', 3)
  const told = resources.map(({ resource, context }) => [
    /again=(\d)/.exec(resource.url)?.[1],
    context?.llm_correlation,
  ])
  expect(told.sort()).toEqual([
    ['1', { carrier: 'query' }],
    ['2', { carrier: 'baggage' }],
    ['3', undefined],
  ])
  await page.close()
})
