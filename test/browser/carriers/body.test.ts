/** @module-tag quick */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Body,
  type BufferKind,
  type Call,
  CLIENTS,
  type Client,
  expectOnly,
  FETCH_CLIENTS,
  hidesBody,
  isXhr,
  type Pair,
  textOf,
  withField,
  XHR_CLIENTS,
} from '../../support/calls.js'
import type { CaptureServer } from '../../support/captureServer.js'
import { ENGINE } from '../../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

let page: Page
let id: string
let query: string

beforeAll(async () => {
  page = await openPage({ plugin: ['/agent', `${servers.secure.origin}/agent`] })
  id = await page.sessionId()
  query = `session_id=${id}`
})

const typed = (contentType: string) => ({ headers: { 'content-type': contentType } })
const AS_JSON = typed('application/json')

/** Clients whose body can be seen, and those with which it is in a Request. */
const OPEN_CLIENTS = CLIENTS.filter((client) => !hidesBody(client))
const OPEN_FETCH_CLIENTS = FETCH_CLIENTS.filter((client) => !hidesBody(client))
const HIDING_CLIENTS = FETCH_CLIENTS.filter(hidesBody)

/** A body that is sent by POST, without a content type of the page's own, unless `call` says otherwise. */
const post = (
  client: Client,
  body: Body | string,
  call: Partial<Call> = {},
  server: CaptureServer = servers.site,
): Promise<Pair> =>
  page.sendBoth(
    {
      client,
      method: 'POST',
      body: typeof body === 'string' ? { as: 'string', text: body } : body,
      ...call,
    },
    { server },
  )

/** The only difference is the field, the first member of the JSON object. */
const expectField = (pair: Pair) => expectOnly(pair, { body: withField(pair.plain.body, id) })

/** The only difference is the query parameter. A Request with a form, which may have a file in it, WebKit cannot read, and nothing tells before it is tried. */
const expectQuery = (pair: Pair, isForm = false) => expectOnly(pair, isForm && ENGINE === 'webkit' ? {} : { query })

describe.each(CLIENTS)('JSON object sent with %s', (client) => {
  it.each([
    ['members', '{"model":"m","messages":[{"role":"user","content":"hi"}]}'],
    ['no members', '{}'],
    ['no members but white space', ' {\n\t} '],
    ['white space everywhere', ' \r\n{\n  "a" : 1 ,\n\t"b" : [ ]\n}\n '],
    ['integers beyond 2^53 and unusual numbers', '{"a":12345678901234567890,"b":1.0,"c":1e400,"d":-0}'],
    ['duplicate keys', '{"a":1,"a":2}'],
    ['escapes and characters of every plane', '{"é":"\\u00e9 – 日本 😀","\\n":"\\ud83d\\ude00"}'],
    ['a lone surrogate, which the browser replaces', '{"a":"\ud800"}'],
    ['the field below the top level', '{"a":{"session_id":"x"},"b":[{"session_id":"y"}]}'],
    ['the field in a string', '{"a":"\\"session_id\\":\\"x\\""}'],
    ['a longer key', '{"session_id2":1,"my_session_id":2}'],
    ['a key in another case', '{"SESSION_ID":"x"}'],
    ['__proto__', '{"__proto__":{"session_id":"x"}}'],
    ['jsonrpc below the top level', '{"a":{"jsonrpc":"2.0"}}'],
    ['jsonrpc as a value', '{"protocol":"jsonrpc"}'],
  ])('gets the field as its first member and keeps every other byte: %s', async (_, text) => {
    expectField(await post(client, text, AS_JSON))
  })

  it.each(['PUT', 'PATCH', 'DELETE', 'QUERY'])('gets the field with method %s', async (method) => {
    expectField(await post(client, '{"a":1}', { ...AS_JSON, method }))
  })

  it.each([
    'application/json; charset=utf-8',
    'Application/JSON',
    ' application/json ;charset="utf-8"',
    'application/vnd.api+json',
    'application/graphql-response+json;charset=utf-8',
    'text/plain',
    'text/plain;charset=UTF-8',
  ])('gets the field with content type %j', async (contentType) => {
    expectField(await post(client, '{"a":1}', typed(contentType)))
  })

  it('gets the field as a string without a content type', async () => {
    expectOnly(await post(client, ' {"a":1}'), { body: ` {"session_id":"${id}","a":1}` })
  })
})

