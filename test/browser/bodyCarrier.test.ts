import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Body,
  type BufferKind,
  CLIENTS,
  expectOnly,
  FETCH_CLIENTS,
  hidesBody,
  isXhr,
  sendPair,
  textOf,
  withField,
  XHR_CLIENTS,
} from '../support/calls.js'
import { ENGINE } from '../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../support/engines/skipIn.js'
import type { TestPage } from '../support/page.js'
import { times, useStage } from '../support/stage.js'

const JSON_TYPE = 'application/json'

/** A Request with a form, which may have a file in it: WebKit cannot read that, and nothing tells before it is tried. */
const UNREADABLE = {}

const stage = useStage()
let page: TestPage
let id: string
let query: string

beforeAll(async () => {
  page = await stage.open({ correlation: `['/agent', '${stage.secure.origin}/agent']` })
  id = await page.sessionId()
  query = `session_id=${id}`
})

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
    const call = {
      client,
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body: { as: 'string', text },
    } as const
    const pair = await sendPair(page, stage.site, call)
    expectOnly(pair, { body: withField(pair.plain.body, id) })
  })

  it.each(['PUT', 'PATCH', 'DELETE', 'QUERY'])('gets the field with method %s', async (method) => {
    const body = { as: 'string', text: '{"a":1}' } as const
    const pair = await sendPair(page, stage.site, { client, method, headers: { 'content-type': JSON_TYPE }, body })
    expectOnly(pair, { body: `{"session_id":"${id}","a":1}` })
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
    const body = { as: 'string', text: '{"a":1}' } as const
    const pair = await sendPair(page, stage.site, {
      client,
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    })
    expectOnly(pair, { body: `{"session_id":"${id}","a":1}` })
  })

  it('gets the field as a string without a content type', async () => {
    const pair = await sendPair(page, stage.site, { client, method: 'POST', body: { as: 'string', text: ' {"a":1}' } })
    expectOnly(pair, { body: ` {"session_id":"${id}","a":1}` })
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
  it.each(times(CLIENTS, BUFFERS))('%s of %s with a JSON content type gets the field', async (client, as) => {
    const body = { as, text: '{"a":"é"}' }
    const pair = await sendPair(page, stage.site, {
      client,
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body,
    })
    expectOnly(pair, { body: withField(pair.plain.body, id) })
  })

  it.each(CLIENTS)('%s keeps bytes that are no UTF-8', async (client) => {
    const body: Body = { as: 'Uint8Array', bytes: [...Buffer.from('{"a":"'), 0xff, 0xc0, 0x80, ...Buffer.from('"}')] }
    const pair = await sendPair(page, stage.site, {
      client,
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body,
    })
    expectOnly(pair, { body: withField(pair.plain.body, id) })
  })

  it.each(CLIENTS)('%s of UTF-16, which is no JSON on the wire, takes the query parameter', async (client) => {
    const body: Body = { as: 'Uint8Array', bytes: [...Buffer.from('{"a":1}', 'utf16le')] }
    const pair = await sendPair(page, stage.site, {
      client,
      method: 'POST',
      headers: { 'content-type': JSON_TYPE },
      body,
    })
    expectOnly(pair, { query })
  })

  it.each(times(FETCH_CLIENTS, ['Blob', 'File'] as const))(
    '%s of a %s of JSON type gets the field',
    async (client, as) => {
      const body = { as, text: '{"a":"é"}', type: JSON_TYPE }
      const pair = await sendPair(page, stage.site, { client, method: 'POST', body })
      expectOnly(pair, { body: withField(pair.plain.body, id) })
    },
  )

  it.each(times(FETCH_CLIENTS, ['', 'text/csv']))(
    '%s of a Blob of type %j with a JSON content type header gets the field',
    async (client, type) => {
      const body: Body = { as: 'Blob', text: '{"a":"é"}', type }
      const pair = await sendPair(page, stage.site, {
        client,
        method: 'POST',
        headers: { 'content-type': JSON_TYPE },
        body,
      })
      expectOnly(pair, { body: withField(pair.plain.body, id) })
    },
  )

  it.each(times(XHR_CLIENTS, ['Blob', 'File'] as const))(
    '%s of a %s, which cannot be read in time, takes the query parameter',
    async (client, as) => {
      const body = { as, text: '{"a":"é"}', type: JSON_TYPE }
      expectOnly(await sendPair(page, stage.site, { client, method: 'POST', body }), { query })
      const headers = { 'content-type': JSON_TYPE }
      expectOnly(await sendPair(page, stage.site, { client, method: 'POST', headers, body }), { query })
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
    const pair = await sendPair(page, stage.site, { client, method: 'POST', body: { as: 'URLSearchParams', entries } })
    expectOnly(pair, { body: `${pair.plain.text}&session_id=${id}` })
  })

  it.each([FORM_TYPE, `${FORM_TYPE};charset=UTF-8`])(
    'gets the field at its end as text of type %s',
    async (contentType) => {
      const body = { as: 'string', text: 'a=%20b+c&&d' } as const
      const pair = await sendPair(page, stage.site, {
        client,
        method: 'POST',
        headers: { 'content-type': contentType },
        body,
      })
      expectOnly(pair, { body: `a=%20b+c&&d&session_id=${id}` })
    },
  )

  it('as FormData gets the field at its end, or the query parameter once it is in a Request', async () => {
    const entries: Extract<Body, { as: 'FormData' }>['entries'] = [
      ['a', 'é\n"'],
      ['file', { fileName: 'ü.txt', type: 'text/plain', text: 'content' }],
      ['a', '2'],
    ]
    const pair = await sendPair(page, stage.site, { client, method: 'POST', body: { as: 'FormData', entries } })
    if (hidesBody(client)) {
      expectOnly(pair, ENGINE === 'webkit' ? UNREADABLE : { query })
    } else {
      const part = `--BOUNDARY\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n${id}\r\n`
      expectOnly(pair, { body: textOf(pair.plain).replace(/--BOUNDARY--\r\n$/, `${part}$&`) })
    }
  })
})

