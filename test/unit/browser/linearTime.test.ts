import { describe, expect, it } from 'vitest'
import { CASES } from '../../../bench/pages/hostile.js'

// `npm run bench` measures how the time grows. What is quadratic takes seconds with so many characters, all else far less than this.
const LENGTH = 200_000
const MAX_MILLIS = 1000

describe('whatever a page passes, this takes linear time:', () => {
  it.each(CASES.map((one) => [one.name, one] as const))('%s', (_, { input, run }) => {
    const { start = '', repeated, end = '' } = input
    const text = `${start}${repeated.repeat(LENGTH / repeated.length)}${end}`
    const began = performance.now()
    run(text)
    expect(performance.now() - began).toBeLessThan(MAX_MILLIS)
  })
})
