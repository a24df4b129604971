// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addFormText, isFormText, readFormText } from '../../../src/carriers/formText.js'
import { wellFormed } from '../../support/wellFormed.js'

const names = fc.oneof(
  fc.constantFrom('session_id', 'a', 'é', 'a b', 'a+b', 'a&b', 'a=b', '%'),
  fc.string({ minLength: 1 }),
)
const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

describe('urlencoded text', () => {
  const pairs = fc.array(fc.tuple(names, fc.string()), { maxLength: 6 })

  it('gets a pair behind the others', () => {
    fc.assert(
      fc.property(pairs, names, (fields, name) => {
        const text = String(new URLSearchParams(fields))
        const added = addFormText(text, name, ID)
        const present = fields.find(([key]) => key === name)?.[1]
        if (present !== undefined) {
          expect(added).toEqual({ present: wellFormed(present) })
        } else {
          expect([...new URLSearchParams(added.changed)]).toEqual(
            [...fields, [name, ID]].map((pair) => pair.map((part) => wellFormed(part as string))),
          )
        }
      }),
    )
  })

  it('may begin with a question mark, which is part of a name', () => {
    expect(readFormText('?session_id=x', 'session_id')).toBeUndefined()
    expect(addFormText('?session_id=x', 'session_id', 'id')).toEqual({ changed: '?session_id=x&session_id=id' })
  })

  it.each([
    ['', 'session_id=id'],
    ['a=1', 'a=1&session_id=id'],
    ['a=1&', 'a=1&session_id=id'],
    ['&a=1', '&a=1&session_id=id'],
  ])('with %j becomes %j', (text, expected) => {
    expect(addFormText(text, 'session_id', 'id')).toEqual({ changed: expected })
  })

  it.each([
    ['session_id=x', 'x'],
    ['a=1&session_id=x&session_id=y', 'x'],
    ['session%5Fid=x', 'x'],
    ['session_id', ''],
  ])('with %j keeps the value %j of its own', (text, value) => {
    expect(readFormText(text, 'session_id')).toBe(value)
    expect(addFormText(text, 'session_id', 'id')).toEqual({ present: value })
  })
})

describe('text with the media type of a form', () => {
  it.each([
    ...[
      '',
      'a=1',
      'a=1&b=2',
      '&&a=1',
      'a=',
      'a=1&flag',
      'a%5B%5D=1',
      'q=%22hi%22',
      "q=it's",
      'url=/?a',
      'next=https://b.test/#c',
    ],
    // Four characters to a group, as Base64, but with a sign that it does not have.
    ...['a.b=', 'a*b=', 'a%bc=1==', 'abc=def='],
    // As long as no Base64 can be.
    ...['ab=', 'abcde=='],
    // The name itself, without a value.
    ...['session_id', 'a&session_id'],
  ])('is a form: %j', (text) => {
    expect(isFormText(text, 'session_id')).toBe(true)
  })

  it.each([
    ...['a=1 or b=2', 'a=1\nb=2', '{a=1}', '<a=1>', 'a="1"', 'hello', '=', '=1', '&=1', 'a&b=1'],
    ...['#a=1', '/path?a=1', 'https://b.test/?a=1', "it's=1", '`a=1'],
    ...['YWJjZA==', 'YWJjZGU=', 'ab+/-_c=', 'a1=='],
    // The name within another word.
    ...['my_session_id', 'session_ids'],
  ])('is none: %j', (text) => {
    expect(isFormText(text, 'session_id')).toBe(false)
  })
})
