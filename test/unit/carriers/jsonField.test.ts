// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addJsonField, addJsonFieldToBytes, readJsonField } from '../../../src/carriers/jsonField.js'
import { anyText } from '../../support/anyText.js'
import { wellFormed } from '../../support/wellFormed.js'

const SPACES = fc.stringMatching(/^[ \t\n\r]{0,3}$/)
// Few names, so that they meet: nested, escaped and repeated ones.
const NAMES = fc.oneof(
  fc.constantFrom('session_id', 'metadata', 'jsonrpc', 'a', '__proto__', 'é', '"', '\\', 'session_id"', ''),
  anyText,
)
const SCALARS = fc.oneof(
  fc.constantFrom('null', 'true', '-0', '1e400', '12345678901234567890', '"session_id"', '"{\\"session_id\\":1}"'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  anyText.map((text) => JSON.stringify(text)),
)

/** A name as JSON text, at times spelled with escape sequences. */
const nameTexts = fc
  .tuple(NAMES, fc.boolean())
  .map(([name, isEscaped]) =>
    isEscaped
      ? `"${Array.from({ length: name.length }, (_, at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(name),
  )

/** JSON texts of every form that a serializer may choose, which `fc.json()` does not give. */
const { object: objectTexts } = fc.letrec<{ value: string; object: string; array: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, SCALARS, tie('object'), tie('array')),
  object: fc
    .tuple(SPACES, fc.array(fc.tuple(SPACES, nameTexts, SPACES, SPACES, tie('value'), SPACES), { maxLength: 5 }))
    .map(
      ([space, members]) =>
        `{${space}${members.map(([a, name, b, c, value, d]) => `${a}${name}${b}:${c}${value}${d}`).join(',')}}`,
    ),
  array: fc
    .tuple(SPACES, fc.array(tie('value'), { maxLength: 4 }))
    .map(([space, values]) => `[${space}${values.join(',')}]`),
}))
const texts = fc.tuple(SPACES, objectTexts, SPACES).map((parts) => parts.join(''))
const paths: fc.Arbitrary<string[]> = fc.oneof(
  fc.constantFrom<string[]>(
    ['session_id'],
    ['metadata', 'session_id'],
    ['a', 'metadata', 'a'],
    ['é'],
    ['"'],
    ['__proto__'],
  ),
  fc.array(NAMES, { minLength: 1, maxLength: 3 }),
)

type Json = Record<string, unknown>

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What adding a field means, told on the parsed object: the reference that the splice is held against. */
function reference(object: Json, [name, ...rest]: string[], value: string): Json | 'present' | 'blocked' {
  const has = Object.hasOwn(object, name as string)
  if (!rest.length) {
    return has ? 'present' : define(object, name as string, value)
  }
  const inner = has ? object[name as string] : {}
  if (!isObject(inner)) {
    return 'blocked'
  }
  const changed = reference(inner, rest, value)
  return typeof changed === 'string' ? changed : define(object, name as string, changed)
}

function define(object: Json, name: string, value: unknown): Json {
  return Object.defineProperty({ ...object }, name, { value, enumerable: true, configurable: true, writable: true })
}

/** `changed` is `text` with something put in at one place. */
function isInsertion(text: string, changed: string) {
  let at = 0
  while (at < text.length && text[at] === changed[at]) {
    at += 1
  }
  const tail = text.length - at
  return changed.length > text.length && (tail === 0 || changed.endsWith(text.slice(at)))
}

describe('for any text of a JSON object and any path', () => {
  it('the result reads as the same object with the field, or the text is left alone', () => {
    fc.assert(
      fc.property(texts, paths, (text, path) => {
        const object = JSON.parse(text) as Json
        const added = addJsonField(text, path, 'the-id')
        const expected =
          path.length === 1 && Object.hasOwn(object, 'jsonrpc') ? 'blocked' : reference(object, path, 'the-id')
        if (expected === 'blocked') {
          expect(added).toBeUndefined()
        } else if (expected === 'present') {
          const value = path.reduce<unknown>((inner, name) => (inner as Json)[name], object)
          expect(added).toEqual({ present: value })
        } else {
          const { changed } = added as { changed: string }
          expect(JSON.parse(changed)).toEqual(expected)
          expect(isInsertion(text, changed)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('bytes are treated as the text that they encode', () => {
    fc.assert(
      fc.property(
        texts,
        fc.constantFrom(['session_id'], ['metadata', 'session_id'], ['a', 'metadata', 'a']),
        (text, path) => {
          const ofText = addJsonField(wellFormed(text), path, 'the-id')
          const ofBytes = addJsonFieldToBytes(new TextEncoder().encode(text), path, 'the-id')
          if (ofText?.changed !== undefined) {
            expect(new TextDecoder().decode((ofBytes as { changed: Uint8Array }).changed)).toBe(ofText.changed)
          } else {
            // Of a value that is there already, only whether it is the session id counts.
            expect(ofBytes && 'present' in ofBytes).toBe(ofText && 'present' in ofText)
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('adding it twice changes nothing more', () => {
    fc.assert(
      fc.property(texts, paths, (text, path) => {
        const added = addJsonField(text, path, 'the-id')
        if (added?.changed !== undefined) {
          // A field named jsonrpc makes the text an envelope.
          expect(addJsonField(added.changed, path, 'other')).toEqual(
            path.join() === 'jsonrpc' ? undefined : { present: 'the-id' },
          )
          expect(readJsonField(JSON.parse(added.changed), path)).toBe('the-id')
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a field', () => {
  it.each<[text: string, path: string[], changed: string | undefined]>([
    ['{}', ['session_id'], '{"session_id":"id"}'],
    [' {\n} ', ['session_id'], ' {"session_id":"id"\n} '],
    ['{ "a": 1 }', ['session_id'], '{"session_id":"id", "a": 1 }'],
    ['{}', ['a', 'b', 'c'], '{"a":{"b":{"c":"id"}}}'],
    ['{"metadata":{"a":1}}', ['metadata', 'session_id'], '{"metadata":{"session_id":"id","a":1}}'],
    ['{"metadata" : { } }', ['metadata', 'session_id'], '{"metadata" : {"session_id":"id" } }'],
    ['{"metadata":{},"metadata":{"a":1}}', ['metadata', 'b'], '{"metadata":{},"metadata":{"b":"id","a":1}}'],
    ['{"metadata":{},"a":"metadata"}', ['metadata', 'b'], '{"metadata":{"b":"id"},"a":"metadata"}'],
    ['{"a":{"metadata":{}},"metadata":{}}', ['metadata', 'b'], '{"a":{"metadata":{}},"metadata":{"b":"id"}}'],
    ['{"metadata":5}', ['metadata', 'b'], undefined],
    ['{"metadata":null}', ['metadata', 'b'], undefined],
    ['{"metadata":[{}]}', ['metadata', 'b'], undefined],
    ['{"jsonrpc":"2.0","method":"a"}', ['session_id'], undefined],
    ['{"\\u006asonrpc":"2.0"}', ['session_id'], undefined],
    ['{"jsonrpc":"2.0"}', ['params', 'session_id'], '{"params":{"session_id":"id"},"jsonrpc":"2.0"}'],
    ['{"a":{"jsonrpc":"2.0"}}', ['session_id'], '{"session_id":"id","a":{"jsonrpc":"2.0"}}'],
  ])('in %s at %j gives %s', (text, path, changed) => {
    expect(addJsonField(text, path, 'id')?.changed).toBe(changed)
    const bytes = addJsonFieldToBytes(new TextEncoder().encode(text), path, 'id')?.changed
    expect(bytes && new TextDecoder().decode(bytes)).toBe(changed)
  })

  it.each<[unknown, string[], unknown]>([
    [{ a: { b: 5 } }, ['a', 'b'], 5],
    [{ a: { b: 5 } }, ['a'], { b: 5 }],
    [{}, ['a', 'b'], undefined],
    [{ a: 'text' }, ['a', 'length'], undefined],
    [{ a: null }, ['a', 'b'], undefined],
    [[5], ['0'], undefined],
    [{}, ['constructor', 'name'], undefined],
    [undefined, ['a'], undefined],
  ])('is read from %j at %j: %j', (body, path, expected) => {
    expect(readJsonField(body, path)).toEqual(expected)
  })
})

it.each([[['sitzungs_ä']], [['metadaten_ü', 'session_id']]])(
  'bytes get a field of a name that is not ASCII, as text does: %j',
  (path) => {
    const { changed } = addJsonFieldToBytes(new TextEncoder().encode('{}'), path, 'id') as { changed: Uint8Array }
    expect(readJsonField(JSON.parse(new TextDecoder().decode(changed)), path)).toBe('id')
    expect(addJsonFieldToBytes(changed, path, 'other')).toEqual({ changed: undefined, present: 'id' })
  },
)

describe('text that is no JSON object', () => {
  it.each([
    '',
    ' ',
    '[]',
    '[{}]',
    '1',
    '"{}"',
    'null',
    '\uFEFF{}',
    '{',
    '{]',
    '{a:1}',
    "{'a':1}",
    '{"a":1',
    'x{}',
    'x"a":1}',
    '["a":1}',
    '{}x',
    '{"a":1}\n{"b":2',
  ])('%j gets no field', (text) => {
    expect(addJsonField(text, ['session_id'], 'id')).toBeUndefined()
    expect(addJsonFieldToBytes(new TextEncoder().encode(text), ['session_id'], 'id')).toBeUndefined()
  })

  it.each(['{"a"}', '{"a":1}{"b":2}', '{"a":tru}', '{"a":1,}'])(
    '%j gets no field where nothing says that it is JSON',
    (text) => {
      expect(addJsonField(text, ['session_id'], 'id', { isUncertain: true })).toBeUndefined()
    },
  )
})

it.each(['UTF-16', 'UTF-32'])('JSON in %s gets no field', (encoding) => {
  const width = encoding === 'UTF-16' ? 2 : 4
  const bytes = Uint8Array.from(
    [...'{"a":1}'].flatMap((character) => [character.charCodeAt(0), ...Array(width - 1).fill(0)]),
  )
  expect(addJsonFieldToBytes(bytes, ['session_id'], 'id')).toBeUndefined()
})

it.each(['\0', '\x0b', '\x0c', '\x1f'])('text with the control character %j around it is no JSON', (character) => {
  expect(addJsonField(`${character}{"a":1}`, ['session_id'], 'id')).toBeUndefined()
  expect(addJsonField(`{${character}"a":1}`, ['session_id'], 'id')).toBeUndefined()
  expect(addJsonField(`{"a":1}${character}`, ['session_id'], 'id')).toBeUndefined()
})

it('bytes that are no UTF-8 get no field', () => {
  const bytes = Uint8Array.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x80, 0x22, 0x7d])
  expect(addJsonFieldToBytes(bytes, ['session_id'], 'id')).toBeUndefined()
})

it.each(['{"a":"long","b":}', '{"a":"where its quests","b":}', '{"a":its_quest,"b":}'])(
  '%s, which is broken as only parsing would tell, is not parsed where the name is not a part of it',
  (text) => {
    const changed = text.replace('{', '{"its_quest":"id",')
    expect(addJsonField(text, ['its_quest'], 'id')).toEqual({ changed })
    const bytes = addJsonFieldToBytes(new TextEncoder().encode(text), ['its_quest'], 'id')?.changed
    expect(new TextDecoder().decode(bytes)).toBe(changed)
  },
)
