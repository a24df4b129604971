import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAllBaggage } from '../../../src/carriers/baggage.js'
import { baggageWithSession } from '../../../src/server/sessionBaggage.js'

const ID = '3f1c9a52-6f0e-4c6b-9a0d-0f2f5d1f7a11'
const OTHER = '11111111-2222-4333-8444-555555555555'
const MEMBER = `session.id=${ID}`

describe('a session joins the baggage of a request', () => {
  it.each<[name: string, header: string, expected: string | undefined]>([
    ['without baggage', '', MEMBER],
    ['behind other members, whose properties and spaces stay', 'a=1;p=2, b = %20', `a=1;p=2, b = %20,${MEMBER}`],
    ['in place of a value that is no session id', 'a=1,session.id=x;p=1,b=2', `a=1,b=2,${MEMBER}`],
    ['in place of an empty value', 'session.id=', MEMBER],
    ['not where it is already', `session.id=${ID};p=1,a=1`, undefined],
    ['not where another session is', `session.id=${OTHER}`, undefined],
    ['not where another session is the last one', `session.id=x,session.id=${OTHER}`, undefined],
    [
      'with a session that stands before a value that is none',
      `session.id=${OTHER},session.id=x`,
      `session.id=${OTHER}`,
    ],
    ['behind members of similar names', 'session.id2=1,xsession.id=2', `session.id2=1,xsession.id=2,${MEMBER}`],
    ['behind what is no member', 'a,=,session.id', `a,=,session.id,${MEMBER}`],
    ['as the 64th member', Array(63).fill('a=1').join(), `${Array(63).fill('a=1').join()},${MEMBER}`],
    ['not as the 65th member', Array(64).fill('a=1').join(), undefined],
    ['up to 8192 bytes', `a=${'x'.repeat(8142)}`, `a=${'x'.repeat(8142)},${MEMBER}`],
    ['not beyond 8192 bytes', `a=${'x'.repeat(8143)}`, undefined],
  ])('%s', (_name, header, expected) => {
    expect(baggageWithSession(header, ID)).toBe(expected)
  })

  it('once, whatever the baggage, and nothing else goes', () => {
    const member = fc.oneof(
      fc.constantFrom('session.id=x', `session.id=${OTHER}`, `session.id=${ID};a`, 'session.id', 'a=1;b=2', ' '),
      fc.string({ maxLength: 8 }).filter((text) => !text.includes(',')),
    )
    fc.assert(
      fc.property(fc.array(member, { maxLength: 6 }), (members) => {
        const header = members.join()
        const result = baggageWithSession(header, ID)
        const sessions = readAllBaggage(result ?? header, 'session.id')
        expect([ID, OTHER]).toContain(sessions[sessions.length - 1])
        const others = (text: string) => text.split(',').filter((one) => one.trim() && !/^\s*session\.id\s*=/.test(one))
        expect(others(result ?? header)).toEqual(others(header))
      }),
    )
  })
})
