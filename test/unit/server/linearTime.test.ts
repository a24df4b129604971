// @vitest-environment node
import { expect, it } from 'vitest'
import { scannedBodyOf } from '../../../src/server/scannedBody.js'

const MAX_MILLIS = 1000
const LONG = 200_000

it.each([
  ['spaces inside', `a${' '.repeat(LONG)}b`],
  ['no-break spaces inside', `a${'\u00a0'.repeat(LONG)}b`],
  ['spaces alone', ' '.repeat(LONG)],
  ['slashes', '/'.repeat(LONG)],
  ['suffixes', `a/${'+json'.repeat(LONG / 5)}x`],
])('a long content type or encoding takes linear time: %s', (_, text) => {
  const began = performance.now()
  scannedBodyOf({ headers: { 'content-type': text, 'content-length': '99' }, method: 'POST' }, ['session_id'], [''])
  scannedBodyOf(
    {
      headers: { 'content-type': 'application/json', 'content-encoding': text, 'content-length': '99' },
      method: 'POST',
    },
    ['session_id'],
    [''],
  )
  expect(performance.now() - began).toBeLessThan(MAX_MILLIS)
})
