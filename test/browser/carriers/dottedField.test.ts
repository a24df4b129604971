import { beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, expectOnly, hidesBody, sendPair } from '../../support/calls.js'
import type { TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const headers = { 'content-type': 'application/json' }
const FIELDS = {
  metadata: 'metadata.session_id',
  mcp: 'params._meta.session_id',
  agui: 'forwardedProps.session_id',
  graphql: 'extensions.session_id',
  deep: 'a.b.c.d',
}
type Field = keyof typeof FIELDS

const stage = useStage()
let pages: Record<Field, TestPage>
let ids: Record<Field, string>

beforeAll(async () => {
  const opened = await Promise.all(
    Object.entries(FIELDS).map(async ([name, field]) => {
      const page = await stage.open({ correlation: `{ origins: ['/agent'], field: '${field}' }` })
      return { name, page, id: await page.sessionId() }
    }),
  )
  pages = Object.fromEntries(opened.map(({ name, page }) => [name, page])) as typeof pages
  ids = Object.fromEntries(opened.map(({ name, id }) => [name, id])) as typeof ids
})

/** Input, and what is to arrive, with `$` for the session id. */
const JSON_ROWS: Array<[field: Field, text: string, expected: string]> = [
  ['metadata', '{"a":1}', '{"metadata":{"session_id":"$"},"a":1}'],
  ['metadata', '{}', '{"metadata":{"session_id":"$"}}'],
  ['metadata', ' { "a" : 1 } ', ' {"metadata":{"session_id":"$"}, "a" : 1 } '],
  [
    'metadata',
    '{"a":1, "metadata" : { "x" : 12345678901234567890 } }',
    '{"a":1, "metadata" : {"session_id":"$", "x" : 12345678901234567890 } }',
  ],
  ['metadata', '{"metadata":{}}', '{"metadata":{"session_id":"$"}}'],
  [
    'metadata',
    '{"x":{"metadata":{"y":1}},"metadata":{"z":1}}',
    '{"x":{"metadata":{"y":1}},"metadata":{"session_id":"$","z":1}}',
  ],
  ['metadata', '{"x":"\\"metadata\\":{","metadata":{}}', '{"x":"\\"metadata\\":{","metadata":{"session_id":"$"}}'],
  ['metadata', '{"\\u006detadata":{"z":1}}', '{"\\u006detadata":{"session_id":"$","z":1}}'],
  ['metadata', '{"session_id":"theirs"}', '{"metadata":{"session_id":"$"},"session_id":"theirs"}'],
  ['metadata', '{"metadata":{"a":1},"metadata":{"b":2}}', '{"metadata":{"a":1},"metadata":{"session_id":"$","b":2}}'],
  ['metadata', '{"metadata":1,"metadata":{"b":2}}', '{"metadata":1,"metadata":{"session_id":"$","b":2}}'],
  [
    'mcp',
    '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    '{"params":{"_meta":{"session_id":"$"}},"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  ],
  [
    'mcp',
    '{"jsonrpc":"2.0","params":{"name":"t"},"id":1}',
    '{"jsonrpc":"2.0","params":{"_meta":{"session_id":"$"},"name":"t"},"id":1}',
  ],
  [
    'mcp',
    '{"jsonrpc":"2.0","params":{"name":"t","_meta":{"progressToken":7}}}',
    '{"jsonrpc":"2.0","params":{"name":"t","_meta":{"session_id":"$","progressToken":7}}}',
  ],
  [
    'agui',
    '{"threadId":"t","messages":[],"forwardedProps":{}}',
    '{"threadId":"t","messages":[],"forwardedProps":{"session_id":"$"}}',
  ],
  [
    'graphql',
    '{"query":"{ a }","variables":{"a":1}}',
    '{"extensions":{"session_id":"$"},"query":"{ a }","variables":{"a":1}}',
  ],
  [
    'graphql',
    '{"query":"{ a }","extensions":{"persistedQuery":{"version":1}}}',
    '{"query":"{ a }","extensions":{"session_id":"$","persistedQuery":{"version":1}}}',
  ],
  ['deep', '{"a":{"b":{"x":1}}}', '{"a":{"b":{"c":{"d":"$"},"x":1}}}'],
  ['deep', '{"b":{"c":{}}}', '{"a":{"b":{"c":{"d":"$"}}},"b":{"c":{}}}'],
]

describe.each(CLIENTS)('%s', (client) => {
  it.each(JSON_ROWS)('%s reaches into %s', async (field, text, expected) => {
    const page = pages[field]
    const pair = await sendPair(page, stage.site, { client, method: 'POST', headers, body: { as: 'string', text } })
    expectOnly(pair, { body: expected.replace('$', ids[field]) })
  })

  it.each<[Field, string]>([
    ['metadata', '{"metadata":null}'],
    ['metadata', '{"metadata":"text"}'],
    ['metadata', '{"metadata":[{}]}'],
    ['metadata', '{"metadata":{"a":1},"metadata":1}'],
    ['metadata', '[]'],
    ['mcp', '{"jsonrpc":"2.0","params":[1,2]}'],
    ['mcp', '{"jsonrpc":"2.0","params":{"_meta":7}}'],
    ['mcp', '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]'],
  ])('%s takes the query parameter where %s has no object on the path', async (field, text) => {
    const page = pages[field]
    const pair = await sendPair(page, stage.site, { client, method: 'POST', headers, body: { as: 'string', text } })
    expectOnly(pair, { query: `session_id=${ids[field]}` })
  })

  it("leaves the page's own value alone", async () => {
    const text = '{"metadata":{"x":1,"session_id":"theirs"}}'
    const call = { client, method: 'POST', headers, body: { as: 'string', text } } as const
    expectOnly(await sendPair(pages.metadata, stage.site, call))
  })

  it('names a query parameter by the last part', async () => {
    expectOnly(await sendPair(pages.metadata, stage.site, { client }), { query: `session_id=${ids.metadata}` })
    expectOnly(await sendPair(pages.deep, stage.site, { client }, '?a=1'), { query: `a=1&d=${ids.deep}` })
  })

  it('names a form field by the last part', async () => {
    const body = { as: 'URLSearchParams', entries: [['a', '1']] as Array<[string, string]> } as const
    const pair = await sendPair(pages.metadata, stage.site, { client, method: 'POST', body })
    expectOnly(pair, { body: `a=1&session_id=${ids.metadata}` })
    if (!hidesBody(client)) {
      const form = { as: 'FormData', entries: [['a', '1']] as Array<[string, string]> } as const
      const { agent } = await sendPair(pages.deep, stage.site, { client, method: 'POST', body: form })
      expect(agent.text).toContain(`form-data; name="d"\r\n\r\n${ids.deep}\r\n`)
    }
  })

  it('reaches into bytes', async () => {
    const text = '{"é":1,"metadata":{"ü":2}}'
    const body = { as: 'DataView', text } as const
    const pair = await sendPair(pages.metadata, stage.site, { client, method: 'POST', headers, body })
    expectOnly(pair, { body: `{"é":1,"metadata":{"session_id":"${ids.metadata}","ü":2}}` })
  })
})
