/** @module-tag quick */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, FETCH_CLIENTS, hidesBody, isXhr, sendPair } from '../../support/calls.js'
import { ENGINE } from '../../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import type { TestPage } from '../../support/page.js'
import { times, useStage } from '../../support/stage.js'

const JSON_TYPE = 'application/json'
const FORM: Body = {
  as: 'FormData',
  entries: [
    ['a', '1'],
    ['file', { fileName: 'f.bin', type: 'application/x-f', text: '\u0000é' }],
  ],
}

const stage = useStage()
let page: TestPage
let id: string
let query: string

beforeAll(async () => {
  page = await stage.open({
    // The innermost fetch, which shows the hash that never reaches a server.
    before: `window.urls = []; const native = fetch
      window.fetch = function (input, init) { urls.push(String(input.url ?? input)); return native.call(this, input, init) }`,
    correlation: `{ origins: ['/agent', '${stage.secure.origin}/agent'], carrier: 'query' }`,
  })
  id = await page.sessionId()
  query = `session_id=${id}`
})

describe.each(CLIENTS)('%s', (client) => {
  it.each([
    '?a=1',
    '?a=%20b+c&x=%E4&y=ü&z=%2F%3d',
    '?a=1&a=2&a=1',
    '?session_ids=1&my_session_id=2',
    '?SESSION_ID=1',
    '?q=a?b=c',
    '?q=session_id=x',
    "?a[]=1|2&b='x'",
    '?flag',
    '?=',
    '?a=1&',
    '?&',
    '?',
  ])('keeps the parameters %s as they are', async (own) => {
    const { agent, plain } = await sendPair(page, stage.site, { client }, own)
    const rest = agent.query?.slice(plain.query?.length)
    expect(agent.query).toBe(`${plain.query}${rest}`)
    expect(rest).toMatch(new RegExp(`^&?${query}$`))
    expect(new URLSearchParams(agent.query).getAll('session_id')).toEqual([id])
    expectOnly({ agent, plain }, { query: agent.query as string })
  })

  it.each(['#hash', '#a?session_id=x', '#/route?a=1#2'])('keeps the hash %s', async (hash) => {
    const pair = await sendPair(page, stage.site, { client }, `?a=1${hash}`)
    expectOnly(pair, { query: `a=1&${query}` })
    if (!isXhr(client)) {
      const urls = await page.evaluate(() => (window as unknown as { urls: string[] }).urls)
      expect(urls).toContain(`${stage.site.origin}${pair.agent.url}${hash}`)
    }
  })

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    'sets the parameter on %s without a body',
    async (method) => {
      expectOnly(await sendPair(page, stage.site, { client, method }), { query })
    },
  )

  it.each<[string, Body]>([
    [JSON_TYPE, { as: 'string', text: ' {"a":1,"session_id":"theirs"}' }],
    [JSON_TYPE, { as: 'Uint8Array', text: '{"a":1}' }],
    ['application/octet-stream', { as: 'ArrayBuffer', bytes: [0, 255, 254, 10, 13, 192, 128] }],
    ['text/csv', { as: 'string', text: 'a,b\r\n' }],
    ['application/x-www-form-urlencoded', { as: 'string', text: 'a=1' }],
  ])('leaves a body of type %s alone', async (contentType, body) => {
    const headers = { 'Content-Type': contentType, 'x-other': '1' }
    expectOnly(await sendPair(page, stage.site, { client, method: 'POST', headers, body }), { query })
  })

  it.each<[string, Body]>([
    ['text', { as: 'string', text: '{"a":1}' }],
    ['URLSearchParams', { as: 'URLSearchParams', entries: [['a', ' é']] }],
    ['FormData', FORM],
    ['a Blob', { as: 'Blob', bytes: [0, 255], type: 'application/x-blob' }],
    ['an empty text', { as: 'string', text: '' }],
  ])('leaves a body given as %s alone', async (_, body) => {
    const pair = await sendPair(page, stage.site, { client, method: 'POST', body })
    // A form with a file, which WebKit cannot read.
    expectOnly(pair, ENGINE === 'webkit' && hidesBody(client) && body === FORM ? {} : { query })
  })
})

describe('a body without a content type', () => {
  it.each(times(CLIENTS, ['ArrayBuffer', 'Blob'] as const))('%s of %s', async (client, as) => {
    const pair = await sendPair(page, stage.site, { client, method: 'POST', body: { as, text: '{"a":1}' } })
    // In a Request it may as well be a stream of the page's own, which must not be buffered; only Chromium sends those.
    expectOnly(pair, ENGINE === 'chromium' && hidesBody(client) ? {} : { query })
  })

  it.each(FETCH_CLIENTS)('%s of a stream', async (client) => {
    skipIn(['firefox', 'webkit'], NO_STREAMS)
    const body = { as: 'ReadableStream', text: '{"a":1}' } as const
    expectOnly(await sendPair(page, stage.secure, { client, method: 'POST', body }), hidesBody(client) ? {} : { query })
  })
})

it.each(FETCH_CLIENTS)('%s without CORS takes the parameter', async (client) => {
  expectOnly(await sendPair(page, stage.secure, { client, init: { mode: 'no-cors' } }), { query })
  const body = { as: 'string', text: 'a' } as const
  expectOnly(await sendPair(page, stage.secure, { client, method: 'POST', body, init: { mode: 'no-cors' } }), { query })
})

it.each(CLIENTS.filter((client) => client !== 'sync XHR'))(
  '%s needs no preflight that it did not need before',
  async (client) => {
    const { agent } = await sendPair(page, stage.secure, { client })
    expect(agent.query).toBe(query)
    expect(stage.secure.preflightsTo(agent.path)).toEqual([])
  },
)

it('none of this made a console message or an error', () => {
  expect(page.console).toEqual([])
  expect(page.errors).toEqual([])
})
