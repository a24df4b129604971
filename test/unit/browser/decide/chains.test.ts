// @vitest-environment node
import { describe, expect, it } from 'vitest'
import type { Call, CallBody, Medium, NetworkUrl } from '../../../../src/browser/call.js'
import { decide as decideCall, isDecidedByUrl } from '../../../../src/browser/decide/chains.js'
import type { Entry } from '../../../../src/browser/entry.js'
import type { Carrier } from '../../../../src/browser/options.js'
import type { HeaderChange, Outcome } from '../../../../src/browser/outcome.js'
import type { RumHeaders } from '../../../../src/browser/session.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const CARRIERS: readonly Carrier[] = ['body', 'query', 'baggage', 'trace-tags']
const HEADER_CARRIERS: readonly Carrier[] = ['baggage', 'trace-tags']
const UNCHANGED = { url: undefined, body: undefined, headers: [] }

/** What matters of a call. */
interface Shape {
  method?: string
  url?: string
  headers?: Record<string, string>
  medium?: Medium
  body?: string | Uint8Array | FormData | URLSearchParams | CallBody
  keepalive?: boolean
}

/** What matters beside it. */
interface Setting {
  field?: string
  rum?: Partial<RumHeaders>
  others?: ReadonlyArray<readonly [string, unknown]>
}

const OPAQUE: CallBody = { kind: 'opaque' }
/** The body of a Request itself. */
const OF_REQUEST: CallBody = { kind: 'unread-request' }
const blobOf = (type: string): CallBody => ({ kind: 'unread-blob', type })

function urlOf(text: string): NetworkUrl {
  const base = 'https://page.test/'
  return { href: new URL(text, base).href, text, base }
}

function describeBody(body: Shape['body']): CallBody {
  if (body === undefined) {
    return { kind: 'none' }
  }
  if (typeof body === 'string') {
    return { kind: 'text', text: body, type: 'text/plain' }
  }
  if (body instanceof Uint8Array) {
    return { kind: 'bytes', bytes: body, type: undefined }
  }
  return body instanceof FormData || body instanceof URLSearchParams ? { kind: 'form', form: body } : body
}

function callOf({ url = '/chat', headers = {}, body, ...rest }: Shape): Call {
  return {
    method: 'POST',
    url: urlOf(url),
    medium: 'usual',
    headers: new Headers(headers),
    body: describeBody(body),
    keepalive: false,
    isPartial: false,
    ...rest,
  }
}

function entryOf(carrier: Carrier, field = 'session_id'): Entry {
  const path = field.split('.')
  const name = path.at(-1) as string
  const matcher = { matches: () => true, prefix: undefined, methods: undefined }
  return { ...matcher, carrier, field, path, name, propagateUser: false, label: 'entry' }
}

function decide(carrier: Carrier, shape: Shape, { field, rum = {}, others = [] }: Setting = {}) {
  const entry = entryOf(carrier, field)
  const rumHeaders = () => ({ baggage: false, traceIds: false, foreignTrace: false, ...rum })
  return decideCall(callOf(shape), entry, { sessionId: ID, others, rumHeaders, endedIds: [] })
}

/** An outcome in one line: the carrier, what changes, and why; ID for the id, NEW for a trace id. */
function told(outcome: Outcome, shape: Shape): string {
  if (outcome.kind === 'read-body') {
    return `to be read as ${outcome.as}`
  }
  if (outcome.kind !== 'carried') {
    return `none (${outcome.kind === 'left' ? outcome.reason : outcome.why})`
  }
  const { carrier, changes, why } = outcome
  const { url, body, headers } = changes
  const whole = headers.map((change) => [change.name, wholeValue(change, shape)])
  const shownHeaders = headers.length ? JSON.stringify(Object.fromEntries(whole)) : undefined
  const parts = [carrier, url, body === undefined ? undefined : shown(body), shownHeaders]
  return `${parts.filter((part) => part !== undefined).join(' ')}${why ? ` (${why})` : ''}`
    .replaceAll(ID, 'ID')
    .replace(/"x-datadog-(trace|parent)-id":"[1-9]\d{0,18}"/g, '"x-datadog-$1-id":"NEW"')
}

/** The header as the server gets it. */
function wholeValue({ how, name, value }: HeaderChange, { headers = {} }: Shape): string {
  const own = headers[name]
  return how === 'append' && own ? `${own},${value}` : value
}

function shown(body: unknown): string {
  if (typeof body === 'string') {
    return body
  }
  return body instanceof Uint8Array
    ? `bytes of ${new TextDecoder().decode(body)}`
    : `${(body as object).constructor.name} ${JSON.stringify([...(body as FormData)])}`
}

const hintOf = (outcome: Outcome) => (outcome.kind === 'left' ? outcome.hint : undefined)

const tell = (...args: Parameters<typeof decide>) => told(decide(...args), args[1])

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const bytes = (text: string) => new TextEncoder().encode(text)
const ENTRIES: Array<[string, string]> = [['a', '1']]
function formData() {
  const form = new FormData()
  form.append('a', '1')
  return form
}