describe.each(CLIENTS)('without a body that takes the field, %s takes the query parameter', (client) => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])('%s without a body', async (method) => {
    expectOnly(await sendPair(page, stage.site, { client, method }), { query })
  })

  it.each(['GET', 'POST'])('%s with a null body', async (method) => {
    expectOnly(await sendPair(page, stage.site, { client, method, body: { as: 'null' } }), { query })
  })

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
    ['CSV', 'text/csv', '{"a":1}'],
    ['newline-delimited JSON', 'application/x-ndjson', '{"a":1}\n{"a":2}'],
    ['a media type that only starts like JSON', 'application/jsonlines', '{"a":1}'],
    ['XML', 'application/xml', '<a/>'],
    ['binary type', 'application/octet-stream', '{"a":1}'],
    ['multipart text of the page', 'multipart/form-data; boundary=x', '--x--\r\n'],
  ])('%s', async (_, contentType, text) => {
    const headers = contentType === undefined ? {} : { headers: { 'content-type': contentType } }
    const pair = await sendPair(page, stage.site, { client, method: 'POST', ...headers, body: { as: 'string', text } })
    const isHidden = hidesBody(client) && contentType?.startsWith('multipart/')
    expectOnly(pair, isHidden && ENGINE === 'webkit' ? UNREADABLE : { query })
  })

  it('JSON bytes that start with a byte order mark', async () => {
    const body = { as: 'Uint8Array', text: '\ufeff{"a":1}' } as const
    const call = { client, method: 'POST', headers: { 'content-type': JSON_TYPE }, body }
    expectOnly(await sendPair(page, stage.site, call), { query })
  })

  it.each(['gzip', 'br', 'zstd'])('a JSON body with Content-Encoding %s', async (encoding) => {
    const body = { as: 'Uint8Array', text: '{"a":1}' } as const
    const headers = { 'content-type': JSON_TYPE, 'content-encoding': encoding }
    expectOnly(await sendPair(page, stage.site, { client, method: 'POST', headers, body }), { query })
  })
})

describe('bytes without a content type', () => {
  it.each(
    times(
      CLIENTS.filter((client) => !hidesBody(client)),
      [...BUFFERS, 'Blob'] as const,
    ),
  )('%s of %s takes the query parameter', async (client, as) => {
    const pair = await sendPair(page, stage.site, { client, method: 'POST', body: { as, text: '{"a":1}' } })
    expectOnly(pair, { query })
  })

  it.each(CLIENTS.filter(hidesBody))('%s, which may be a stream, goes out as it was made', async (client) => {
    skipIn(['firefox', 'webkit'], NO_STREAMS)
    const pair = await sendPair(page, stage.site, {
      client,
      method: 'POST',
      body: { as: 'ArrayBuffer', text: '{"a":1}' },
    })
    expectOnly(pair)
  })
})

describe('streams', () => {
  beforeEach(() => skipIn(['firefox', 'webkit'], NO_STREAMS))

  it.each(FETCH_CLIENTS.filter((client) => !hidesBody(client)))('%s takes the query parameter', async (client) => {
    const body = { as: 'ReadableStream', text: '{"a":1}' } as const
    expectOnly(await sendPair(page, stage.secure, { client, method: 'POST', body }), { query })
    const headers = { 'content-type': JSON_TYPE }
    expectOnly(await sendPair(page, stage.secure, { client, method: 'POST', headers, body }), { query })
  })

  it.each(FETCH_CLIENTS.filter(hidesBody))('%s without a content type goes out as it was made', async (client) => {
    const body = { as: 'ReadableStream', text: '{"a":1}' } as const
    expectOnly(await sendPair(page, stage.secure, { client, method: 'POST', body }))
  })
})

describe('documents', () => {
  it.each(CLIENTS.filter(isXhr))('%s of a Document takes the query parameter', async (client) => {
    const pair = await sendPair(page, stage.site, {
      client,
      method: 'POST',
      body: { as: 'XMLDocument', text: '<a>é</a>' },
    })
    expectOnly(pair, { query })
  })
})

