import { describe, expect, it } from 'vitest'
import type { Carrier } from '../../../src/index.js'
import { type Body, type Call, CLIENTS, type Client, expectOnly, hidesBody, isXhr } from '../../support/calls.js'
import { openPage, type Page } from '../../support/openPage.js'

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const THEIRS = '9d4c8f52-their-conversation'

const warningsOf = (page: Page) => page.console.filter((message) => message.startsWith('warning:'))

/** The part of a call that holds a value of the page's own. */
interface Row {
  name: string
  carrier: Carrier
  call: (value: string) => Omit<Call, 'url' | 'client'>
  query?: (value: string) => string
  clients?: (client: Client) => boolean
  warns?: RegExp
}
const json = (text: string): Body => ({ as: 'string', text })

const ROWS: Row[] = [
  {
    name: 'member of a JSON body',
    carrier: 'body',
    call: (value) => ({ method: 'POST', headers: JSON_TYPE, body: json(`{"a":1, "session_id" : "${value}"}`) }),
  },
  {
    name: 'member whose name is written with escapes',
    carrier: 'body',
    call: (value) => ({ method: 'POST', headers: JSON_TYPE, body: json(`{"session\\u005fid":"${value}"}`) }),
  },
  {
    name: 'member of JSON bytes',
    carrier: 'body',
    call: (value) => ({
      method: 'POST',
      headers: JSON_TYPE,
      body: { as: 'Uint8Array', text: `{"session_id":"${value}"}` },
    }),
  },
  {
    name: 'member of a JSON Blob',
    carrier: 'body',
    call: (value) => ({
      method: 'POST',
      body: { as: 'Blob', type: 'application/json', text: `{"session_id":"${value}"}` },
    }),
    clients: (client) => !isXhr(client),
  },
  {
    name: 'form field in URLSearchParams',
    carrier: 'body',
    call: (value) => ({ method: 'POST', body: { as: 'URLSearchParams', entries: [['session_id', value]] } }),
  },
  {
    name: 'form field in text',
    carrier: 'body',
    call: (value) => ({ method: 'POST', headers: FORM_TYPE, body: json(`a=1&session%5Fid=${value}&b`) }),
  },
  {
    name: 'form field in FormData',
    carrier: 'body',
    call: (value) => ({ method: 'POST', body: { as: 'FormData', entries: [['session_id', value]] } }),
    clients: (client) => !hidesBody(client),
  },
  { name: 'parameter of a GET', carrier: 'body', call: () => ({}), query: (value) => `?a=1&session_id=${value}` },
  {
    name: 'parameter of a POST whose body takes no field',
    carrier: 'body',
    call: () => ({ method: 'POST', body: { as: 'string', text: 'hello' } }),
    query: (value) => `?session_id=${value}&a=1`,
  },
  { name: 'parameter', carrier: 'query', call: () => ({}), query: (value) => `?a=1&session_id=${value}#hash` },
  {
    name: 'parameter whose name is percent-encoded',
    carrier: 'query',
    call: () => ({ method: 'POST', body: { as: 'string', text: 'hello' } }),
    query: (value) => `?session%5fid=${value}`,
  },
  {
    name: 'baggage member',
    carrier: 'baggage',
    call: (value) => ({ headers: { baggage: `a=1, session.id = ${value};p=1 , b=2` } }),
    // The member's name is the RUM SDK's, so no option changes it.
    warns: /baggage/,
  },
  {
    name: 'parameter of a call that cannot carry the header',
    carrier: 'baggage',
    call: () => ({ init: { mode: 'no-cors' } }),
    query: (value) => `?session_id=${value}`,
    clients: (client) => !isXhr(client),
  },
]

describe.each(ROWS)("the page's own $name ($carrier)", (row) => {
  const clients = CLIENTS.filter(row.clients ?? (() => true))

  it('wins, with one console warning that says what to do about it', async () => {
    const page = await openPage({ plugin: { origins: ['/agent'], carrier: row.carrier } })
    await page.sessionId()
    for (const client of clients) {
      const pair = await page.sendBoth({ client, ...row.call(THEIRS) }, { query: row.query?.(THEIRS) })
      expectOnly(pair)
    }
    expect(warningsOf(page)).toHaveLength(1)
    expect(warningsOf(page)[0]).toMatch(row.warns ?? /\bfield\b/)
    await page.close()
  })

  it('is left alone without a warning when it is the session id', async () => {
    const page = await openPage({ plugin: { origins: ['/agent'], carrier: row.carrier } })
    const id = await page.sessionId()
    for (const client of clients) {
      expectOnly(await page.sendBoth({ client, ...row.call(id) }, { query: row.query?.(id) }))
    }
    expect(page.console).toEqual([])
    await page.close()
  })
})

it.each(['0', 'false', '{}', '["x"]'])('a member with value %s is a value too', async (value) => {
  const page = await openPage({ plugin: ['/agent'] })
  await page.sessionId()
  const body = json(`{"session_id":${value}}`)
  expectOnly(await page.sendBoth({ client: 'XHR', method: 'POST', headers: JSON_TYPE, body }))
  expect(warningsOf(page)).toHaveLength(1)
  await page.close()
})

it.each(['?session_id=%20', '?session_id=a&session_id=b'])('%s is a value too', async (query) => {
  const page = await openPage({ plugin: { origins: ['/agent'], carrier: 'query' } })
  await page.sessionId()
  expectOnly(await page.sendBoth({ client: 'fetch(string, init)' }, { query }))
  expect(warningsOf(page)).toHaveLength(1)
  await page.close()
})

it('another field avoids the clash', async () => {
  const page = await openPage({ plugin: { origins: ['/agent'], field: 'rum_session_id' } })
  const id = await page.sessionId()
  const body = json(`{"session_id":"${THEIRS}"}`)
  const pair = await page.sendBoth({ client: 'fetch(string, init)', method: 'POST', body })
  expectOnly(pair, { body: `{"rum_session_id":"${id}","session_id":"${THEIRS}"}` })
  expect(page.console).toEqual([])
  await page.close()
})

it('the warning comes once per entry', async () => {
  const page = await openPage({ plugin: ['/agent/XHR', '/agent/fetchstringinit'] })
  await page.sessionId()
  const body = json(`{"session_id":"${THEIRS}"}`)
  for (const client of ['XHR', 'fetch(string, init)', 'XHR', 'fetch(string, init)'] as const) {
    expectOnly(await page.sendBoth({ client, method: 'POST', headers: JSON_TYPE, body }))
  }
  expect(warningsOf(page)).toHaveLength(2)
  await page.close()
})
