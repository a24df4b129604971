// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJsonField } from '../../../src/carriers/jsonField.js'
import { JsonScan } from '../../../src/server/jsonScan.js'
import { scanned } from '../../support/scanned.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const OTHER = '11111111-2222-4333-8444-555555555555'
const ESCAPED_ID = `\\u0030${ID.slice(1).replace('-', '\\u002D')}`

const find = (text: string, path = ['session_id'], cuts: readonly number[] = []) =>
  scanned(new JsonScan(path), text, cuts).sessionId

describe('a session id in JSON', () => {
  it.each<[string, string]>([
    ['as the first member', `{"session_id":"${ID}","a":1`],
    ['as the only member', `{"session_id":"${ID}"}`],
    ['among white space', ` \t\r\n{ "session_id"\n:\t"${ID}" `],
    [
      'behind members of every type',
      `{"a":"x","b":-1.5e+3,"c":[],"d":{},"e":true,"f":false,"g":null,"session_id":"${ID}"}`,
    ],
    ['behind brackets and quotes in a string', `{"a":"}]\\"\\\\{","session_id":"${ID}"`],
    ['behind deep arrays', `{"a":${'['.repeat(5000)}${']'.repeat(5000)},"session_id":"${ID}"}`],
    ['with an escaped name', `{"session\\u005fi\\u0064":"${ID}"}`],
    ['with an escaped value', `{"session_id":"${ESCAPED_ID}"}`],
    ['behind a duplicate that is none', `{"session_id":"chat","session_id":5,"session_id":"${ID}"}`],
    ['before an error', `{"session_id":"${ID}"]]]`],
    ['in upper case', `{"session_id":"${ID.toUpperCase()}"}`],
  ])('counts %s', (_name, text) => {
    expect(find(text)?.toLowerCase()).toBe(ID)
  })

  it.each<[string, string]>([
    ['in another object', `{"a":{"session_id":"${ID}"}}`],
    ['in an array', `{"a":["session_id","${ID}"],"b":[{"session_id":"${ID}"}]}`],
    ['in a string', `{"a":"\\"session_id\\":\\"${ID}\\""}`],
    ['as a name', `{"a":"session_id","${ID}":1}`],
    ['of another name', `{"session_id2":"${ID}","ession_id":"${ID}","session_id ":"${ID}"}`],
    ['that is none', `{"session_id":"${ID.slice(1)}"}`],
    ['with something behind it', `{"session_id":"${ID}0"}`],
    ['in an array as the value', `{"session_id":["${ID}"]}`],
    ['in an object as the value', `{"session_id":{"session_id":"${ID}"}}`],
    ['not yet whole', `{"session_id":"${ID}`],
    ['in an array at the top', `[{"session_id":"${ID}"}]`],
    ['behind the end of the object', `{}{"session_id":"${ID}"}`],
    ['behind a byte order mark', `\ufeff{"session_id":"${ID}"}`],
  ])('counts for nothing %s', (_name, text) => {
    expect(find(text)).toBeUndefined()
  })

  it.each([
    '{a:1,',
    "{'a':1,",
    '{"a" 1,',
    '{"a":,',
    '{"a":1,,',
    '{,',
    '{"a":1 2,',
    '{"a":[1,],',
    '{"a":[,1],',
    '{"a":[1}],',
    '{"a":[1},',
    '{"a":{"b":1],',
    '{"a":{"b":1]},',
    '{"a":{"b":1,},',
    '{"a":{"b"},',
    '{"a":01,',
    '{"a":-,',
    '{"a":1.,',
    '{"a":.5,',
    '{"a":+1,',
    '{"a":1e,',
    '{"a":1e+,',
    '{"a":1.2.3,',
    '{"a":0x1,',
    '{"a":NaN,',
    '{"a":tru,',
    '{"a":True,',
    '{"a":truee,',
    '{"a":nul l,',
    '{"a":undefined,',
    '{"a":"\n",',
    '{"a":"\0",',
    '{"a":"\\x41",',
    '{"a":"\\u00g0",',
    '{"a":"\\u00,',
    '{"a":1/**/,',
    '\v{',
    '\u00a0{',
  ])('counts for nothing behind an error: %j', (start) => {
    const text = `${start}"session_id":"${ID}"}`
    expect(() => JSON.parse(text)).toThrow()
    expect(find(text)).toBeUndefined()
    expect(
      find(
        text,
        ['session_id'],
        [...text].map((_, at) => at),
      ),
    ).toBeUndefined()
  })

  it.each<[string, string, string[], string | undefined]>([
    ['on its path', `{"metadata":{"session_id":"${ID}"}}`, ['metadata', 'session_id'], ID],
    ['three levels deep', `{"a":{"x":{"b":1},"b":{"c":"${ID}"}}}`, ['a', 'b', 'c'], ID],
    ['where the path comes twice', `{"a":{"c":1},"a":{"b":"${ID}"}}`, ['a', 'b'], ID],
    ['at the top', `{"session_id":"${ID}"}`, ['metadata', 'session_id'], undefined],
    ['beside the path', `{"a":{},"b":"${ID}"}`, ['a', 'b'], undefined],
    ['too deep', `{"a":{"x":{"b":"${ID}"}}}`, ['a', 'b'], undefined],
    ['in an array on the path', `{"a":[{"b":"${ID}"}]}`, ['a', 'b'], undefined],
    ['where the path ends in a string', `{"a":"${ID}"}`, ['a', 'b'], undefined],
    ['of a name that is not ASCII', `{"sitzüng€🙂":"${ID}"}`, ['sitzüng€🙂'], ID],
    ['of such a name, escaped', `{"sitz\\u00fcng€\\ud83d\\uDE42":"${ID}"}`, ['sitzüng€🙂'], ID],
    ['of an empty name', `{"":"${ID}"}`, [''], ID],
    ['named as what all objects inherit', `{"__proto__":{"constructor":"${ID}"}}`, ['__proto__', 'constructor'], ID],
  ])('with a path, %s', (_name, text, path, expected) => {
    expect(find(text, path)).toBe(expected)
    expect(
      find(
        text,
        path,
        [...Buffer.from(text)].map((_, at) => at),
      ),
    ).toBe(expected)
  })

  it('is known before the rest has come, and an object that has ended tells none', () => {
    expect(scanned(new JsonScan(['session_id']), `{"session_id":"${ID}"`).isDone).toBe(true)
    expect(scanned(new JsonScan(['session_id']), '{"a":1}').isDone).toBe(true)
    expect(scanned(new JsonScan(['session_id']), '{"a":1').isDone).toBe(false)
  })
})