const OF_TYPE = 'query /chat?session_id=ID (type or encoding of the body)'
const NO_OBJECT = 'query /chat?session_id=ID (no JSON object, or JSON-RPC)'
const NO_BODY = 'query /chat?session_id=ID (no body)'
const GROWN = 'body {"session_id":"ID","a":1}'

/** Every shape of a call, and what it comes to with the carrier `body`. */
const SHAPES: Array<[name: string, call: Shape, inBody: string]> = [
  ['a GET', { method: 'GET' }, NO_BODY],
  ['a POST without a body', {}, NO_BODY],
  ['JSON text', { headers: JSON_TYPE, body: '{"a":1}' }, GROWN],
  ['JSON text of a vendor', { headers: { 'content-type': 'application/vnd.api+json' }, body: '{"a":1}' }, GROWN],
  [
    'JSON text with parameters of its type',
    { headers: { 'content-type': ' Application/JSON ; charset=utf-8' }, body: '{"a":1}' },
    GROWN,
  ],
  ['an empty JSON object', { headers: JSON_TYPE, body: '{}' }, 'body {"session_id":"ID"}'],
  ['JSON bytes', { headers: JSON_TYPE, body: bytes('{"a":1}') }, 'body bytes of {"session_id":"ID","a":1}'],
  ['text that is a JSON object', { body: '{"a":1}' }, GROWN],
  ['text/plain that is a JSON object', { headers: { 'content-type': 'text/plain;x' }, body: '{"a":1}' }, GROWN],
  ['text that is none', { body: 'hello' }, NO_OBJECT],
  ['text that only looks like one', { body: '{a}' }, NO_OBJECT],
  ['text that begins and ends like one', { body: '{"a":}' }, NO_OBJECT],
  ['an empty text', { body: '' }, NO_OBJECT],
  ['JSON of an array', { headers: JSON_TYPE, body: '[{"a":1}]' }, NO_OBJECT],
  ['JSON of a number', { headers: JSON_TYPE, body: '1' }, NO_OBJECT],
  ['a JSON-RPC envelope', { headers: JSON_TYPE, body: '{"jsonrpc":"2.0","method":"a"}' }, NO_OBJECT],
  ['a JSON-RPC envelope in bytes', { headers: JSON_TYPE, body: bytes('{"jsonrpc":"2.0"}') }, NO_OBJECT],
  ['a byte order mark', { headers: JSON_TYPE, body: '\ufeff{"a":1}' }, NO_OBJECT],
  ['bytes without a type', { body: bytes('{"a":1}') }, OF_TYPE],
  ['bytes of another type', { headers: { 'content-type': 'image/png' }, body: bytes('{"a":1}') }, OF_TYPE],
  ['bytes of a form', { headers: FORM_TYPE, body: bytes('a=1') }, NO_OBJECT],
  ['text of another type', { headers: { 'content-type': 'text/html' }, body: '{"a":1}' }, OF_TYPE],
  ['text of a type that only begins so', { headers: { 'content-type': 'application/jsonx' }, body: '{}' }, OF_TYPE],
  ['text of a type that only ends so', { headers: { 'content-type': 'x-application/json' }, body: '{}' }, OF_TYPE],
  ['text of two types', { headers: { 'content-type': 'text/html, a/b+json' }, body: '{}' }, OF_TYPE],
  ['text of a type that has no name', { headers: { 'content-type': 'a/+json' }, body: '{}' }, OF_TYPE],
  ['text whose type is wrong', { headers: { 'content-type': ' ' }, body: '{"a":1}' }, OF_TYPE],
  ['urlencoded text', { headers: FORM_TYPE, body: 'a=1' }, 'body a=1&session_id=ID'],
  ['empty urlencoded text', { headers: FORM_TYPE, body: '' }, 'body session_id=ID'],
  ...['a=1&b=2', 'a=', 'a=1&flag', '&a=1', 'a[b]=1&c.d=2', "a=it's", 'q=https://a.test/?b', 'a=1&'].map(
    (text): [string, Shape, string] => [
      `urlencoded text ${text}`,
      { headers: FORM_TYPE, body: text },
      `body ${text}${text.endsWith('&') ? '' : '&'}session_id=ID`,
    ],
  ),
  ['JSON typed as urlencoded', { headers: FORM_TYPE, body: '{"a":1}' }, GROWN],
  ['a JSON-RPC envelope typed as urlencoded', { headers: FORM_TYPE, body: '{"jsonrpc":"2.0"}' }, NO_OBJECT],
  ...[
    ...['hello', 'Where is my order?', 'a = 1', '<a b="c"/>', '"a=1"', '[1]', 'a\nb=1', 'YWJjZA==', 'YWJjZGU='],
    ...['https://a.test/?b=1', '{a=1}', '{"a":"b=1&c=2"', "'a'=1"],
  ].map((text): [string, Shape, string] => [
    `text typed as urlencoded: ${text}`,
    { headers: FORM_TYPE, body: text },
    NO_OBJECT,
  ]),
  ...[
    ...['application/merge-patch+json', 'application/json-patch+json', 'application/strategic-merge-patch+json'],
    ...['Application/Merge-Patch+JSON; charset=utf-8', 'application/vnd.a-merge-patch+json'],
  ].map((type): [string, Shape, string] => [type, { headers: { 'content-type': type }, body: '{"a":1}' }, OF_TYPE]),
  ['URLSearchParams', { body: new URLSearchParams(ENTRIES) }, 'body URLSearchParams [["a","1"],["session_id","ID"]]'],
  ['FormData', { body: formData() }, 'body FormData [["a","1"],["session_id","ID"]]'],
  [
    'FormData whose type the page names',
    { headers: { 'content-type': 'multipart/form-data' }, body: formData() },
    'body FormData [["a","1"],["session_id","ID"]]',
  ],
  ['a compressed body', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: '{"a":1}' }, OF_TYPE],
  ['a body marked as not compressed', { headers: { ...JSON_TYPE, 'content-encoding': '' }, body: '{"a":1}' }, OF_TYPE],
  ['a stream, or a Document', { headers: JSON_TYPE, body: OPAQUE }, OF_TYPE],
  ['a Blob of JSON', { body: blobOf('application/json') }, 'to be read as bytes'],
  ['a Blob that a header says is JSON', { headers: JSON_TYPE, body: blobOf('') }, 'to be read as bytes'],
  ['a Blob of no type', { body: blobOf('') }, OF_TYPE],
  ['a Blob of text', { body: blobOf('text/plain') }, OF_TYPE],
  ['a Blob of a form', { headers: FORM_TYPE, body: blobOf('') }, OF_TYPE],
]

