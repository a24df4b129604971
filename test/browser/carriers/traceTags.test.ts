/** @module-tag quick */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, FETCH_CLIENTS, type Pair } from '../../support/calls.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'

let page: Page
let id: string

const open = (init = {}) =>
  openPage({
    plugin: { origins: ['/agent', `${servers.secure.origin}/agent`], carrier: 'trace-tags' },
    init,
  })

beforeAll(async () => {
  page = await open()
  id = await page.sessionId()
})

const tag = () => `_dd.p.llmobs_sid=${id}`
const warningsOf = ({ console }: Page) => console.filter((message) => message.startsWith('warning:'))

/** The values of a header, one for each line of it on the wire. */
const linesOf = (request: CapturedRequest, name: string) =>
  request.rawHeaders.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)

/** Nothing but the trace headers differs: the tags, and the ids of a trace and of a parent, of 64 bits, and neither of them 0. */
function expectTags(pair: Pair, tags: string): string {
  const traceId = idIn(pair.agent, 'x-datadog-trace-id')
  const parentId = idIn(pair.agent, 'x-datadog-parent-id')
  expect(linesOf(pair.agent, 'x-datadog-tags')).toEqual([tags])
  expectOnly(pair, {
    headers: { 'x-datadog-tags': tags, 'x-datadog-trace-id': traceId, 'x-datadog-parent-id': parentId },
  })
  return traceId
}

function idIn(request: CapturedRequest, name: string): string {
  const ids = linesOf(request, name)
  expect(ids).toEqual([expect.stringMatching(/^[1-9]\d{0,19}$/)])
  expect(BigInt(ids[0] as string) < 2n ** 64n).toBe(true)
  return ids[0] as string
}

describe.each(CLIENTS)('%s', (client) => {
  it.each(['GET', 'HEAD', 'POST', 'DELETE'])(
    'gets tags and ids with method %s, each time of another trace',
    async (method) => {
      const first = expectTags(await page.sendBoth({ client, method }), tag())
      const second = expectTags(await page.sendBoth({ client, method }), tag())
      expect(second).not.toBe(first)
    },
  )

  it.each<[string, Body]>([
    ['JSON text', { as: 'string', text: '{"a":1}' }],
    ['FormData', { as: 'FormData', entries: [['a', '1']] }],
    ['a Blob', { as: 'Blob', bytes: [0, 255], type: 'application/x-blob' }],
  ])('leaves %s alone', async (_, body) => {
    expectTags(await page.sendBoth({ client, method: 'POST', headers: { 'x-own': '1' }, body }), tag())
  })

  it.each(['_dd.p.dm=-1', '_dd.p.a=1,_dd.p.b=2', '_dd.p.llmobs_sidx=1'])(
    "joins the page's own tags %s with a bare comma",
    async (own) => {
      const pair = await page.sendBoth({ client, headers: { 'X-Datadog-Tags': own } })
      expectTags(pair, `${own},${tag()}`)
    },
  )

  it("leaves the page's own trace as it is", async () => {
    const headers = { 'x-datadog-trace-id': '12345', 'X-Datadog-Parent-Id': '678', 'x-datadog-sampling-priority': '1' }
    const pair = await page.sendBoth({ client, headers })
    expectOnly(pair, { headers: { 'x-datadog-tags': tag() } })
    expect(linesOf(pair.agent, 'x-datadog-trace-id')).toEqual(['12345'])
  })

  it('fills up to 512 characters, and takes the query parameter instead of more', async () => {
    const fitting = `_dd.p.a=${'x'.repeat(512 - tag().length - 1 - '_dd.p.a='.length)}`
    expectTags(await page.sendBoth({ client, headers: { 'x-datadog-tags': fitting } }), `${fitting},${tag()}`)
    const pair = await page.sendBoth({ client, headers: { 'x-datadog-tags': `${fitting}x` } })
    expectOnly(pair, { query: `session_id=${id}` })
  })

  it('asks a server of another origin for leave to send the headers', async () => {
    const pair = await page.sendBoth({ client }, { server: servers.secure })
    expectTags(pair, tag())
    const [preflight] = servers.secure.preflightsTo(pair.agent.path)
    expect(preflight?.header('access-control-request-headers')?.split(/, ?/).sort()).toEqual([
      'x-datadog-parent-id',
      'x-datadog-tags',
      'x-datadog-trace-id',
    ])
  })

  it('gets them on a signed request too', async () => {
    const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=y' }
    expectTags(await page.sendBoth({ client, method: 'POST', headers }), tag())
  })
})

