// @vitest-environment node
import { expect, it } from 'vitest'
import { attempt } from '../../../src/server/attempt.js'

it('an attempt is what the function returns, or nothing where it throws', () => {
  expect(attempt(() => 5)).toBe(5)
  expect(
    attempt(() => {
      throw new Error('on purpose')
    }),
  ).toBeUndefined()
})
