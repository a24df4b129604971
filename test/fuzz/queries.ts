import assert from 'node:assert/strict'
import { addFormText, readFormText } from '../../src/carriers/formText.js'
import { addQueryParam, readQueryParams } from '../../src/carriers/queryParam.js'
import { sessionToHandOver } from '../../src/server/handOver.js'
import type { Random } from './random.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const NAMES = [
  'session_id',
  'session_id',
  'sid',
  'a',
  'é',
  'a b',
  'a+b',
  'a&b',
  'a=b',
  '%',
  '\u{1f600}',
  '?session_id',
  '',
]
const VALUES = [ID, ID, ID.toUpperCase(), `${ID} `, 'no', '', 'é', 'a b', '\u{1f600}', '%zz', '?', '=', '\0']
const ALPHABET = '& = + % ? ; / [ ] %2 %zz %26 %3D %00 %ED%A0%80 %C3 session_id= é'.split(' ').concat(' ', '#')

interface Input {
  query: string
  name: string
  hash: string
}

/** Pairs written in every way that means the same, and what is near to it. */
export function make({ pick, chance, many, mutate }: Random): Input {
  const spelled = (text: string) =>
    [...text]
      .map((character) => {
        const bytes = [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
        return character === ' ' && chance(0.5)
          ? '+'
          : /[&=+%#? \0]/.test(character) || chance(0.1)
            ? chance(0.5)
              ? bytes.toUpperCase()
              : bytes
            : character
      })
      .join('')
  const pair = () =>
    chance(0.1) ? '' : chance(0.1) ? spelled(pick(NAMES)) : `${spelled(pick(NAMES))}=${spelled(pick(VALUES))}`
  const whole = many(5, pair).join('&')
  // A URL ends before white space.
  const query = chance(0.3) ? mutate(whole, ALPHABET).replaceAll('#', '').trimEnd() : whole
  return {
    // Node.js, unlike browsers, garbles what is not ASCII beside bytes that are no UTF-8.
    query: isUtf8(query) ? query : query.replace(/[^\x20-\x7e]/g, ''),
    name: pick(NAMES.slice(0, -1)),
    hash: chance(0.2) ? `#${pair()}?${pair()}` : '',
  }
}

function isUtf8(encoded: string) {
  try {
    return decodeURIComponent(encoded) !== undefined
  } catch {
    return false
  }
}

/** The parser of https://url.spec.whatwg.org/#urlencoded-parsing, on bytes as it is written there. */
function parse(text: string): Array<[string, string]> {
  const decode = (part: string) => {
    const bytes = Buffer.from(part.replaceAll('+', ' '))
    const decoded: number[] = []
    for (let at = 0; at < bytes.length; at += 1) {
      const hex = bytes.toString('latin1', at + 1, at + 3)
      const isEncoded = bytes[at] === 0x25 && /^[\da-f]{2}$/i.test(hex)
      decoded.push(isEncoded ? Number.parseInt(hex, 16) : (bytes[at] as number))
      at += isEncoded ? 2 : 0
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(decoded))
  }
  return text
    .split('&')
    .filter(Boolean)
    .map((part) => {
      const at = part.includes('=') ? part.indexOf('=') : part.length
      return [decode(part.slice(0, at)), decode(part.slice(at + 1))]
    })
}

/** Against the specification's parser, `URLSearchParams` and `URL`. */
export function check({ query, name, hash }: Input): string {
  const pairs = parse(query)
  const values = pairs.filter(([own]) => own === name).map(([, value]) => value)
  assert.equal(readFormText(query, name), values[0])
  const form = addFormText(query, name, ID)
  const path = `/chat?${query}`
  assert.deepEqual(readQueryParams(path + hash, name), values)
  // Spaces at the end of a URL are dropped, so something stands behind the query.
  assert.deepEqual(new URL(path + (hash || '#'), 'https://a.test').searchParams.getAll(name), values)
  const url = addQueryParam(path + hash, name, ID)
  const session = sessionToHandOver({}, path + hash, [name])
  assert.equal(
    session,
    values.find((value) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)),
  )
  if (values.length) {
    assert.deepEqual([form, url], Array(2).fill({ changed: undefined, present: values[0] }))
    return 'present'
  }
  const changed = form.changed as string
  assert.ok(changed.startsWith(query))
  assert.deepEqual(parse(changed), [...pairs, [name, ID]])
  assert.deepEqual([...new URLSearchParams(`&${changed}`)], [...pairs, [name, ID]])
  assert.equal(url.changed, `/chat?${changed}${hash}`)
  assert.deepEqual(readQueryParams(url.changed as string, name), [ID])
  assert.equal(sessionToHandOver({}, url.changed as string, [name]), ID)
  return 'added'
}
