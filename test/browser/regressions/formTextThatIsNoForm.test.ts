import { beforeAll, describe, it } from 'vitest'
import { CLIENTS, expectOnly, withField } from '../../support/calls.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { times } from '../../support/times.js'

const FORM_TYPE = 'application/x-www-form-urlencoded'
/** The media type as jQuery, axios and XHRs of one's own write it. */
const FORM_TYPES = [FORM_TYPE, `${FORM_TYPE}; charset=UTF-8`, 'Application/X-WWW-Form-Urlencoded']
const QUERY = { query: `session_id=${STUB_SESSION_ID}` }

let page: Page
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: ['/agent'] })
})

const post = (client: (typeof CLIENTS)[number], text: string, type: string = FORM_TYPE) =>
  page.sendBoth({ client, method: 'POST', headers: { 'content-type': type }, body: { as: 'string', text } })

describe('text with the media type of a form', () => {
  const OBJECTS = ['{"message":"hi"}', '{"a":"b=1&c=2"}', ' {\n "a": 1 }', '{}', '{"url":"/?a=1&b=2"}']
  it.each(times(CLIENTS, times(FORM_TYPES, OBJECTS)))(
    'gets the member if it is a JSON object, by %s: %s',
    async (client, [type, text]) => {
      const pair = await post(client, text, type)
      expectOnly(pair, { body: withField(pair.plain.body, STUB_SESSION_ID) })
    },
  )

  const OTHER_TEXT = [
    ...['hello', 'Where is my order?', 'Is 1 + 1 = 2 & 3 = 3?', 'a=1 or b=2', 'first line\nkey=value', 'tab\t=1', 'ü'],
    ...['[1]', '["a=1"]', '"a=1"', '1', 'null', '{"jsonrpc":"2.0","id":1,"method":"m"}', '{"a":1', '{a=1}', '{"a":1}x'],
    ...['<a href="?b=1"/>', '<?xml version="1.0"?><a/>', 'query{user(id:"1"){name}}', '#hash', '/path?a=1'],
    ...['https://example.com/?a=1', 'data:text/plain;base64,YQ==', 'YWJjZA==', 'YWJjZGU=', '-----BEGIN-----\nYQ=='],
  ]
  it.each(times(CLIENTS, OTHER_TEXT))(
    'stays as it is if it is anything else, and the query has the id, by %s: %j',
    async (client, text) => {
      expectOnly(await post(client, text), QUERY)
    },
  )

  const PAIRS = ['a=1', 'a=1&b=2', 'a=', 'a=1&flag', '&a=1', 'a%5B%5D=1&a[]=2', 'q=%22hi%22+there', "q=it's", 'url=/?a']
  it.each(times(CLIENTS, times(FORM_TYPES, PAIRS)))(
    'gets a pair if it is pairs, by %s: %s',
    async (client, [type, text]) => {
      const pair = await post(client, text, type)
      expectOnly(pair, { body: `${text}&session_id=${STUB_SESSION_ID}` })
    },
  )
})