describe('the content type', () => {
  it.each(times(FETCH_CLIENTS, ['object', 'Headers', 'tuples', 'iterable'] as const))(
    '%s is found in headers given as %s',
    async (client, headersAs) => {
      const headers = { 'X-Other': '1', 'CONTENT-TYPE': 'application/vnd.x+json' }
      const body = { as: 'Uint8Array', text: '{"a":1}' } as const
      const pair = await sendPair(page, stage.site, { client, method: 'POST', headers, headersAs, body })
      expectOnly(pair, { body: `{"session_id":"${id}","a":1}` })
    },
  )

  it('of a Request counts when the init has a body but no headers', async () => {
    const [plain, agent] = ['/plain/request-type', '/agent/request-type']
    for (const path of [plain, agent]) {
      await page.evaluate(async (url) => {
        const request = new Request(url, { method: 'POST', headers: { 'content-type': 'application/x+json' } })
        await fetch(request, { body: new TextEncoder().encode('{"a":1}') })
      }, stage.site.origin + path)
    }
    const pair = { plain: await stage.site.only(plain), agent: await stage.site.only(agent) }
    expectOnly(pair, { body: `{"session_id":"${id}","a":1}` })
  })

  it('of a Request does not count when the init has headers', async () => {
    const [plain, agent] = ['/plain/init-headers', '/agent/init-headers']
    for (const path of [plain, agent]) {
      await page.evaluate(async (url) => {
        const request = new Request(url, { method: 'POST', headers: { 'content-type': 'application/x+json' } })
        await fetch(request, { headers: { 'x-a': '1' }, body: new TextEncoder().encode('{"a":1}') })
      }, stage.site.origin + path)
    }
    expectOnly({ plain: await stage.site.only(plain), agent: await stage.site.only(agent) }, { query })
  })
})

describe('keepalive', () => {
  const LIMIT = 65_536
  const json = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
  /** A Request's own body would have to be read first, for which such a call never waits. */
  const clients = FETCH_CLIENTS.filter((client) => !hidesBody(client))
  const added = `"session_id":"${'0'.repeat(36)}",`.length

  it.each(times(clients, [8, 1_000]))('%s of %d bytes gets the field', async (client, length) => {
    const body: Body = { as: 'string', text: json(length) }
    const headers = { 'content-type': JSON_TYPE }
    const pair = await sendPair(page, stage.site, {
      client,
      method: 'POST',
      headers,
      body,
      init: { keepalive: true },
    })
    expectOnly(pair, { body: withField(pair.plain.body, id) })
  })

  it.each(times(clients, [LIMIT - added + 1, LIMIT]))(
    '%s of %d bytes, which the field would push over the limit, takes the query parameter',
    async (client, length) => {
      const body: Body = { as: 'string', text: json(length) }
      const headers = { 'content-type': JSON_TYPE }
      const pair = await sendPair(page, stage.site, {
        client,
        method: 'POST',
        headers,
        body,
        init: { keepalive: true },
      })
      expectOnly(pair, { query })
    },
  )

  it.each(clients)('%s counts bytes, not characters', async (client) => {
    const body: Body = { as: 'string', text: `{"a":"${'é'.repeat((LIMIT - added) / 2)}"}` }
    const headers = { 'content-type': JSON_TYPE }
    const pair = await sendPair(page, stage.site, { client, method: 'POST', headers, body, init: { keepalive: true } })
    expectOnly(pair, { query })
  })

  it.each(FETCH_CLIENTS.filter(hidesBody))('%s goes out as made', async (client) => {
    for (const length of [8, LIMIT - added, LIMIT]) {
      const body: Body = { as: 'string', text: json(length) }
      expectOnly(await sendPair(page, stage.site, { client, method: 'POST', body, init: { keepalive: true } }))
    }
  })

  it('a large body without keepalive gets the field', async () => {
    const body: Body = { as: 'string', text: json(LIMIT) }
    const pair = await sendPair(page, stage.site, { client: 'fetch(string, init)', method: 'POST', body })
    expectOnly(pair, { body: withField(pair.plain.body, id) })
  })
})

describe('no-cors', () => {
  it.each(FETCH_CLIENTS)('%s gets the body field', async (client) => {
    const body = { as: 'string', text: '{"a":1}' } as const
    const pair = await sendPair(page, stage.secure, { client, method: 'POST', body, init: { mode: 'no-cors' } })
    expectOnly(pair, { body: `{"session_id":"${id}","a":1}` })
  })

  it.each(FETCH_CLIENTS)('%s of a GET takes the query parameter', async (client) => {
    expectOnly(await sendPair(page, stage.secure, { client, init: { mode: 'no-cors' } }), { query })
  })
})

it('none of this made a console message or an error', () => {
  expect(page.console.filter((message) => !message.startsWith('debug'))).toEqual([])
  expect(page.errors).toEqual([])
})