/** Requests that bring a body of their own, which goes along to another URL only once it is read. */
const OWN_BODIES: Array<[name: string, call: Shape, as: 'bytes' | 'blob']> = [
  ['JSON', { headers: JSON_TYPE, body: OF_REQUEST }, 'bytes'],
  ['text', { headers: { 'content-type': 'text/plain' }, body: OF_REQUEST }, 'bytes'],
  ['a form', { headers: FORM_TYPE, body: OF_REQUEST }, 'bytes'],
  ['multipart', { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: OF_REQUEST }, 'blob'],
  ['compressed JSON', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: OF_REQUEST }, 'blob'],
]

/** Types of bodies that may be large or live. */
const UNREAD_TYPES = ['image/png', 'audio/webm', 'application/octet-stream', 'text/csv', 'application/pdf', 'nonsense']

const IN_HEADER: Partial<Record<Carrier, string>> = {
  baggage: 'baggage {"baggage":"session.id=ID"}',
  'trace-tags':
    'trace-tags {"x-datadog-trace-id":"NEW","x-datadog-parent-id":"NEW","x-datadog-tags":"_dd.p.llmobs_sid=ID"}',
}
const IN_QUERY = 'query /chat?session_id=ID'
const NO_HEADERS = `${IN_QUERY} (no-cors, or no headers)`

