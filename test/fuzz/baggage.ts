import assert from 'node:assert/strict'
import { addBaggage, readAllBaggage, readBaggage } from '../../src/carriers/baggage.js'
import { sessionInBaggage } from '../../src/server/handOver.js'
import { type BaggageMember, parseBaggage } from '../support/w3cBaggage.js'
import type { Random } from './random.js'
import { extract } from './tracer.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const KEYS = [
  'session.id',
  'session.id',
  'user.id',
  'account.id',
  'a',
  'session.idx',
  'x-session.id',
  "!#$%&'*+-.^_`|~",
  'SESSION.ID',
]
const VALUES = [ID, ID, 'no', '', 'é ä', 'a,b', 'a;b', 'a=b', '"', '\\', '%', '\u{1f600}', 'x'.repeat(300), '=', '/:?']
const PROPERTIES = ['', '', '', ';p', ';p=1', ' ; p = 1 ;q', ';session.id=1', ';;', '; p="a"']
const ALPHABET = ', ; = % %zz %C3 %2C "a" é session.id session.id= ,, \t \u00a0'.split(' ').concat(' ')

/** By its parts, as a mutated id may be another id. */
function isUuid(text: string): boolean {
  const lengths = text.split('-').map((part) => (/^[\da-f]+$/i.test(part) ? part.length : Number.NaN))
  return lengths.join() === '8,4,4,4,12'
}

interface Input {
  header: string
  key: string
  value: string
}

export function make({ pick, chance, many, mutate, below }: Random): Input {
  const space = () => (chance(0.2) ? pick([' ', '\t', '  ']) : '')
  const encoded = (text: string) =>
    chance(0.5)
      ? encodeURIComponent(text)
      : text
          .replace(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu, encodeURIComponent)
          .replaceAll('%', (sign, at, all) => (/^%[\da-f]{2}/i.test(all.slice(at)) ? sign : '%25'))
  const member = () =>
    `${space()}${pick(KEYS)}${space()}=${space()}${encoded(pick(VALUES))}${space()}${pick(PROPERTIES)}${space()}`
  const members = chance(0.05) ? Array.from({ length: 60 + below(8) }, member) : many(6, member)
  const filled = chance(0.03)
    ? [...members, `f=${'x'.repeat(Math.max(0, 8192 - below(120) - members.join().length))}`]
    : members
  const header = filled.join()
  return { header: chance(0.3) ? mutate(header, ALPHABET) : header, key: pick(KEYS), value: pick(VALUES) }
}

/** Against a parser of the W3C's grammar, and the extractor of Datadog's tracer. */
export function check({ header, key, value }: Input): string {
  const added = addBaggage(header, key, value)
  const present = readAllBaggage(header, key)
  assert.equal(readBaggage(header, key), present[0])
  let members: BaggageMember[] | undefined
  try {
    members = header.trim() ? parseBaggage(header) : []
  } catch {
    // Not by the grammar, or with values that are no encoded text.
  }
  if (members) {
    assert.deepEqual(
      present,
      members.filter((member) => member.key === key).map((member) => member.value),
    )
  }
  const pair = `${key}=${encodeURIComponent(value)}`
  const isFull = header.split(',').length >= 64 || header.length + 1 + pair.length > 8192
  if (present.length) {
    assert.equal(added, header)
  } else if (added === undefined) {
    assert.ok(isFull || (header.trim() === '' && header.length + pair.length > 8192), 'it would have fitted')
  } else {
    assert.ok(added.startsWith(header) && added.endsWith(pair))
    assert.ok(added.length <= 8192 && added.split(',').length <= 64)
    if (members) {
      assert.deepEqual(parseBaggage(added), [...members, { key, value, properties: [] }])
      assert.equal(addBaggage(added, key, 'other'), added)
    }
  }
  // The tracer takes empty values for malformed, and then nothing at all.
  if (members?.length && members.length <= 64 && header.length <= 8192 && members.every((member) => member.value)) {
    const sessions = members.filter((member) => member.key === 'session.id').map((member) => member.value)
    assert.equal(extract({ baggage: header }).baggage['session.id'], sessions.at(-1))
    assert.equal(sessionInBaggage(header), sessions.filter(isUuid).at(-1))
  }
  return `${present.length ? 'present' : added === undefined ? 'no room' : 'added'}${members ? '' : ', malformed'}`
}
