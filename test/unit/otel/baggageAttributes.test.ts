// @vitest-environment node
import { propagation } from '@opentelemetry/api'
import { expect, it } from 'vitest'
import { baggageAttributes } from '../../../src/otel/baggageAttributes.js'

const ID = '3f1c9a52-6f0e-4c6b-9a0d-0f2f5d1f7a11'
const SESSION = { all: { 'session.id': ID }, genAi: { 'gen_ai.conversation.id': ID } }
const NOTHING = { all: {}, genAi: {} }

it.each<[members: Record<string, string>, expected: object]>([
  [{}, NOTHING],
  [{ 'session.id': ID }, SESSION],
  [{ 'session.id': ` ${ID} ` }, SESSION],
  // dd-trace leaves properties in the value.
  [{ 'session.id': `${ID} ;a=1;b` }, SESSION],
  [{ 'session.id': 'abc' }, NOTHING],
  [{ 'session.id': '' }, NOTHING],
  [{ 'user.id': 'u-1' }, { all: {}, genAi: { 'usr.id': 'u-1' } }],
  [{ 'account.id': 'a 1' }, { all: {}, genAi: { 'usr.account_id': 'a 1' } }],
  [{ 'user.id': 'a\nb' }, NOTHING],
])('the baggage %j gives %j', (members, expected) => {
  const entries = Object.entries(members).map(([name, value]) => [name, { value }])
  expect(baggageAttributes(propagation.createBaggage(Object.fromEntries(entries)))).toStrictEqual(expected)
})
