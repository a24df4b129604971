import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addBaggage, readBaggage } from '../../../src/carriers/baggage.js'
import { addFormField } from '../../../src/carriers/formField.js'
import { addFormText, addQueryParam } from '../../../src/carriers/queryParam.js'
import { addTraceTag, newTraceIds, readTraceTag } from '../../../src/carriers/traceTags.js'
import { wellFormed } from '../../support/wellFormed.js'

const names = fc.oneof(
  fc.constantFrom('session_id', 'a', 'é', 'a b', 'a+b', 'a&b', 'a=b', '%'),
  fc.string({ minLength: 1 }),
)
const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

describe('a query parameter', () => {
  const urls = fc
    .tuple(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.constantFrom('', '#', '#a?b=1', '?', '?&', '?a&&b', '?a=1&'),
    )
    .map(([url, end]) => new URL(url.includes('#') ? url : url + end).href)

  it('is added behind the others, and all else of the URL stays as it was', () => {
    fc.assert(
      fc.property(urls, names, (url, name) => {
        const added = addQueryParam(url, name, ID)
        const before = new URL(url)
        if (before.searchParams.has(name)) {
          expect(added).toEqual({ present: before.searchParams.get(name) })
          return
        }
        const { changed } = added as { changed: string }
        const after = new URL(changed)
        expect([...after.searchParams].filter(([key]) => key !== name)).toEqual([...before.searchParams])
        expect(after.searchParams.get(name)).toBe(ID)
        expect(after.hash).toBe(before.hash)
        expect(after.origin + after.pathname).toBe(before.origin + before.pathname)
        expect(changed.slice(0, url.split('#')[0]?.length)).toBe(url.split('#')[0])
        expect(addQueryParam(changed, name, 'other')).toEqual({ present: ID })
      }),
    )
  })

  it.each([
    ['https://a.test/', 'https://a.test/?session_id=id'],
    ['https://a.test/?', 'https://a.test/?session_id=id'],
    ['https://a.test/?a=1', 'https://a.test/?a=1&session_id=id'],
    ['https://a.test/?a=1&', 'https://a.test/?a=1&session_id=id'],
    ['https://a.test/?a=%20+b#h?x', 'https://a.test/?a=%20+b&session_id=id#h?x'],
    ['https://a.test/#?session_id=x', 'https://a.test/?session_id=id#?session_id=x'],
  ])('on %s gives %s', (url, expected) => {
    expect(addQueryParam(url, 'session_id', 'id')).toEqual({ changed: expected })
  })

  it.each(['?session_id=x', '?session%5Fid=x', '?a&session_id=x&session_id=y'])('that stands in %s wins', (query) => {
    expect(addQueryParam(`https://a.test/${query}`, 'session_id', 'id')).toEqual({ present: 'x' })
  })
})

describe('a form field', () => {
  const pairs = fc.array(fc.tuple(names, fc.string()), { maxLength: 6 })

  it('is added to urlencoded text behind the others', () => {
    fc.assert(
      fc.property(pairs, names, (fields, name) => {
        const text = String(new URLSearchParams(fields))
        const added = addFormText(text, name, ID)
        const has = fields.some(([key]) => key === name)
        expect(has ? 'present' in added : [...new URLSearchParams((added as { changed: string }).changed)]).toEqual(
          has
            ? true
            : [...fields, [name, ID]].map(([key, value]) => [wellFormed(key as string), wellFormed(value as string)]),
        )
      }),
    )
  })

  it.each([URLSearchParams, FormData])('is added to a copy of %o', (Form) => {
    fc.assert(
      fc.property(pairs, names, (fields, name) => {
        const form = new Form()
        for (const [key, value] of fields) {
          form.append(key, value)
        }
        const before = [...form]
        const added = addFormField(form, name, ID)
        expect([...form]).toEqual(before)
        if (form.has(name)) {
          expect(added).toEqual({ present: form.get(name) })
        } else {
          const { changed } = added as { changed: typeof form }
          expect(changed).toBeInstanceOf(Form)
          expect([...changed]).toEqual([...before, [wellFormed(name), ID]])
        }
      }),
    )
  })

  it('leaves files and their names in the copy', () => {
    const form = new FormData()
    form.append('f', new File(['x'], 'n.txt', { type: 'text/x' }))
    const { changed } = addFormField(form, 'session_id', ID) as { changed: FormData }
    const file = changed.get('f') as File
    expect([file.name, file.type, file.size]).toEqual(['n.txt', 'text/x', 1])
  })
})

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

  it.each([
    ['', 'session.id=id'],
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
})

describe('a trace tag', () => {
  it.each([
    ['', `_dd.p.llmobs_sid=${ID}`],
    ['_dd.p.dm=-1', `_dd.p.dm=-1,_dd.p.llmobs_sid=${ID}`],
    [
      `_dd.p.a=${'x'.repeat(512 - 8 - 18 - ID.length)}`,
      `_dd.p.a=${'x'.repeat(512 - 8 - 18 - ID.length)},_dd.p.llmobs_sid=${ID}`,
    ],
    [`_dd.p.a=${'x'.repeat(512 - 8 - 17 - ID.length)}`, undefined],
  ])('on %j gives %j', (header, expected) => {
    expect(addTraceTag(header, ID)).toBe(expected)
  })

  it.each(['a,b', 'é', 'a b', ''.padEnd(600, 'x')])(
    'is not added for the session %j, on which tracers drop the header',
    (id) => {
      expect(addTraceTag('_dd.p.dm=-1', id)).toBeUndefined()
    },
  )

  it('is read among others', () => {
    expect(readTraceTag(`_dd.p.dm=-1,_dd.p.llmobs_sid=${ID}`)).toBe(ID)
    expect(readTraceTag('_dd.p.llmobs_sid_x=1')).toBeUndefined()
  })

  it('comes with the ids of a new trace, unsigned and not 0', () => {
    const ids = Array.from({ length: 200 }, () => newTraceIds())
    for (const { 'x-datadog-trace-id': trace, 'x-datadog-parent-id': parent } of ids) {
      expect(trace).toMatch(/^[1-9]\d{0,18}$/)
      expect(BigInt(trace as string)).toBeLessThan(2n ** 63n)
      expect(parent).toBe('0')
    }
    expect(new Set(ids.map((id) => id['x-datadog-trace-id'])).size).toBe(200)
  })
})
