// @vitest-environment node
import { expect, it } from 'vitest'
import { fieldOf, parameterOf } from '../../../src/server/field.js'

const hostile = Object.defineProperty({}, 'field', {
  get() {
    throw new Error('on purpose')
  },
})

it.each<[unknown, string]>([
  [undefined, 'session_id'],
  [null, 'session_id'],
  [{}, 'session_id'],
  [{ field: '' }, 'session_id'],
  [{ field: 5 }, 'session_id'],
  [{ field: ['sid'] }, 'session_id'],
  [{ field: 'sid' }, 'sid'],
  [{ field: 'metadata.sid' }, 'metadata.sid'],
])('the field of the options %o is %s', (options, expected) => {
  expect(fieldOf(options as { field?: string })).toBe(expected)
})

it('the field of options that throw is session_id', () => {
  expect(fieldOf(hostile)).toBe('session_id')
})

it.each([
  ['session_id', 'session_id'],
  ['metadata.sid', 'sid'],
  ['a.b.c', 'c'],
])('the parameter of the field %s is %s', (field, expected) => {
  expect(parameterOf(field)).toBe(expected)
})