const BUFFERS: BufferKind[] = [
  'ArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8Array view',
  'Uint8ClampedArray',
  'Uint16Array',
  'Int32Array',
  'Float64Array',
  'BigUint64Array',
  'DataView',
  'DataView view',
]

describe('JSON object as bytes', () => {
  const text = '{"a":"é"}'
  const type = 'application/json'

  it.each(times(CLIENTS, BUFFERS))('%s of %s with a JSON content type gets the field', async (client, as) => {
    expectField(await post(client, { as, text }, AS_JSON))
  })

  const NO_UTF8: Record<string, number[]> = {
    'UTF-16': [...Buffer.from('{"a":1}', 'utf16le')],
    'Latin-1': [...Buffer.from('{"a":"é"}', 'latin1')],
    'no encoding': [...Buffer.from('{"a":"'), 0xff, 0xc0, 0x80, ...Buffer.from('"}')],
  }

  it.each(times(CLIENTS, Object.keys(NO_UTF8)))(
    '%s of bytes in %s, which are no JSON on the wire, takes the query parameter',
    async (client, encoding) => {
      expectQuery(await post(client, { as: 'Uint8Array', bytes: NO_UTF8[encoding] as number[] }, AS_JSON))
    },
  )

  it.each(times(FETCH_CLIENTS, ['Blob', 'File'] as const))(
    '%s of a %s of JSON type gets the field',
    async (client, as) => {
      expectField(await post(client, { as, text, type }))
    },
  )

  it.each(times(FETCH_CLIENTS, ['', 'text/csv']))(
    '%s of a Blob of type %j with a JSON content type header gets the field',
    async (client, ofBlob) => {
      expectField(await post(client, { as: 'Blob', text, type: ofBlob }, AS_JSON))
    },
  )

  it.each(times(XHR_CLIENTS, ['Blob', 'File'] as const))(
    '%s of a %s, which cannot be read in time, takes the query parameter',
    async (client, as) => {
      expectQuery(await post(client, { as, text, type }))
      expectQuery(await post(client, { as, text, type }, AS_JSON))
    },
  )
})

describe.each(CLIENTS)('form sent with %s', (client) => {
  const FORM_TYPE = 'application/x-www-form-urlencoded'

  it('gets the field at its end as URLSearchParams', async () => {
    const entries: Array<[string, string]> = [
      ['a', '1 +&=é'],
      ['b', ''],
      ['a', '2'],
    ]
    const pair = await post(client, { as: 'URLSearchParams', entries })
    expectOnly(pair, { body: `${pair.plain.text}&session_id=${id}` })
  })

  it.each([FORM_TYPE, `${FORM_TYPE};charset=UTF-8`])(
    'gets the field at its end as text of type %s',
    async (contentType) => {
      const pair = await post(client, 'a=%20b+c&&d', typed(contentType))
      expectOnly(pair, { body: `a=%20b+c&&d&session_id=${id}` })
    },
  )

  it('as FormData gets the field at its end, or the query parameter once it is in a Request', async () => {
    const entries: Extract<Body, { as: 'FormData' }>['entries'] = [
      ['a', 'é\n"'],
      ['file', { fileName: 'ü.txt', type: 'text/plain', text: 'content' }],
      ['a', '2'],
    ]
    const pair = await post(client, { as: 'FormData', entries })
    if (hidesBody(client)) {
      expectQuery(pair, true)
    } else {
      const part = `--BOUNDARY\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n${id}\r\n`
      expectOnly(pair, { body: textOf(pair.plain).replace(/--BOUNDARY--\r\n$/, `${part}$&`) })
    }
  })
})

