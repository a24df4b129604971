// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { bodyPathsOf } from '../../../src/server/bodyOption.js'
import { sessionOfEvent } from '../../../src/server/lambda/eventSession.js'
import { mediaTypeOf } from '../../../src/server/mediaType.js'
import { scannedBodyOf } from '../../../src/server/scannedBody.js'

describe('the media type', () => {
  it.each([
    ['application/json', 'application/json'],
    [' Application/JSON ; charset=utf-8', 'application/json'],
    ['', ''],
    [';', ''],
  ])('of %j is %j', (contentType, expected) => {
    expect(mediaTypeOf(contentType)).toBe(expected)
  })

  it.each([' ', '\u00a0', '\t;', 'application/'])('takes time that grows with the length, not faster: %j', (unit) => {
    const headers = { 'content-type': `${unit.repeat(200_000)}x`, 'content-length': '99' }
    const start = performance.now()
    scannedBodyOf({ headers, method: 'POST', url: '/' }, ['session_id'], bodyPathsOf({}))
    sessionOfEvent({ headers, httpMethod: 'POST', body: '{"a":1}', requestContext: {} }, 'session_id')
    expect(performance.now() - start).toBeLessThan(500)
  })
})
