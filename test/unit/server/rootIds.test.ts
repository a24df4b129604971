// @vitest-environment node
import { afterEach, expect, it, vi } from 'vitest'
import { newRootIds } from '../../../src/server/rootIds.js'

afterEach(() => vi.restoreAllMocks())

it('the ids of a new trace are a random number of 63 bits and the parent 0', () => {
  const ids = Array.from({ length: 100 }, newRootIds)
  expect(new Set(ids.map((id) => id['x-datadog-trace-id'])).size).toBe(100)
  for (const id of ids) {
    expect(id['x-datadog-parent-id']).toBe('0')
    expect(BigInt(id['x-datadog-trace-id'])).toBeGreaterThan(0n)
    expect(BigInt(id['x-datadog-trace-id'])).toBeLessThan(2n ** 63n)
  }
})

it.each([
  [0n, '1'],
  [1n, '1'],
  [2n, '1'],
  [2n ** 64n - 1n, (2n ** 63n - 1n).toString()],
])('the random number %s becomes the trace id %s', (random, expected) => {
  vi.spyOn(globalThis.crypto, 'getRandomValues').mockReturnValue(BigUint64Array.of(random))
  expect(newRootIds()['x-datadog-trace-id']).toBe(expected)
})
