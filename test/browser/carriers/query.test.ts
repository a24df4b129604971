/** @module-tag quick */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Body, CLIENTS, expectOnly, FETCH_CLIENTS, hidesBody, isXhr } from '../../support/calls.js'
import { ENGINE } from '../../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

const JSON_TYPE = 'application/json'
const FORM: Body = {
  as: 'FormData',
  entries: [
    ['a', '1'],
    ['file', { fileName: 'f.bin', type: 'application/x-f', text: '\u0000é' }],
  ],
}

let page: Page
let id: string
let query: string

beforeAll(async () => {
  page = await openPage({
    // The innermost fetch, which shows the hash that never reaches a server.
    before: () => {
      window.noted = []
      const native = fetch
      window.fetch = function (input, init) {
        noted.push(String(input instanceof Request ? input.url : input))
        return native.call(this, input, init)
      }
    },
    plugin: { origins: ['/agent', `${servers.secure.origin}/agent`], carrier: 'query' },
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
    const { agent, plain } = await page.sendBoth({ client }, { query: own })
    const rest = agent.query?.slice(plain.query?.length)
    expect(agent.query).toBe(`${plain.query}${rest}`)
    expect(rest).toMatch(new RegExp(`^&?${query}$`))
    expect(new URLSearchParams(agent.query).getAll('session_id')).toEqual([id])
    expectOnly({ agent, plain }, { query: agent.query as string })
  })

  it.each(['#hash', '#a?session_id=x', '#/route?a=1#2'])('keeps the hash %s', async (hash) => {
    const pair = await page.sendBoth({ client }, { query: `?a=1${hash}` })
    expectOnly(pair, { query: `a=1&${query}` })
    if (!isXhr(client)) {
      const urls = await page.run(() => noted)
      expect(urls).toContain(`${servers.site.origin}${pair.agent.url}${hash}`)
    }
  })

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    'sets the parameter on %s without a body',
    async (method) => {
      expectOnly(await page.sendBoth({ client, method }), { query })
    },
  )

  // The last column: whether a Request with such a body is read. Without that it can go to no other URL.
  it.each<[type: string, body: Body, isRead: boolean]>([
    [JSON_TYPE, { as: 'string', text: ' {"a":1,"session_id":"theirs"}' }, true],
    [JSON_TYPE, { as: 'Uint8Array', text: '{"a":1}' }, true],
    ['application/x-www-form-urlencoded', { as: 'string', text: 'a=1' }, true],
    ['application/merge-patch+json', { as: 'string', text: '{"a":1}' }, true],
    ['application/octet-stream', { as: 'ArrayBuffer', bytes: [0, 255, 254, 10, 13, 192, 128] }, false],
    ['text/csv', { as: 'string', text: 'a,b\r\n' }, false],
  ])('leaves a body of type %s alone', async (contentType, body, isRead) => {
    const headers = { 'Content-Type': contentType, 'x-other': '1' }
    const pair = await page.sendBoth({ client, method: 'POST', headers, body })
    expectOnly(pair, hidesBody(client) && !isRead ? {} : { query })
  })

  it.each<[name: string, body: Body, isRead: boolean]>([
    ['text', { as: 'string', text: '{"a":1}' }, true],
    ['URLSearchParams', { as: 'URLSearchParams', entries: [['a', ' é']] }, true],
    // WebKit cannot read a form with a file.
    ['FormData', FORM, ENGINE !== 'webkit'],
    ['a Blob', { as: 'Blob', bytes: [0, 255], type: 'application/x-blob' }, false],
    ['an empty text', { as: 'string', text: '' }, true],
  ])('leaves a body given as %s alone', async (_, body, isRead) => {
    const pair = await page.sendBoth({ client, method: 'POST', body })
    expectOnly(pair, hidesBody(client) && !isRead ? {} : { query })
  })
})

describe('a body without a content type', () => {
  it.each(times(CLIENTS, ['ArrayBuffer', 'Blob'] as const))('%s of %s', async (client, as) => {
    const pair = await page.sendBoth({ client, method: 'POST', body: { as, text: '{"a":1}' } })
    // In a Request it may as well be a stream of the page's own, which must not be buffered; only Chromium sends those.
    expectOnly(pair, ENGINE === 'chromium' && hidesBody(client) ? {} : { query })
  })

  it.each(FETCH_CLIENTS)('%s of a stream', async (client) => {
    skipIn(['firefox', 'webkit'], NO_STREAMS)
    const body = { as: 'ReadableStream', text: '{"a":1}' } as const
    expectOnly(
      await page.sendBoth({ client, method: 'POST', body }, { server: servers.secure }),
      hidesBody(client) ? {} : { query },
    )
  })
})

it.each(FETCH_CLIENTS)('%s without CORS takes the parameter', async (client) => {
  expectOnly(await page.sendBoth({ client, init: { mode: 'no-cors' } }, { server: servers.secure }), { query })
  const body = { as: 'string', text: 'a' } as const
  expectOnly(
    await page.sendBoth({ client, method: 'POST', body, init: { mode: 'no-cors' } }, { server: servers.secure }),
    { query },
  )
})

it.each(CLIENTS.filter((client) => client !== 'sync XHR'))(
  '%s needs no preflight that it did not need before',
  async (client) => {
    const { agent } = await page.sendBoth({ client }, { server: servers.secure })
    expect(agent.query).toBe(query)
    expect(servers.secure.preflightsTo(agent.path)).toEqual([])
  },
)

it('none of this made a console message or an error', () => {
  expect(page.console).toEqual([])
  expect(page.errors).toEqual([])
})