describe.each(CLIENTS)('without a body that takes the field, %s takes the query parameter', (client) => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])('%s without a body', async (method) => {
    expectQuery(await page.sendBoth({ client, method }))
  })

  it.each(['GET', 'POST'])('%s with a null body', async (method) => {
    expectQuery(await post(client, { as: 'null' }, { method }))
  })

  const JSON_TYPE = 'application/json'
  it.each([
    ['a JSON array', JSON_TYPE, '[{"a":1}]'],
    ['a JSON string', JSON_TYPE, '"{}"'],
    ['a JSON number', JSON_TYPE, '1'],
    ['JSON null', JSON_TYPE, 'null'],
    ['text of JSON type that is no JSON', JSON_TYPE, 'hello {"a":1}'],
    ['a JSON-RPC envelope', JSON_TYPE, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}'],
    ['a JSON-RPC envelope whose version comes last', JSON_TYPE, '{"id":1,"result":{}, "jsonrpc" : "2.0"}'],
    ['a JSON-RPC batch', JSON_TYPE, '[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]'],
    ['JSON that starts with a byte order mark', JSON_TYPE, '\ufeff{"a":1}'],
    ['text without a content type', undefined, 'hello'],
    ['text without a content type that only looks like JSON', undefined, '{a:1}'],
    ['a JSON array without a content type', undefined, '[1]'],
    ['plain text', 'text/plain', 'hello'],
    ['plain text that only looks like JSON', 'text/plain', '{"a":1'],
    ['multipart text of the page', 'multipart/form-data; boundary=x', '--x--\r\n'],
  ])('%s', async (_, contentType, text) => {
    const pair = await post(client, text, contentType === undefined ? {} : typed(contentType))
    expectQuery(pair, hidesBody(client) && contentType?.startsWith('multipart/'))
  })

  it('JSON bytes that start with a byte order mark', async () => {
    expectQuery(await post(client, { as: 'Uint8Array', text: '\ufeff{"a":1}' }, AS_JSON))
  })

  it.each(['gzip', 'br', 'zstd'])('a JSON body with Content-Encoding %s', async (encoding) => {
    const headers = { ...AS_JSON.headers, 'content-encoding': encoding }
    expectQuery(await post(client, { as: 'Uint8Array', text: '{"a":1}' }, { headers }))
  })
})

describe('a body of a media type that takes no field', () => {
  const TYPES = {
    CSV: 'text/csv',
    'newline-delimited JSON': 'application/x-ndjson',
    'a type that only starts like JSON': 'application/jsonlines',
    XML: 'application/xml',
    'bytes of any kind': 'application/octet-stream',
    'an image': 'image/png',
    'a recording': 'audio/webm',
  }
  const ROWS = Object.entries(TYPES)

  it.each(times(OPEN_CLIENTS, ROWS))('%s: the query parameter, %s', async (client, [, contentType]) => {
    expectQuery(await post(client, '{"a":1}', typed(contentType)))
  })

  // Only with a body that was read could such a Request go to another URL, and the body may be a file or a live stream.
  it.each(times(HIDING_CLIENTS, ROWS))('%s: nothing, for it is not read, %s', async (client, [, contentType]) => {
    expectOnly(await post(client, '{"a":1}', typed(contentType)))
    expectOnly(await post(client, { as: 'Blob', text: '{"a":1}', type: contentType }))
  })
})

describe('bytes without a content type', () => {
  const text = '{"a":1}'

  it.each(times(OPEN_CLIENTS, [...BUFFERS, 'Blob'] as const))(
    '%s of %s takes the query parameter',
    async (client, as) => {
      expectQuery(await post(client, { as, text }))
    },
  )

  it.each(HIDING_CLIENTS)('%s, which may be a stream, goes out as it was made', async (client) => {
    skipIn(['firefox', 'webkit'], NO_STREAMS)
    expectOnly(await post(client, { as: 'ArrayBuffer', text }))
  })
})

