// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormOrJsonScan } from '../../../src/server/formOrJsonScan.js'
import { FormScan } from '../../../src/server/formScan.js'
import { anyText } from '../../support/anyText.js'
import { scanned } from '../../support/scanned.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

function find(text: string, name = 'session_id', cuts: readonly number[] = []) {
  const scan = scanned(new FormScan(name), text, cuts)
  if (!scan.isDone) {
    scan.end()
  }
  return scan.sessionId
}

describe('a session id in a form', () => {
  it.each<[string, string]>([
    ['alone', `session_id=${ID}`],
    ['among others', `a=1&session_id=${ID}&b=2`],
    ['with an encoded name', `a=1&session%5Fid=${ID}`],
    ['with an encoded value', `session_id=${ID.replaceAll('-', '%2D').replace('0', '%30')}`],
    ['behind one that is none', `session_id=chat&session_id=${ID}`],
    ['behind empty pairs', `&&=&session_id&?&session_id=${ID}`],
  ])('counts %s', (_name, text) => {
    expect(find(text)).toBe(ID)
    expect(
      find(
        text,
        'session_id',
        [...text].map((_, at) => at),
      ),
    ).toBe(ID)
  })

  it.each<[string, string]>([
    ['of another name', `session_id2=${ID}&xsession_id=${ID}&?session_id=${ID}`],
    ['that is none', `session_id=${ID}0&session_id=&session_id`],
    ['in another value', `a=session_id=${ID}&b=%26session_id=${ID}`],
    ['far from its name', `session_id${'='.repeat(500)}${ID}`],
  ])('counts for nothing %s', (_name, text) => {
    expect(find(text)).toBeUndefined()
  })

  it('is known when its pair has ended, before the rest has come', () => {
    const scan = scanned(new FormScan('session_id'), `session_id=${ID}`)
    expect(scan.isDone).toBe(false)
    expect(scanned(scan, '&')).toMatchObject({ sessionId: ID, isDone: true })
  })

  it('is the one that URLSearchParams finds, whatever the text and however it is cut', () => {
    const part = fc.oneof(
      fc.constantFrom('session_id', 'session%5fid', 'größe', 'gr%C3%B6%C3%9Fe', '=', '&', '+', '%', '?', ID, '%30'),
      anyText,
    )
    const text = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(''))
    const name = fc.constantFrom('session_id', 'größe', '?', 'a b')
    fc.assert(
      fc.property(text, name, fc.array(fc.nat(200), { maxLength: 6 }), (text, name, cuts) => {
        // As the bytes of the text say it: a lone surrogate has none.
        const expected = new URLSearchParams(`&${Buffer.from(text)}`).getAll(name).find((value) => UUID.test(value))
        expect(find(text, name, cuts)).toBe(expected)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    'session_id='.repeat(100_000),
    '&'.repeat(500_000),
    `a=${'%41'.repeat(300_000)}`,
    'session_id&'.repeat(50_000),
  ])('takes time that grows with the length, not faster', (text) => {
    expect(find(text, 'session_id', [...Buffer.from(text).keys()])).toBeUndefined()
  })
})

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

describe('text that is typed as a form', () => {
  it.each<[string, string, string | undefined, string?]>([
    ['is a form', `a=1&session_id=${ID}`, ID],
    ['is a form behind white space', ` \n\tsession_id=${ID}`, ID],
    ['is a form with a brace in it', `a={&session_id=${ID}`, ID],
    ['is JSON if it begins with a brace', `{"message":"a&b=c","session_id":"${ID}"}`, ID],
    ['is JSON behind white space', `\r\n\t {"session_id":"${ID}"}`, ID],
    ['is JSON, with a path', `{"metadata":{"session_id":"${ID}"}}`, ID, 'metadata.session_id'],
    ['is a form, with the last part of a path', `session_id=${ID}`, ID, 'metadata.session_id'],
    ['is no form if it begins with a brace', `{&session_id=${ID}`, undefined],
    ['is nothing if it is a list', `[{"session_id":"${ID}"}]`, undefined],
    ['is nothing if it is white space', '  \n', undefined],
    ['is nothing if it is empty', '', undefined],
  ])('%s', (_name, text, expected, field = 'session_id') => {
    const everywhere = [...text].map((_, at) => at)
    for (const cuts of [[], everywhere]) {
      const scan = scanned(new FormOrJsonScan(field), text, cuts)
      scan.end()
      expect(scan).toMatchObject({ sessionId: expected, isDone: true })
    }
  })
})
