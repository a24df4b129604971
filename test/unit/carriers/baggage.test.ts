// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addBaggage, BAGGAGE, readAllBaggage, readBaggage, SESSION_MEMBER } from '../../../src/carriers/baggage.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

describe('a baggage member', () => {
  const tokens = fc.stringMatching(/^[a-z.]{1,12}$/)
  const members = fc.array(
    fc
      .tuple(
        fc.oneof(tokens, fc.constant('session.id')),
        fc.string(),
        fc.constantFrom('', ';p', ';p=1;q', ' ; p = 1'),
        fc.constantFrom('', ' '),
      )
      .map(
        ([key, value, properties, space]) =>
          `${space}${key}${space}=${space}${encodeURIComponent(value)}${properties}${space}`,
      ),
    { maxLength: 70 },
  )

  it('is added once, within the limits, and the members that are there stay as they were', () => {
    fc.assert(
      fc.property(members, (list) => {
        const header = list.join(',')
        const added = addBaggage(header, 'session.id', ID)
        const present = list.some((member) => /^\s*session\.id\s*=/.test(member))
        if (present) {
          expect(added).toBe(header)
        } else if (added === undefined) {
          expect(list.length >= 64 || header.length + ID.length + 12 > 8192).toBe(true)
        } else {
          expect(added.startsWith(header)).toBe(true)
          expect(added.length).toBeLessThanOrEqual(8192)
          expect(added.split(',')).toHaveLength(list.length + 1)
          expect(readBaggage(added, 'session.id')).toBe(ID)
          expect(addBaggage(added, 'session.id', 'other')).toBe(added)
        }
      }),
    )
  })

  it('carries any value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (value) => {
        const header = addBaggage('a=1;p', 'user.id', value) as string
        expect(header).toMatch(/^a=1;p,user\.id=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/)
        expect(readBaggage(header, 'user.id')).toBe(value)
      }),
    )
  })

  it('has the names that the RUM SDK gives it', () => {
    expect([BAGGAGE, SESSION_MEMBER]).toEqual(['baggage', 'session.id'])
  })

  it.each([
    ['', 'session.id=id'],
    [' \t', ' \tsession.id=id'],
    ['a=1', 'a=1,session.id=id'],
    ['session.idx=1', 'session.idx=1,session.id=id'],
    ['a=session.id=1', 'a=session.id=1,session.id=id'],
    [Array(63).fill('a=1').join(), `${Array(63).fill('a=1').join()},session.id=id`],
    [Array(64).fill('a=1').join(), undefined],
    [`a=${'x'.repeat(8192 - 2 - 14)}`, `a=${'x'.repeat(8192 - 2 - 14)},session.id=id`],
    [`a=${'x'.repeat(8192 - 2 - 13)}`, undefined],
  ])('on %j gives %j', (header, expected) => {
    expect(addBaggage(header, 'session.id', 'id')).toBe(expected)
  })

  it.each([
    ['session.id=a, session.id = b ;p=1', ['a', 'b']],
    ['=,;,%,session.id,session.id;x=1,a=1=2,session.id=%zz,session.id=a%20b', ['%zz', 'a b']],
    ['a=session.id,session.idx=1', []],
    ['a session.id=1,;session.id=1,a=1;session.id=1', []],
    ['', []],
  ])('is read from %j as %j', (header, expected) => {
    expect(readAllBaggage(header, 'session.id')).toEqual(expected)
  })
})