interface Json {
  readonly text: string
  /** Those of an object, in their order, duplicates included. */
  readonly members?: ReadonlyArray<readonly [name: string, value: Json]>
}

const name = fc.oneof(
  fc.constantFrom('"session_id"', '"metadata"', '"session\\u005Fid"', '"m\\u0065tadata"'),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
)
const spaced = (mark: string) => fc.constantFrom(mark, ` ${mark} `, `\n${mark}\t\r`)

/** An object in all that a writer is free in: order, duplicates, white space, escapes. */
const { object } = fc.letrec<{ value: Json; object: Json; array: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc
      .constantFrom(`"${ID}"`, `"${OTHER}"`, `"${ESCAPED_ID}"`, '-0.5E-7', '1e5', '"\\ud800\\/"')
      .map((text) => ({ text })),
    fc.jsonValue().map((value) => ({ text: JSON.stringify(value) })),
    tie('object'),
    tie('array'),
  ),
  array: fc.tuple(fc.array(tie('value'), { maxLength: 3 }), spaced(',')).map(([values, comma]) => ({
    text: `[${values.map(({ text }) => text).join(comma)}]`,
  })),
  object: fc
    .tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }), spaced(':'), spaced(','))
    .map(([members, colon, comma]) => ({
      text: `{${members.map(([name, { text }]) => name + colon + text).join(comma)}}`,
      members: members.map(([name, value]) => [JSON.parse(name), value] as const),
    })),
}))

