// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { addTraceTag, newTraceIds, readTraceTag, readTraceTags, TRACE_TAGS } from '../../../src/carriers/traceTags.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

it('trace tags stand in x-datadog-tags', () => {
  expect(TRACE_TAGS).toBe('x-datadog-tags')
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
    expect(readTraceTag(`_dd.p.llmobs_sid=${ID}`)).toBe(ID)
    expect(readTraceTag('_dd.p.llmobs_sid_x=1')).toBeUndefined()
    expect(readTraceTag('x_dd.p.llmobs_sid=1')).toBeUndefined()
    // A tag without a value hides the ones before, as an empty one does.
    for (const tag of ['_dd.p.llmobs_sid', '_dd.p.llmobs_sid=', ' _dd.p.llmobs_sid ']) {
      expect(readTraceTag(`_dd.p.llmobs_sid=${ID},${tag}`)).toBe('')
      expect(readTraceTag(`${tag},_dd.p.llmobs_sid=${ID}`)).toBe(ID)
    }
    // The tracers keep white space at the beginning of a value.
    expect(readTraceTag(`_dd.p.dm=-1, _dd.p.llmobs_sid= ${ID} `)).toBe(` ${ID}`)
    expect(readTraceTag(`_dd.p.llmobs_sid=a, _dd.p.llmobs_sid=${ID}`)).toBe(ID)
  })

  it.each([
    ['', ''],
    ['_dd.p.dm=-1,_dd.p.empty=,_dd.p.none', '_dd.p.dm=-1,_dd.p.empty=,_dd.p.none'],
    ['_dd.p.dm=-1, _dd.p.a=b c ,,', '_dd.p.dm=-1,_dd.p.a=b c'],
    ['_dd.p.dm=-1,other=1', undefined],
    ['_dd.p.dm=-1,x_dd.p.a=1', undefined],
    ['_dd.p.dm=é', undefined],
    ['_dd.p. a=1', undefined],
    ['_dd.p.=1', undefined],
    [`_dd.p.a=${'x'.repeat(504)} `, `_dd.p.a=${'x'.repeat(504)}`],
    [`_dd.p.a=${'x'.repeat(505)}`, undefined],
  ])('among those of %j, which the tracers take as %j', (header, expected) => {
    expect(readTraceTags(header)).toBe(expected)
  })

  it('comes with the ids of a new trace, unsigned and not 0', () => {
    const ids = Array.from({ length: 200 }, () => newTraceIds())
    for (const { 'x-datadog-trace-id': trace, 'x-datadog-parent-id': parent } of ids) {
      expect(trace).toMatch(/^1\d{18}$/)
      expect(BigInt(trace as string)).toBeLessThan(2n ** 63n)
      expect(parent).toMatch(/^1\d{9}$/)
    }
    expect(new Set(ids.flatMap((id) => Object.values(id))).size).toBe(400)
  })
})
