// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { addTraceState, readTraceState, TRACE_STATE } from '../../../src/carriers/traceState.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

const others = (count: number) => Array.from({ length: count }, (_, index) => `v${index}=1`).join()

describe('a session in tracestate', () => {
  it('stands in the header of that name', () => {
    expect(TRACE_STATE).toBe('tracestate')
  })

  it.each([
    ['', `dd=t.llmobs_sid:${ID}`],
    ['dd=', `dd=t.llmobs_sid:${ID}`],
    ['dd=s:1;o:rum', `dd=s:1;o:rum;t.llmobs_sid:${ID}`],
    ['congo=t61rcWkgMzE, dd=s:2 ,rojo=1', `dd=s:2;t.llmobs_sid:${ID},congo=t61rcWkgMzE,rojo=1`],
    [',a=1,,', `dd=t.llmobs_sid:${ID},a=1`],
    ['xdd=1', `dd=t.llmobs_sid:${ID},xdd=1`],
    ['ddx=1', `dd=t.llmobs_sid:${ID},ddx=1`],
    [others(31), `dd=t.llmobs_sid:${ID},${others(31)}`],
    [others(32), undefined],
    [`dd=${'x'.repeat(256 - 50)}`, `dd=${'x'.repeat(256 - 50)};t.llmobs_sid:${ID}`],
    [`dd=${'x'.repeat(256 - 49)}`, undefined],
    ['dd=s:1,dd=s:2', undefined],
  ])('on %j gives %j', (header, expected) => {
    const added = addTraceState(header, ID)
    expect(added).toBe(expected)
    expect(added && readTraceState(added)).toBe(expected && ID)
  })

  it.each([
    ['dd=s:1', undefined],
    [`a=t.llmobs_sid:${ID}`, undefined],
    [`xdd=t.llmobs_sid:${ID}`, undefined],
    [`dd=t.llmobs_sid_x:${ID}`, undefined],
    [`dd = s:1; t.llmobs_sid :${ID}`, ID],
    [`dd=t.llmobs_sid:;t.llmobs_sid:${ID}`, ID],
    ['dd=t.llmobs_sid:', undefined],
    [`a=1, dd=s:1;t.llmobs_sid:${ID};o:rum`, ID],
  ])('is read from %j as %j', (header, expected) => {
    expect(readTraceState(header)).toBe(expected)
  })
})
