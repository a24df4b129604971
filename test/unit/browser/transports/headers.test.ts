// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { readerOf } from '../../../../src/browser/transports/headers.js'

describe('a header', () => {
  it.each<[name: string, headers: Array<[string, string]>, expected: string | null]>([
    ['missing', [['other', '1']], null],
    ['of another name of the same length', [['x-two', '1']], null],
    ['in the same case', [['x-one', '1']], '1'],
    ['in another case', [['X-One', '1']], '1'],
    ['empty', [['x-one', '']], ''],
    [
      'several times, in any case, as browsers join them',
      [
        ['x-one', '1'],
        ['other', '3'],
        ['X-ONE', '2'],
      ],
      '1, 2',
    ],
    ['with white space around, as browsers trim it', [['x-one', '\t\r\n 1 \v\n 2\t ']], '1 \v\n 2'],
    [
      'of white space alone',
      [
        ['x-one', '  '],
        ['x-one', '1'],
      ],
      ', 1',
    ],
  ])('%s is read as the browser sends it', (_name, headers, expected) => {
    expect(readerOf(headers)('x-one')).toBe(expected)
  })
})
