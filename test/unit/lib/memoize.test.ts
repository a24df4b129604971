// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { memoize } from '../../../src/lib/memoize.js'

describe('a memoized function', () => {
  it.each(['result', '', 0, null, undefined])('makes %j once of a text', (result) => {
    const compute = vi.fn(() => result)
    const memoized = memoize<unknown>(compute)
    expect([memoized('a'), memoized('a')]).toEqual([result, result])
    expect(compute).toHaveBeenCalledTimes(1)
    memoized('b')
    expect(compute).toHaveBeenLastCalledWith('b')
  })

  it('throws what the function throws, each time', () => {
    const memoized = memoize(encodeURIComponent)
    expect(() => memoized('\ud800')).toThrow(URIError)
    expect(() => memoized('\ud800')).toThrow(URIError)
  })

  it.each([
    ['a long text', () => {}, 'x'.repeat(100_000)],
    ['a text after many others', (call: (text: string) => void) => times(10_000, (index) => call(`${index}`)), 'x'],
  ])('does not hold on to %s', (_, meanwhile, text) => {
    const compute = vi.fn()
    const memoized = memoize(compute)
    memoized(text)
    meanwhile(memoized)
    compute.mockClear()
    memoized(text)
    expect(compute).toHaveBeenCalledTimes(1)
  })

  it.each([
    [500, 1],
    [501, 2],
  ])('remembers a text of %i characters so that it is computed %i times', (length, count) => {
    const compute = vi.fn()
    const memoized = memoize(compute)
    times(2, () => memoized('x'.repeat(length)))
    expect(compute).toHaveBeenCalledTimes(count)
  })

  it('remembers 500 texts, and begins anew with the next', () => {
    const compute = vi.fn()
    const memoized = memoize(compute)
    times(2, () => times(500, (index) => memoized(`${index}`)))
    expect(compute).toHaveBeenCalledTimes(500)
    memoized('one more')
    memoized('one more')
    expect(compute).toHaveBeenCalledTimes(501)
    memoized('0')
    expect(compute).toHaveBeenCalledTimes(502)
  })
})

function times(count: number, run: (index: number) => void) {
  for (let index = 0; index < count; index += 1) {
    run(index)
  }
}
