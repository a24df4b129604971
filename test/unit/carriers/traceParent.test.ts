// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { readTraceParent, TRACE_PARENT } from '../../../src/carriers/traceParent.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

it('the header that names a trace is traceparent', () => {
  expect(TRACE_PARENT).toBe('traceparent')
})

describe('a traceparent that tracers take a trace from has the lower half of its id', () => {
  it.each<[expected: boolean, value: string]>([
    [true, `00-${TRACE}-${SPAN}-01`],
    [true, `00-${TRACE}-${SPAN}-00`],
    [true, `fe-${TRACE}-${SPAN}-01`],
    [true, `01-${TRACE}-${SPAN}-01-more`],
    [false, ''],
    [false, `ff-${TRACE}-${SPAN}-01`],
    [false, `00-${'0'.repeat(32)}-${SPAN}-01`],
    [false, `00-${TRACE}-${'0'.repeat(16)}-01`],
    [true, `00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-01`],
    [false, `00-${TRACE}-${SPAN}`],
    [false, `00-${TRACE}-${SPAN}-1`],
    [false, `00-${TRACE}-${SPAN}-011`],
    [false, `0-${TRACE}-${SPAN}-01`],
    [false, `000-${TRACE}-${SPAN}-01`],
    [false, ` 00-${TRACE}-${SPAN}-01`],
    [false, `00-${TRACE.slice(1)}-${SPAN}-01`],
    [false, `00-${TRACE}0-${SPAN}-01`],
    [false, `00-${TRACE}-${SPAN.slice(1)}-01`],
    [false, `00-${TRACE}-${SPAN}0-01`],
    [true, `00-${TRACE.toUpperCase()}-${SPAN.toUpperCase()}-01`],
    [false, `00-${TRACE}-${SPAN}-01-`],
    [false, `00-${TRACE}-${SPAN}-01-more`],
    [false, `FF-${TRACE}-${SPAN}-01`],
    [false, `00-${TRACE.replace('0', 'g')}-${SPAN}-01`],
    [false, `00-${TRACE}-${SPAN.replace('b', 'x')}-01`],
    [false, `0x-${TRACE}-${SPAN}-01`],
    [false, `00-${TRACE}-${SPAN}-0x`],
  ])('%s: %j', (expected, value) => {
    expect(readTraceParent(value)).toBe(expected ? value.slice(19, 35) : undefined)
  })
})
