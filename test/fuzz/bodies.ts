import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { addJsonField, addJsonFieldToBytes, readJsonField } from '../../src/carriers/jsonField.js'
import { rumSessionOf } from '../../src/server/rumSessionOf.js'
import type { Random } from './random.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const PATHS = [
  'session_id',
  'metadata.session_id',
  'a.metadata.session_id',
  'params._meta.session_id',
  'a.a',
  'é',
  '__proto__',
  'a.__proto__.b',
  'constructor',
  '0',
  'jsonrpc',
  'jsonrpc.a',
  'a"b',
  'a\\b',
].map((path) => path.split('.'))
const NAMES =
  'session_id|metadata|a|b|params|_meta|jsonrpc|é|__proto__|constructor|0|a"b|a\\b|session_id"|\ud800|'.split('|')
const SCALARS =
  'null|true|false|0|-0|-1.5e-7|1e400|12345678901234567890|0.1000|"session_id"|"\\"session_id\\":1"|"{"|"}"|"\\\\"|"\\u0000"|"\\ud800"|"\ud800"|"é"|""'.split(
    '|',
  )
const ALPHABET =
  '{ } [ ] " : , \\ \\" 0 1 e - . t n u \\u0073 \ufeff \u00a0 \n \t é \0 "session_id":1 {} {"a":1}'.split(' ')

interface Input {
  text: string
  path: string[]
  /** Bytes to be replaced in its UTF-8. */
  noise: Array<[at: number, byte: number]>
}

/** JSON of every form that a serializer may choose, and what is near to it. */
export function make(random: Random): Input {
  const { pick, chance, many, mutate, below } = random
  const space = () => (chance(0.2) ? many(2, () => pick([' ', '\n', '\r', '\t'])).join('') : '')
  const escaped = (name: string) =>
    `"${[...Array(name.length).keys()]
      .map(
        (at) =>
          `\\u${name
            .charCodeAt(at)
            .toString(chance(0.5) ? 16 : 16)
            .padStart(4, '0')}`,
      )
      .join('')}"`
  const nameText = () => {
    const name = pick(NAMES)
    return chance(0.15) ? escaped(name) : JSON.stringify(name)
  }
  const value = (depth: number): string => {
    const kind = depth > 3 ? 0 : below(4)
    return kind < 2
      ? pick(SCALARS)
      : kind === 2
        ? object(depth + 1)
        : `[${many(3, () => space() + value(depth + 1)).join(',')}]`
  }
  const object = (depth: number): string =>
    `{${space()}${many(4, () => `${space()}${nameText()}${space()}:${space()}${value(depth)}${space()}`).join(',')}}`

  const whole = space() + (chance(0.95) ? object(0) : value(0)) + space()
  return {
    text: chance(0.2) ? mutate(whole, ALPHABET) : whole,
    path: pick(PATHS),
    noise: chance(0.1) ? many(3, () => [below(whole.length), below(256)] as [number, number]) : [],
  }
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What of a path is there; how many objects on the way. */
function walk(value: unknown, path: string[]) {
  let inner = value
  let depth = 0
  while (depth < path.length && isObject(inner) && Object.hasOwn(inner, path[depth] as string)) {
    inner = inner[path[depth] as string]
    depth += 1
  }
  return { inner, depth }
}

/** Against `JSON.parse`: the changed text is the same object with the field, and the same text but for one insertion. */
export function check({ text, path, noise }: Input): string {
  let parsed: unknown
  let isJson = true
  try {
    parsed = JSON.parse(text)
  } catch {
    isJson = false
  }
  const added = addJsonField(text, path, ID, { isUncertain: false })
  const sure = addJsonField(text, path, ID, { isUncertain: true })
  const outcome = isJson ? ofJson(text, path, parsed, added) : ofOther(text, path, added)
  assert.deepEqual(sure, isJson ? added : undefined)
  ofBytes(text, path, noise)
  return outcome
}

function ofJson(text: string, path: string[], parsed: unknown, added: ReturnType<typeof addJsonField>): string {
  const { inner, depth } = walk(parsed, path)
  if (!isObject(parsed) || (path.length === 1 && Object.hasOwn(parsed, 'jsonrpc'))) {
    assert.equal(added, undefined)
    return 'no place'
  }
  if (depth === path.length) {
    assert.deepEqual(added, { changed: undefined, present: inner })
    assert.deepEqual(readJsonField(parsed, path), inner)
    return 'present'
  }
  assert.equal(readJsonField(parsed, path), undefined)
  if (!isObject(inner)) {
    assert.equal(added, undefined)
    return 'no place'
  }
  const changed = added?.changed as string
  isInsertion(text, changed)
  const reread = JSON.parse(changed)
  assert.equal(readJsonField(reread, path), ID)
  // With what was added taken out again, it is the same object, in the same order.
  const { inner: parent } = walk(reread, path.slice(0, depth))
  delete (parent as Json)[path[depth] as string]
  assert.equal(JSON.stringify(reread), JSON.stringify(parsed))
  if (path.join() !== 'jsonrpc') {
    assert.deepEqual(addJsonField(changed, path, 'other'), { changed: undefined, present: ID })
  }
  assert.deepEqual(rumSessionOf({ headers: {}, url: '/' }, changed, { field: path.join('.') }), {
    sessionId: ID,
    tags: {},
  })
  return 'added'
}

/** What is no JSON gets no field that makes it such, and keeps its characters. */
function ofOther(text: string, path: string[], added: ReturnType<typeof addJsonField>): string {
  assert.equal(added?.present, undefined)
  if (added?.changed === undefined) {
    return 'no JSON, left alone'
  }
  isInsertion(text, added.changed)
  assert.throws(() => JSON.parse(added.changed as string), path.join('.'))
  return 'no JSON, added unseen'
}

function ofBytes(text: string, path: string[], noise: Input['noise']) {
  const bytes = new TextEncoder().encode(text)
  const added = addJsonFieldToBytes(bytes, path, ID)
  const expected = addJsonField(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), path, ID)
  assert.equal(added && added.changed === undefined, expected && expected.changed === undefined)
  assert.equal(added?.present === ID, expected?.present === ID)
  assert.equal(added?.changed && new TextDecoder('utf-8', { ignoreBOM: true }).decode(added.changed), expected?.changed)
  for (const [at, byte] of noise) {
    bytes[at] = byte
  }
  const noisy = addJsonFieldToBytes(bytes, path, ID)?.changed
  assert.ok(!noisy || isUtf8(bytes))
  if (noisy) {
    isInsertion(Buffer.from(bytes).toString('latin1'), Buffer.from(noisy).toString('latin1'))
  }
}

/** Asserts that one text is the other with something put in at one place. */
export function isInsertion(text: string, changed: string): void {
  let at = 0
  while (at < text.length && text[at] === changed[at]) {
    at += 1
  }
  assert.ok(changed.length > text.length && changed.endsWith(text.slice(at)), `${changed} is no insertion`)
}