it.each(FETCH_CLIENTS)('%s without CORS takes the query parameter', async (client) => {
  expectOnly(await page.sendBoth({ client, init: { mode: 'no-cors' } }, { server: servers.secure }), {
    query: `session_id=${id}`,
  })
})

it("the page's own tag wins, with one warning unless it is the session id", async () => {
  const own = await open()
  const session = await own.sessionId()
  for (const [value, warnings] of [
    [session, 0],
    ['theirs', 1],
  ] as const) {
    const headers = { 'x-datadog-tags': `_dd.p.a=1,_dd.p.llmobs_sid=${value}` }
    for (const client of CLIENTS) {
      expectOnly(await own.sendBoth({ client, headers }))
    }
    expect(own.console).toEqual(warnings ? [expect.stringMatching(/^warning:/)] : [])
  }
  await own.close()
})

it('without a session nothing is added', async () => {
  const own = await open({ sessionSampleRate: 0 })
  for (const client of CLIENTS) {
    expectOnly(await own.sendBoth({ client, headers: { 'x-datadog-tags': '_dd.p.a=1' } }))
  }
  await own.close()
})

describe('with RUM tracing', () => {
  const openTraced = (init: object) => open({ allowedTracingUrls: [`${servers.site.origin}/agent`], ...init })

  const [BY_RUM, BY_PLUGIN, BY_EITHER] = [['rum'], [], undefined]
  const ELSEWHERE = () => ({ traceSampleRate: 100, allowedTracingUrls: [`${servers.site.origin}/other`] })
  const HALF = () => ({ traceSampleRate: 50 })

  it.each([
    ["RUM's own ids go", 'every trace is sampled', () => ({ traceSampleRate: 100 }), BY_RUM, 0],
    [
      "RUM's own ids go",
      'all traces are injected',
      () => ({ traceSampleRate: 0, traceContextInjection: 'all' }),
      BY_RUM,
      0,
    ],
    ['ids of the plugin go', 'no trace is sampled', () => ({ traceSampleRate: 0 }), BY_PLUGIN, 1],
    ['ids of the plugin go', 'RUM traces other URLs', ELSEWHERE, BY_PLUGIN, 0],
    ['one trace id of either goes', 'half of the traces are sampled (session 1)', HALF, BY_EITHER, 1],
    ['one trace id of either goes', 'half of the traces are sampled (session 2)', HALF, BY_EITHER, 1],
    ['one trace id of either goes', 'half of the traces are sampled (session 3)', HALF, BY_EITHER, 1],
    ['one trace id of either goes', 'half of the traces are sampled (session 4)', HALF, BY_EITHER, 1],
    ['one trace id of either goes', 'half of the traces are sampled (session 5)', HALF, BY_EITHER, 1],
    ['one trace id of either goes', 'half of the traces are sampled (session 6)', HALF, BY_EITHER, 1],
  ] as const)('%s with the tags when %s', async (_ids, _when, init, origin, warnings) => {
    const own = await openTraced(init())
    const session = await own.sessionId()
    for (const client of CLIENTS) {
      const { agent } = await own.sendBoth({ client })
      expect(linesOf(agent, 'x-datadog-tags')).toEqual([`_dd.p.llmobs_sid=${session}`])
      expect(linesOf(agent, 'x-datadog-trace-id')).toEqual([expect.stringMatching(/^[1-9]\d*$/)])
      expect(linesOf(agent, 'x-datadog-parent-id')).toEqual([expect.stringMatching(/^[1-9]\d*$/)])
      expect(linesOf(agent, 'x-datadog-origin')).toEqual(origin ?? expect.anything())
      expect(agent.query).toBeUndefined()
    }
    expect(warningsOf(own)).toHaveLength(warnings)
    await own.close()
  })

  it.each([
    ['a sampled injection below 100 %', HALF, /traceSampleRate|traceContextInjection/],
    [
      'propagators without datadog',
      () => ({
        traceSampleRate: 100,
        allowedTracingUrls: [{ match: `${servers.site.origin}/agent`, propagatorTypes: ['tracecontext'] }],
      }),
      /propagatorTypes|datadog/,
    ],
  ])('init names in the console %s', async (_, init, name) => {
    const own = await openTraced(init())
    await own.sessionId()
    const messages = own.console.filter((message) => /^(warning|error):/.test(message))
    expect(messages).toHaveLength(1)
    expect(messages[0]).toMatch(name)
    await own.close()
  })
})

it('none of this made a console message or an error', () => {
  expect(page.console).toEqual([])
  expect(page.errors).toEqual([])
})