/** What stands at a path, duplicates included. */
function valuesAt(value: Json, [name, ...rest]: readonly string[]): unknown[] {
  return name === undefined
    ? [JSON.parse(value.text)]
    : (value.members ?? []).flatMap((member) => (member[0] === name ? valuesAt(member[1], rest) : []))
}

const isId = (value: unknown) => typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
const path = fc.constantFrom<string[]>(
  ['session_id'],
  ['metadata', 'session_id'],
  ['metadata', 'metadata', 'session_id'],
)
const cuts = fc.array(fc.nat(400), { maxLength: 8 })

describe('whatever the JSON text, and however it is cut', () => {
  it('the first value at the path that is an id counts', () => {
    fc.assert(
      fc.property(object, path, cuts, (json, path, cuts) => {
        expect(find(json.text, path, cuts)).toBe(valuesAt(json, path).find(isId))
      }),
      { numRuns: 3000 },
    )
  })

  it('it counts wherever the text is cut in two, and byte by byte', () => {
    fc.assert(
      fc.property(object, path, (json, path) => {
        const expected = valuesAt(json, path).find(isId)
        const bytes = [...Buffer.from(json.text)]
        for (const [cut] of bytes.entries()) {
          expect(find(json.text, path, [cut])).toBe(expected)
        }
        expect(find(json.text, path, [...bytes.keys()])).toBe(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('one that is damaged tells what stands before the damage, and no more', () => {
    const damage = fc.tuple(
      fc.nat(400),
      fc.nat(2),
      fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0e-.1tn \n\0\ufeff'), maxLength: 2 }),
    )
    fc.assert(
      fc.property(object, path, damage, cuts, (json, path, [at, removed, added], cuts) => {
        const text = json.text.slice(0, at) + added + json.text.slice(at + removed)
        const found = find(text, path, cuts)
        let parsed: unknown
        try {
          parsed = JSON.parse(text)
        } catch {
          parsed = undefined
        }
        if (isId(readJsonField(parsed, path))) {
          expect(found).toBeDefined()
        }
        if (found !== undefined) {
          // What had come by then is JSON, but for the objects on the path, which are still open.
          const before = beforeDone(new JsonScan(path), text)
          expect(readJsonField(JSON.parse(before + '}'.repeat(path.length)), path)).toBe(found)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

/** The text up to the byte at which it was known what it says. */
function beforeDone(scan: JsonScan, text: string): string {
  const bytes = Buffer.from(text)
  const at = bytes.findIndex((_, at) => {
    scan.read(bytes.subarray(at, at + 1))
    return scan.isDone
  })
  return bytes.subarray(0, at + 1).toString()
}

// The square of the length would take longer than the time that a test has.
it.each<[string, string]>([
  ['white space', ' '.repeat(1_000_000)],
  ['a long name', `{"${'session_id'.repeat(100_000)}":1`],
  ['a long value', `{"session_id":"${'0'.repeat(1_000_000)}"`],
  ['escapes', `{"${'\\u0041'.repeat(200_000)}":1`],
  ['a long number', `{"a":${'1'.repeat(1_000_000)}`],
  ['many members', `{${'"session_id":1,'.repeat(100_000)}`],
  ['deep nesting', '{"a":'.repeat(200_000)],
  ['deep arrays', `{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}`],
])('takes time that grows with the length, not faster, byte by byte: %s', (_name, text) => {
  const bytes = Buffer.from(text)
  expect(find(text, ['session_id'], [...bytes.keys()])).toBeUndefined()
  expect(find(text)).toBeUndefined()
})
