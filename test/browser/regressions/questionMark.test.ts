import { beforeAll, describe, expect, it } from 'vitest'
import { CLIENTS, send } from '../../support/calls.js'
import { ENGINE } from '../../support/engines/engine.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { CALLS } from '../../support/pageCalls.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

let page: Page
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: { origins: ENTRIES } })
})

let count = 0
const newPath = (carrier = 'query') => `/agent/${carrier}/${++count}`
const ADDED = `session_id=${STUB_SESSION_ID}`

/** Queries and form bodies as the page writes them, and whether they set the parameter `session_id`. */
const TEXTS: Array<[text: string, sets: boolean]> = [
  ['?session_id=abc', false],
  ['??session_id=abc', false],
  ['?session_id', false],
  ['%3Fsession_id=abc', false],
  ['?session_id=abc&a=1', false],
  ['a=?session_id=abc', false],
  ['a=1?session_id=abc', false],
  ['?&a=1', false],
  ['?', false],
  ['session_id=abc', true],
  ['session%5Fid=abc', true],
  ['?a=1&session_id=abc', true],
  ['?&session_id=abc', true],
  ['&session_id=', true],
  ['session_id', true],
]
const expectedOf = (text: string, sets: boolean) => (sets ? text : `${text}${text.endsWith('&') ? '' : '&'}${ADDED}`)
/** WebKitGTK sends what need not be encoded as it is. */
const asSent = (query: string) => (ENGINE === 'webkit' ? query.replace('%5F', '_') : query)

describe('only a parameter whose name is session_id counts as the value of the page', () => {
  it.each(times(CLIENTS, TEXTS))('in the query of %s: %s', async (client, [text, sets]) => {
    const path = newPath()
    await page.run(send, { client, url: `${path}?${text}` })
    expect((await servers.site.only(path)).query).toBe(asSent(expectedOf(text, sets)))
  })

  it.each(times(CLIENTS, TEXTS))('in a form that %s sends: %s', async (client, [text, sets]) => {
    const path = newPath('body')
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await page.run(send, { client, url: path, method: 'POST', headers, body: { as: 'string', text } })
    const request = await servers.site.only(path)
    // Text that is no pairs stays as it is, and the query has the id.
    const isPairs = sets || /^&*[^=&]+=/.test(text)
    expect([request.query, request.text]).toEqual(isPairs ? [undefined, expectedOf(text, sets)] : [ADDED, text])
  })

  it.each(times(['EventSource', 'WebSocket', 'sendBeacon'] as const, TEXTS))(
    'in the URL of %s: %s',
    async (transport, [text, sets]) => {
      const path = newPath()
      await page.run(({ call, url }) => call(url), { call: CALLS[transport], url: `${path}?${text}` })
      expect((await servers.site.only(path)).query).toBe(asSent(expectedOf(text, sets)))
    },
  )
})

it.each(CARRIERS)('a beacon of URLSearchParams with a question mark keeps it, with carrier %s', async (carrier) => {
  const path = newPath(carrier)
  await page.run(({ path }) => navigator.sendBeacon(path, new URLSearchParams({ '?session_id': 'abc' })), { path })
  const { text, query } = await servers.site.only(path)
  expect([query, text].filter((part) => part?.includes(ADDED))).toHaveLength(1)
  expect(text.startsWith('%3Fsession_id=abc')).toBe(true)
})
