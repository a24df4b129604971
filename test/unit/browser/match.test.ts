// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { matchesUrl } from '../../../src/browser/match.js'

const URL = 'https://agent.test/v1?a=1#h'

describe('a match option', () => {
  it.each([
    ['https://agent.test', true],
    [URL, true],
    ['', true],
    ['agent.test', false],
    [`${URL}2`, false],
    [/agent\.test/, true],
    [/^https:.*#h$/, true],
    [/agent/y, false],
    [/https/y, true],
    [/elsewhere/g, false],
    [(url: string) => url === URL, true],
    [() => false, false],
    [undefined as never, false],
    [{} as never, false],
    [1 as never, false],
  ])('%s: %s', (match, expected) => {
    expect(matchesUrl(match, URL)).toBe(expected)
  })

  it.each(['g', 'y', 'gy'])(
    'that is a RegExp with the flags %s keeps its lastIndex, and does not start there',
    (flags) => {
      const pattern = new RegExp('https', flags)
      pattern.lastIndex = 3
      expect([matchesUrl(pattern, URL), matchesUrl(pattern, URL), pattern.lastIndex]).toEqual([true, true, 3])
    },
  )

  it('that throws takes nothing, and the error is reported where somebody wants it', () => {
    const error = new Error('on purpose')
    const match = () => {
      throw error
    }
    const report = vi.fn()
    expect([matchesUrl(match, URL), matchesUrl(match, URL, report)]).toEqual([false, false])
    expect(report.mock.calls).toEqual([[error]])
  })
})