describe('streams', () => {
  beforeEach(() => skipIn(['firefox', 'webkit'], NO_STREAMS))
  const stream: Body = { as: 'ReadableStream', text: '{"a":1}' }

  it.each(OPEN_FETCH_CLIENTS)('%s takes the query parameter', async (client) => {
    expectQuery(await post(client, stream, {}, servers.secure))
    expectQuery(await post(client, stream, AS_JSON, servers.secure))
  })

  it.each(HIDING_CLIENTS)('%s without a content type goes out as it was made', async (client) => {
    expectOnly(await post(client, stream, {}, servers.secure))
  })
})

describe('documents', () => {
  it.each(CLIENTS.filter(isXhr))('%s of a Document takes the query parameter', async (client) => {
    expectQuery(await post(client, { as: 'XMLDocument', text: '<a>é</a>' }))
  })
})

describe('the content type', () => {
  it.each(times(FETCH_CLIENTS, ['object', 'Headers', 'tuples', 'iterable'] as const))(
    '%s is found in headers given as %s',
    async (client, headersAs) => {
      const headers = { 'X-Other': '1', 'CONTENT-TYPE': 'application/vnd.x+json' }
      expectField(await post(client, { as: 'Uint8Array', text: '{"a":1}' }, { headers, headersAs }))
    },
  )

  it.each([
    ['counts when the init has a body but no headers', {}, expectField],
    ['does not count when the init has headers', { headers: { 'x-a': '1' } }, expectQuery],
  ])('of a Request %s', async (name, init, expectChange) => {
    const path = name.replaceAll(' ', '-')
    for (const base of ['/plain', '/agent']) {
      await page.run(
        async ({ url, init }) => {
          const request = new Request(url, { method: 'POST', headers: { 'content-type': 'application/x+json' } })
          await fetch(request, { ...init, body: new TextEncoder().encode('{"a":1}') })
        },
        { url: `${base}/${path}`, init },
      )
    }
    expectChange({ plain: await servers.site.only(`/plain/${path}`), agent: await servers.site.only(`/agent/${path}`) })
  })
})

describe('keepalive', () => {
  const LIMIT = 65_536
  const json = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
  const added = `"session_id":"${'0'.repeat(36)}",`.length
  const init = { keepalive: true }
  const call = { ...AS_JSON, init }

  it.each(times(OPEN_FETCH_CLIENTS, [8, 1_000]))('%s of %d bytes gets the field', async (client, length) => {
    expectField(await post(client, json(length), call))
  })

  it.each(times(OPEN_FETCH_CLIENTS, [LIMIT - added + 1, LIMIT]))(
    '%s of %d bytes, which the field would push over the limit, takes the query parameter',
    async (client, length) => {
      expectQuery(await post(client, json(length), call))
    },
  )

  it.each(OPEN_FETCH_CLIENTS)('%s counts bytes, not characters', async (client) => {
    expectQuery(await post(client, `{"a":"${'é'.repeat((LIMIT - added) / 2)}"}`, call))
  })

  // A Request's own body would have to be read first, for which such a call never waits.
  it.each(HIDING_CLIENTS)('%s goes out as made', async (client) => {
    for (const length of [8, LIMIT - added, LIMIT]) {
      expectOnly(await post(client, json(length), { init }))
    }
  })

  it('a large body without keepalive gets the field', async () => {
    expectField(await post('fetch(string, init)', json(LIMIT)))
  })
})

describe('no-cors', () => {
  const init = { mode: 'no-cors' }

  it.each(FETCH_CLIENTS)('%s gets the body field', async (client) => {
    expectField(await post(client, '{"a":1}', { init }, servers.secure))
  })

  it.each(FETCH_CLIENTS)('%s of a GET takes the query parameter', async (client) => {
    expectQuery(await page.sendBoth({ client, init }, { server: servers.secure }))
  })
})

it('none of this made a console message or an error', () => {
  expect(page.console.filter((message) => !message.startsWith('debug'))).toEqual([])
  expect(page.errors).toEqual([])
})