const SIGNED: Array<[name: string, call: Shape]> = [
  ['AWS SigV4', { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a' } }],
  ['AWS SigV4A, in lower case', { headers: { authorization: 'aws4-ecdsa-p256-sha256 Credential=a' } }],
  ['a presigned URL', { url: '/chat?X-Amz-Signature=abc' }],
  ['a presigned URL, further on', { url: '/chat?a=1&x-amz-signature=abc' }],
  ['Content-Digest', { headers: { 'content-digest': 'sha-256=:a:' } }],
  ['Digest', { headers: { digest: 'SHA-256=a' } }],
  ['Content-MD5', { headers: { 'content-md5': '' } }],
  ['Signature-Input', { headers: { 'signature-input': 'a' } }],
  ...[
    ...['Repr-Digest', 'X-Body-Digest', 'Signature', 'X-Hub-Signature', 'X-Hub-Signature-256', 'Stripe-Signature'],
    ...[
      'X-Amz-Content-Sha256',
      'x-ms-content-sha256',
      'X-Amz-Checksum-Crc32',
      'x-amz-sdk-checksum-algorithm',
      'Checksum',
    ],
    ...['X-Goog-Hash', 'X-Hmac', 'X-Shopify-Hmac-Sha256', 'X-Payload-Hmac', 'X-Amz-Content-MD5', 'X-Sign', 'sign'],
  ].map((name): [string, Shape] => [`the header ${name}`, { headers: { [name]: 'a' } }]),
  ...[
    ...['Signature keyId="a"', 'signature keyId="a"', 'Hawk id="a"', 'OAuth oauth_signature="a"', 'Digest uri="/"'],
    ...['SharedKey a:b', 'SharedKeyLite a:b', 'HMAC-SHA256 Credential=a', 'TC3-HMAC-SHA256 a', 'ACS3-HMAC-SHA256 a'],
    ...['ACS3-RSA-SHA256 a', 'SDK-HMAC-SHA256 a', 'EG1-HMAC-SHA256 a', 'AWS id:sig', 'GOOG4-RSA-SHA256 a'],
    ...['OSS4-HMAC-SHA256 a', 'OSS id:sig', 'bce-auth-v1/a/b', 'hmac username="a"', 'acquia-http-hmac a'],
  ].map((value): [string, Shape] => [`Authorization: ${value}`, { headers: { Authorization: value } }]),
  ...[
    ...['X-Goog-Signature=a', 'x-oss-signature=a', 'q-sign-algorithm=sha1&q-signature=a', 'oauth_signature=a'],
    ...['Expires=1&Signature=a&Key-Pair-Id=b', 'Policy=c&Signature=a&Key-Pair-Id=b', 'Expires=1&KeyName=k&Signature=a'],
    ...['sv=1&se=2&sig=a', 'sv=1&si=policy&sig=a', 'expires=1&signature=a', `signature=${'a1'.repeat(32)}`],
    ...['signed=r:12345678;e:12345678;abc', `sign=${'A1'.repeat(16)}&timestamp=1`, 'token=a&expires=1'],
  ].map((query): [string, Shape] => [`a URL with ${query}`, { url: `/chat?${query}` }]),
]
const NOT_SIGNED: Array<[name: string, call: Shape]> = [
  ['another scheme', { headers: { authorization: 'Bearer AWS4-HMAC' } }],
  ...['Bearer a', 'Basic hawk', 'DPoP a', 'Token signature=a'].map((value): [string, Shape] => [
    `Authorization: ${value}`,
    { headers: { Authorization: value } },
  ]),
  ...['Want-Digest', 'Want-Content-Digest', 'Accept-Signature', 'X-Design', 'X-Assignment', 'X-Hash'].map(
    (name): [string, Shape] => [`the header ${name}`, { headers: { [name]: 'a' } }],
  ),
  ...['signature=Yours', 'sig=a', 'se=1', 'expires=1', 'token=abc', 'sign=libra', 'design=x&assign=y'].map(
    (query): [string, Shape] => [`a URL with ${query}`, { url: `/chat?${query}` }],
  ),
  ['a signature in the hash', { url: '/chat#?x-amz-signature=abc' }],
  ['a name in a path', { url: '/chat/x-amz-signature=abc' }],
  ['a longer name', { url: '/chat?my-x-amz-signature=abc' }],
  ['a name without a value', { url: '/chat?x-amz-signature' }],
]

const STRICT: Array<[origin: string, takes: string]> = [
  ['https://api.openai.com', 'metadata.session_id'],
  ['https://api.anthropic.com', 'metadata.user_id'],
  ['https://generativelanguage.googleapis.com', 'labels.session_id'],
]

describe('the carrier body', () => {
  it.each(SHAPES)('on %s', (_name, call, expected) => {
    expect(tell('body', call)).toBe(expected)
  })

  it.each(OWN_BODIES)('on a Request of %s has it read, for the field or for the new URL', (_name, call, as) => {
    expect(tell('body', call)).toBe(`to be read as ${as}`)
  })

  it.each(UNREAD_TYPES)('on a Request of type %s reads nothing', (type) => {
    const call = { headers: { 'content-type': type }, body: OF_REQUEST }
    expect(tell('body', call)).toBe('none (body_not_read)')
    expect(tell('query', call)).toBe('none (body_not_read)')
    for (const carrier of HEADER_CARRIERS) {
      expect(tell(carrier, call)).toBe(IN_HEADER[carrier])
      expect(tell(carrier, { ...call, medium: 'no-headers' })).toBe('none (body_not_read)')
    }
  })

  it.each(['application/grpc', 'application/grpc-web+proto', 'Application/gRPC-Web-Text'])(
    'on %s leaves the call alone but for its headers',
    (type) => {
      for (const body of [bytes('a'), '{}', OF_REQUEST, blobOf('')]) {
        const call = { headers: { 'content-type': type }, body }
        expect(tell('body', call)).toBe('none (grpc)')
        expect(tell('query', call)).toBe('none (grpc)')
        for (const carrier of HEADER_CARRIERS) {
          expect(tell(carrier, call)).toBe(IN_HEADER[carrier])
        }
      }
    },
  )

  it.each(OWN_BODIES.slice(0, 3))('on a Request of %s looks there before it looks at the query', (_name, call) => {
    expect(tell('body', { ...call, url: '/chat?session_id=theirs' })).toBe('to be read as bytes')
  })

  it.each<[name: string, call: Shape, expected: string]>([
    ['JSON', { headers: JSON_TYPE, body: '{"a":1}' }, 'body {"metadata":{"sid":"ID"},"a":1}'],
    ['JSON with a part of the path', { headers: JSON_TYPE, body: '{"metadata":{}}' }, 'body {"metadata":{"sid":"ID"}}'],
    ['JSON with another value there', { body: '{"metadata":7}' }, '/chat?sid=ID (no JSON object, or JSON-RPC)'],
    ['JSON-RPC', { headers: JSON_TYPE, body: '{"jsonrpc":"2"}' }, 'body {"metadata":{"sid":"ID"},"jsonrpc":"2"}'],
    ['JSON bytes', { headers: JSON_TYPE, body: bytes('{"a":1}') }, 'body bytes of {"metadata":{"sid":"ID"},"a":1}'],
    ['a form', { body: new URLSearchParams(ENTRIES) }, 'body URLSearchParams [["a","1"],["sid","ID"]]'],
    ['urlencoded text', { headers: FORM_TYPE, body: 'a=1' }, 'body a=1&sid=ID'],
    ['no body', {}, '/chat?sid=ID (no body)'],
  ])('with a dotted field, on %s', (_name, call, expected) => {
    expect(tell('body', call, { field: 'metadata.sid' })).toBe(
      expected.startsWith('/') ? `query ${expected}` : expected,
    )
  })
})

describe('the other carriers are the same for every body', () => {
  it.each(SHAPES)('on %s', (_name, call) => {
    expect(tell('query', call)).toBe(IN_QUERY)
    for (const carrier of HEADER_CARRIERS) {
      expect(tell(carrier, call)).toBe(IN_HEADER[carrier])
      expect(tell(carrier, { ...call, medium: 'no-headers' })).toBe(NO_HEADERS)
    }
  })

  it.each(OWN_BODIES)('on a Request of %s, which only a new URL needs read', (_name, call) => {
    expect(tell('query', call)).toBe('to be read as blob')
    for (const carrier of HEADER_CARRIERS) {
      expect(tell(carrier, call)).toBe(IN_HEADER[carrier])
      expect(tell(carrier, { ...call, medium: 'no-headers' })).toBe('to be read as blob')
    }
  })
})

describe('no-cors, which only keeps headers from being sent, leaves body and query as they are', () => {
  it.each(SHAPES)('on %s', (_name, call, expected) => {
    expect(tell('body', { ...call, medium: 'no-headers' })).toBe(expected)
    expect(tell('query', { ...call, medium: 'no-headers' })).toBe(IN_QUERY)
  })
})

describe('what a transport cannot carry', () => {
  it.each(CARRIERS)('EventSource and WebSocket take the query, whatever the carrier: %s', (carrier) => {
    const expected = { query: IN_QUERY, body: NO_BODY }[carrier as string] ?? NO_HEADERS
    expect(tell(carrier, { method: 'GET', medium: 'no-headers' })).toBe(expected)
  })

  it.each(SHAPES)('a beacon takes header carriers as body, on %s', (_name, call, expected) => {
    for (const carrier of CARRIERS) {
      expect(tell(carrier, { ...call, medium: 'beacon' })).toBe(carrier === 'query' ? IN_QUERY : expected)
    }
  })
})

describe('a signed call is left alone but for its headers', () => {
  it.each(SIGNED)('%s', (_name, signed) => {
    for (const [, shape] of [...SHAPES, ...OWN_BODIES]) {
      const call = { ...shape, ...signed, headers: { ...shape.headers, ...signed.headers } }
      for (const carrier of ['body', 'query'] as const) {
        const decision = decide(carrier, call)
        expect(told(decision, call)).toBe('none (signed_request)')
        expect(hintOf(decision)).toContain("carrier: 'baggage'")
      }
      for (const carrier of HEADER_CARRIERS) {
        expect(tell(carrier, call)).toBe(IN_HEADER[carrier])
        expect(tell(carrier, { ...call, medium: 'no-headers' })).toBe('none (signed_request)')
      }
    }
  })

  it.each(NOT_SIGNED)('but not: %s', (_name, call) => {
    const body = { ...call, headers: { ...JSON_TYPE, ...call.headers }, body: '{"a":1}' }
    expect(tell('body', body)).toBe(GROWN)
    expect(tell('query', body)).toContain('session_id=ID')
  })
})

describe('a call of which only headers can change', () => {
  it.each(['stream_without_content_type', 'unreadable_body', 'keepalive_body'] as const)('%s', (locked) => {
    for (const headers of [JSON_TYPE, FORM_TYPE, {}]) {
      const call: Shape = { headers, body: { kind: 'locked', why: locked } }
      expect(tell('body', call)).toBe(`none (${locked})`)
      expect(tell('query', call)).toBe(`none (${locked})`)
      expect(hintOf(decide('query', call))).toBeUndefined()
      for (const carrier of HEADER_CARRIERS) {
        expect(tell(carrier, call)).toBe(IN_HEADER[carrier])
        expect(tell(carrier, { ...call, medium: 'no-headers' })).toBe(`none (${locked})`)
      }
    }
  })
})

describe.each(STRICT)('%s, which refuses members that it does not know,', (origin, takes) => {
  it.each(SHAPES)('gets no top-level field, on %s', (_name, call) => {
    const there = { ...call, url: `${origin}/v1` }
    const decision = decide('body', there)
    expect(told(decision, there)).toBe('none (unknown_members_refused)')
    expect(hintOf(decision)).toContain(origin)
    expect(hintOf(decision)).toContain(`field: '${takes}'`)
    expect(tell('baggage', { ...there, medium: 'beacon' })).toBe('none (unknown_members_refused)')
    expect(tell('query', there)).toBe(`query ${origin}/v1?session_id=ID`)
    for (const carrier of HEADER_CARRIERS) {
      expect(tell(carrier, there)).toBe(IN_HEADER[carrier])
    }
  })

  it('gets the field that it takes', () => {
    const call = { url: `${origin}/v1`, headers: JSON_TYPE, body: '{"a":1}' }
    const [outer, inner] = takes.split('.')
    expect(tell('body', call, { field: takes })).toBe(`body {"${outer}":{"${inner}":"ID"},"a":1}`)
  })

  it('is not another one of a like name', () => {
    for (const url of [`${origin}:8443/v1`, `${origin}.evil.test/v1`, origin.replace('https', 'http')]) {
      expect(tell('body', { url, headers: JSON_TYPE, body: '{"a":1}' })).toBe(GROWN)
    }
  })
})

describe('a value that the page set itself', () => {
  const PLACES: Array<[name: string, carrier: Carrier, call: (value: string) => Shape, setting?: Setting]> = [
    ['JSON', 'body', (value) => ({ headers: JSON_TYPE, body: `{"session_id":"${value}"}` })],
    ['JSON bytes', 'body', (value) => ({ headers: JSON_TYPE, body: bytes(`{"session_id":"${value}"}`) })],
    ['text', 'body', (value) => ({ body: `{"a":1,"session_id":"${value}"}` })],
    ['a path', 'body', (value) => ({ body: `{"m":{"sid":"${value}"}}` }), { field: 'm.sid' }],
    ['urlencoded text', 'body', (value) => ({ headers: FORM_TYPE, body: `session_id=${value}` })],
    ['URLSearchParams', 'body', (value) => ({ body: new URLSearchParams({ session_id: value }) })],
    ['the query, without a body', 'body', (value) => ({ url: `/chat?session_id=${value}` })],
    ['the query', 'query', (value) => ({ url: `/chat?session_id=${value}&a=1` })],
    [
      'the query, of a Request with a body',
      'query',
      (value) => ({ url: `/chat?session_id=${value}`, body: OF_REQUEST }),
    ],
    ['the query, on no-cors', 'baggage', (value) => ({ url: `/chat?session_id=${value}`, medium: 'no-headers' })],
    ['baggage', 'baggage', (value) => ({ headers: { baggage: `a=1, session.id=${value};p` } })],
    ['baggage, where RUM adds its own', 'baggage', (value) => ({ headers: { baggage: `session.id=${value}` } })],
    ['tags', 'trace-tags', (value) => ({ headers: { 'x-datadog-tags': `_dd.p.llmobs_sid=${value}` } })],
    [
      'a trace state',
      'trace-tags',
      (value) => ({ headers: { traceparent: PARENT, tracestate: `dd=t.llmobs_sid:${value}` } }),
    ],
  ]

  it.each(PLACES)('wins, in %s', (name, carrier, call, setting = {}) => {
    const rum = name.includes('RUM') ? { baggage: true } : {}
    const decision = decide(carrier, call('theirs'), { ...setting, rum })
    expect(told(decision, call('theirs'))).toBe('none (page_value)')
    expect(hintOf(decision)).toContain("set 'field' or 'carrier'")
    const isInHeader = call('').headers?.baggage !== undefined
    const isInTags = carrier === 'trace-tags'
    expect(hintOf(decision)).toContain(
      `already sets another ${isInTags ? 'x-datadog-tags' : isInHeader ? 'baggage' : (setting.field ?? 'session_id')}:`,
    )
  })

  it.each(PLACES)('counts as carried where it is the id, and nothing changes: %s', (_name, carrier, call, setting) => {
    const decision = decide(carrier, call(ID), setting)
    const [reached] = told(decision, call(ID)).split(' ')
    const url = call(ID).url
    expect(reached).toBe(url ? 'query' : carrier)
    expect(decision).toMatchObject({ kind: 'carried', changes: UNCHANGED, why: undefined })
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['0', 0],
    ['""', ''],
    ['{"a":1}', { a: 1 }],
  ])('wins whatever it is: %s', (value) => {
    expect(tell('body', { headers: JSON_TYPE, body: `{"session_id":${value}}` })).toBe('none (page_value)')
  })

  it('wins where it is empty, too', () => {
    expect(tell('query', { url: '/chat?session_id=' })).toBe('none (page_value)')
    expect(tell('baggage', { headers: { baggage: 'session.id=' } })).toBe('none (page_value)')
    expect(tell('trace-tags', { headers: { 'x-datadog-tags': '_dd.p.llmobs_sid=' } })).toBe('none (page_value)')
  })

  it('in a trace state counts for nothing without a trace that goes with it', () => {
    const tracestate = 'dd=t.llmobs_sid:theirs'
    expect(tell('trace-tags', { headers: { tracestate } })).toBe(IN_HEADER['trace-tags'])
    expect(tell('trace-tags', { headers: { tracestate, traceparent: 'nonsense' } })).toBe(IN_HEADER['trace-tags'])
  })
})

describe('baggage', () => {
  const USER: Setting = {
    others: [
      ['user.id', 'the user'],
      ['account.id', 'acme'],
    ],
  }

  it.each<[name: string, header: string | undefined, setting: Setting, expected: string]>([
    ['alone', undefined, {}, 'session.id=ID'],
    ["behind the page's own", 'a=1;p, b=2', {}, 'a=1;p, b=2,session.id=ID'],
    ['with user and account', undefined, USER, 'session.id=ID,user.id=the%20user,account.id=acme'],
    ["with the page's own user", 'user.id=theirs', USER, 'user.id=theirs,session.id=ID,account.id=acme'],
    [
      'with ids that are no text',
      '',
      {
        others: [
          ['user.id', 5],
          ['account.id', undefined],
        ],
      },
      'session.id=ID',
    ],
    [
      'without the user that does not fit',
      undefined,
      {
        others: [
          ['user.id', 'u'.repeat(9000)],
          ['account.id', 'acme'],
        ],
      },
      'session.id=ID,account.id=acme',
    ],
    ['with the user alone', `session.id=${ID}`, USER, 'session.id=ID,user.id=the%20user,account.id=acme'],
  ])('goes %s', (_name, header, setting, expected) => {
    const headers: Record<string, string> = header === undefined ? {} : { baggage: header }
    expect(tell('baggage', { headers }, setting)).toBe(`baggage {"baggage":"${expected}"}`)
  })

  it('that does not fit gives way to the query', () => {
    const full = Array(64).fill('a=1').join()
    expect(tell('baggage', { headers: { baggage: full } })).toBe(`${IN_QUERY} (no room)`)
  })

  it('is left to RUM where RUM adds it', () => {
    const rum = { baggage: true, traceIds: true }
    expect(tell('baggage', {}, { rum, ...USER })).toBe('baggage')
    expect(tell('baggage', { headers: { baggage: 'a=1' } }, { rum })).toBe('baggage')
    expect(tell('baggage', {}, { rum: { traceIds: true, foreignTrace: true } })).toBe(IN_HEADER.baggage)
  })
})

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const IDS = { 'x-datadog-trace-id': '1', 'x-datadog-parent-id': '2' }
const TAG = '_dd.p.llmobs_sid=ID'

describe('trace tags', () => {
  const tagsAlone = `trace-tags {"x-datadog-tags":"${TAG}"}`
  const inState = 'trace-tags {"tracestate":"dd=t.llmobs_sid:ID"}'
  const elsewhere = `${IN_QUERY} (another trace)`
  const noRoom = `${IN_QUERY} (no room)`
  const newTrace = IN_HEADER['trace-tags'] as string

  it.each<[name: string, headers: Record<string, string>, rum: Partial<RumHeaders>, expected: string]>([
    ['no trace', {}, {}, newTrace],
    ["the page's ids", IDS, {}, tagsAlone],
    ["RUM's ids", {}, { traceIds: true }, tagsAlone],
    ["RUM's ids and its traceparent", { traceparent: PARENT }, { traceIds: true }, tagsAlone],
    ['a trace id alone', { 'x-datadog-trace-id': '1' }, {}, newTrace],
    ['a parent id alone', { 'x-datadog-parent-id': '1' }, {}, newTrace],
    ["the page's ids and b3", { ...IDS, b3: '1' }, {}, tagsAlone],
    ["the page's ids and traceparent", { ...IDS, traceparent: PARENT }, {}, tagsAlone],
    ["the page's ids where RUM adds another trace", IDS, { foreignTrace: true }, tagsAlone],
    ['traceparent', { traceparent: PARENT }, {}, inState],
    ['traceparent and a trace id alone', { traceparent: PARENT, 'x-datadog-trace-id': '1' }, {}, inState],
    ['a malformed traceparent', { traceparent: '00-1-2-01' }, {}, newTrace],
    [
      'traceparent and tracestate',
      { traceparent: PARENT, tracestate: 'a=1,dd=s:1' },
      {},
      'trace-tags {"tracestate":"dd=s:1;t.llmobs_sid:ID,a=1"}',
    ],
    ['traceparent and a state that is full', { traceparent: PARENT, tracestate: 'dd=1,dd=2' }, {}, noRoom],
    ['traceparent that RUM adds', {}, { foreignTrace: true }, elsewhere],
    ['b3', { b3: '1-2' }, {}, elsewhere],
    ['b3 in several headers', { 'x-b3-traceid': '1' }, {}, elsewhere],
    ['b3 and traceparent', { b3: '1-2', traceparent: PARENT }, {}, elsewhere],
    ['tags', { ...IDS, 'x-datadog-tags': '_dd.p.dm=-1' }, {}, `trace-tags {"x-datadog-tags":"_dd.p.dm=-1,${TAG}"}`],
    ['tags that are full', { ...IDS, 'x-datadog-tags': `_dd.p.a=${'x'.repeat(500)}` }, {}, noRoom],
    ['RUM\u2019s baggage', {}, { baggage: true }, newTrace],
  ])('where the call has %s', (_name, headers, rum, expected) => {
    expect(tell('trace-tags', { headers }, { rum })).toBe(expected)
  })

  it('are asked of RUM only where a header carries them', () => {
    const request = { method: 'GET', medium: 'no-headers' } as const
    expect(tell('trace-tags', request, { rum: { traceIds: true } })).toBe(NO_HEADERS)
  })
})

describe('a keepalive call', () => {
  const room = 16_000 - '{"session_id":"","a":""}'.length - ID.length
  const json = (length: number) => `{"a":"${'x'.repeat(length)}"}`

  it.each(SHAPES)('grows where it is small, on %s', (_name, call, expected) => {
    expect(tell('body', { ...call, keepalive: true })).toBe(expected)
  })

  it('takes the query where it would grow over what may be in flight', () => {
    const call = (text: string) => ({ headers: JSON_TYPE, body: text })
    expect(tell('body', { ...call(json(room)), keepalive: true })).toMatch(/^body /)
    expect(tell('body', { ...call(json(room + 1)), keepalive: true })).toBe(`${IN_QUERY} (no room)`)
    expect(tell('body', call(json(room + 1)))).toMatch(/^body /)
    expect(tell('body', { ...call(json(room + 1)), keepalive: true, medium: 'beacon' })).toBe(`${IN_QUERY} (no room)`)
    for (const carrier of HEADER_CARRIERS) {
      expect(tell(carrier, { ...call(json(70_000)), keepalive: true })).toBe(IN_HEADER[carrier])
    }
  })

  it.each<[name: string, fill: (form: FormData) => void, expected: RegExp]>([
    ['with a short field', (form) => form.append('a', 'x'), /^body /],
    ['with a long field', (form) => form.append('a', 'x'.repeat(16_000)), /^query .*no room/],
    ['with a long name', (form) => form.append('x'.repeat(16_000), ''), /^query .*no room/],
    ['with a small file', (form) => form.append('a', new File(['x'], 'f')), /^body /],
    ['with a large file', (form) => form.append('a', new File(['x'.repeat(16_000)], 'f')), /^query .*no room/],
    ['with 70 parts', (form) => times(70, () => form.append('a', '')), /^body /],
    ['with 90 parts', (form) => times(90, () => form.append('a', '')), /^query .*no room/],
  ])('counts a form %s', (_name, fill, expected) => {
    const form = new FormData()
    fill(form)
    expect(tell('body', { body: form, keepalive: true })).toMatch(expected)
    expect(tell('body', { body: form })).toMatch(/^body /)
  })

  it('counts the text of URLSearchParams', () => {
    const params = (length: number) => new URLSearchParams({ a: 'x'.repeat(length) })
    expect(tell('body', { body: params(15_000), keepalive: true })).toMatch(/^body /)
    expect(tell('body', { body: params(16_000), keepalive: true })).toBe(`${IN_QUERY} (no room)`)
  })
})

describe('a decision', () => {
  it.each(CARRIERS)('never changes anything of the page: %s', (carrier) => {
    const body = formData()
    const headers = Object.freeze({ baggage: 'a=1', 'x-datadog-tags': '_dd.p.dm=-1' })
    decide(carrier, { body, headers })
    expect([...body]).toEqual(ENTRIES)
  })

  it('has all its members, whatever it is, and nothing that is not its own', () => {
    const members = {
      carried: ['carrier', 'changes', 'kind', 'why'],
      left: ['hint', 'kind', 'reason'],
      next: ['kind', 'why'],
      'read-body': ['as', 'kind'],
    }
    for (const carrier of CARRIERS) {
      for (const [, call] of [...SHAPES, ...SIGNED]) {
        const outcome = decide(carrier, call)
        expect(Object.keys(outcome).sort()).toEqual(members[outcome.kind])
        if (outcome.kind === 'carried') {
          expect(Object.keys(outcome.changes).sort()).toEqual(['body', 'headers', 'url'])
        }
      }
    }
  })

  it('adds to the URL as the page wrote it', () => {
    expect(tell('query', { url: '/chat?a=%20+b#h' })).toBe('query /chat?a=%20+b&session_id=ID#h')
    expect(tell('query', { url: 'wss://agent.test/s' }, { field: 'a.b c' })).toBe('query wss://agent.test/s?b%20c=ID')
  })
})

describe('an XMLHttpRequest', () => {
  it.each<[Carrier, hasBody: boolean, expected: boolean]>([
    ['body', true, false],
    ['body', false, true],
    ['query', true, true],
    ['query', false, true],
    ['baggage', true, false],
    ['baggage', false, false],
    ['trace-tags', true, false],
    ['trace-tags', false, false],
  ])('with %s and a body: %s, is decided by its URL: %s', (carrier, hasBody, expected) => {
    expect(isDecidedByUrl(entryOf(carrier), hasBody)).toBe(expected)
  })
})

function times(count: number, run: () => void) {
  for (let index = 0; index < count; index += 1) {
    run()
  }
}
