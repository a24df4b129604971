// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { sessionInBody } from '../../../src/server/bodySession.js'

const ID = '3f1c9a52-6f0e-4c6b-9a0d-0f2f5d1f7a11'
const JSON_TEXT = `{"session_id":"${ID}"}`
const MULTIPART = `--b\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n${ID}\r\n--b--\r\n`

const bytes = (text: string) => new TextEncoder().encode(text)
/** Shares its buffer with other bytes, as Node.js's small Buffers do. */
const within = (text: string) => bytes(`xx${text}yy`).subarray(2, -2)
const shared = (text: string) => {
  const copy = new Uint8Array(new SharedArrayBuffer(text.length))
  copy.set(bytes(text))
  return copy.buffer
}
const multipartOf = (name: string) => MULTIPART.replace('session_id', name)
/** A file's bytes, which are no UTF-8, before the field. */
const FILE = Buffer.from('--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n\xff\xfe\r\n', 'latin1')

describe('a body', () => {
  it.each<[name: string, body: unknown, field?: string]>([
    ['of text', JSON_TEXT],
    ['of text with white space around it', ` ${JSON_TEXT}\n`],
    ['of urlencoded text', `a=1&session_id=${ID}`],
    ['of multipart text', MULTIPART],
    ['of bytes', bytes(JSON_TEXT)],
    ['of bytes within others', within(JSON_TEXT)],
    ['of a DataView', new DataView(bytes(JSON_TEXT).buffer)],
    ['of an ArrayBuffer', bytes(JSON_TEXT).buffer],
    ['of a SharedArrayBuffer', shared(JSON_TEXT)],
    ['of urlencoded bytes', bytes(`session_id=${ID}`)],
    ['of bytes with an encoded name', bytes(`session%5Fid=${ID}`)],
    ['of bytes with a plus in its name', bytes(`session+id=${ID}`), 'session id'],
    ['of multipart bytes', bytes(MULTIPART)],
    ['of multipart bytes with a file', Buffer.concat([FILE, bytes(MULTIPART)])],
    ['of multipart bytes with a name in UTF-8', Buffer.concat([FILE, bytes(multipartOf('sitzung_ü'))]), 'sitzung_ü'],
    ['of JSON bytes with a name in UTF-8', bytes(`{"sitzung_ü":"${ID}"}`), 'sitzung_ü'],
    ['with an escape in its name', `{"session\\u005fid":"${ID}"}`],
    ['of bytes with an escape in its name', bytes(`{"session\\u005fid":"${ID}"}`)],
    ['with an escape that is no number', `{"a\\/b":"${ID}"}`, 'a/b'],
    ['that is a FormData', formOf()],
    ['that the server has parsed', { session_id: ID }],
    ['with a path', { metadata: { session_id: ID } }, 'metadata.session_id'],
    ['of parts, as @fastify/multipart gives them', { session_id: { type: 'field', value: ID } }],
    [
      'of several parts',
      {
        session_id: [
          { type: 'file', value: 'x' },
          { type: 'field', value: ID },
        ],
      },
    ],
  ])('%s tells the session', (_name, body, field = 'session_id') => {
    expect(sessionInBody(body, field, '')).toBe(ID)
  })

  it.each<[name: string, body: unknown, contentType?: string]>([
    ['of an object that only seems to be a buffer', { [Symbol.toStringTag]: 'ArrayBuffers', session_id: [1] }],
    ['of another name', { other: ID }],
    ['of a part that is a file', { session_id: { type: 'file', value: ID } }],
    ['of text without the name', '{"a":1'],
    ['of bytes without the name', bytes('{"a":1')],
    ['that is nothing', undefined],
    ['of JSON, whose path counts', { session_id: ID }, 'application/json'],
  ])('%s tells none', (_name, body, contentType = '') => {
    expect(sessionInBody(body, contentType ? 'metadata.session_id' : 'session_id', contentType)).toBeUndefined()
  })

  it.each(['application/x-www-form-urlencoded', 'Multipart/Form-Data; boundary=b'])(
    'that was a form (%s) is flat',
    (contentType) => {
      expect(sessionInBody({ session_id: ID }, 'metadata.session_id', contentType)).toBe(ID)
    },
  )
})

describe('where there is no Buffer', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('bytes are read all the same', () => {
    vi.stubGlobal('Buffer', undefined)
    expect(sessionInBody(bytes(JSON_TEXT), 'session_id', '')).toBe(ID)
    expect(sessionInBody(bytes('a=1'), 'session_id', '')).toBeUndefined()
  })
})

it.each([
  ['without the name', '{"a":"b"}', 'session_id'],
  ['with an escape that stands for no letter', '{"a":"\\u00e4 \\n"}', 'session_id'],
])('JSON %s is not parsed', (_name, text, field) => {
  const parse = vi.spyOn(JSON, 'parse')
  expect(sessionInBody(text, field, '')).toBeUndefined()
  expect(parse).not.toHaveBeenCalled()
  parse.mockRestore()
})

function formOf() {
  const form = new FormData()
  form.append('session_id', ID)
  return form
}
