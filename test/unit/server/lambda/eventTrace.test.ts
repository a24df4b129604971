// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { writeSession } from '../../../../src/server/lambda/eventTrace.js'
import { type HttpEvent, headersAsRead } from '../../../../src/server/lambda/httpEvent.js'
import { BEGUN, CONTINUED, type Headers, ID, IDS, OTHER, PARENT, TAG } from '../../../support/inboundHeaders.js'
import { SOURCES } from '../../../support/lambdaEvents.js'

afterEach(() => vi.unstubAllEnvs())

const capital = (name: string) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())

describe.each(SOURCES)('in an event of %s', (_source, make) => {
  const came = (headers: Headers) => make({ headers }) as HttpEvent

  it.each(CONTINUED)('a session goes with %s', (_name, headers, changes) => {
    const event = came(headers)
    const before = headersAsRead(event)
    writeSession(event, ID)
    expect(headersAsRead(event)).toStrictEqual({ ...before, ...changes })
  })

  it.each(BEGUN)('a session begins a trace where there is none: %s', (_name, headers) => {
    const event = came(headers)
    writeSession(event, ID)
    expect(headersAsRead(event)).toMatchObject({
      'x-datadog-trace-id': expect.stringMatching(/^[1-9]\d*$/),
      'x-datadog-parent-id': '0',
      'x-datadog-tags': expect.stringContaining(TAG),
    })
  })

  it('another session of the trace stays, and the event with it', () => {
    const event = came({ ...IDS, 'x-datadog-tags': `_dd.p.llmobs_sid=${OTHER}` })
    const before = structuredClone(event)
    writeSession(event, ID)
    expect(event).toStrictEqual(before)
  })

  it('a header is written once, whatever the case of those that came, and in both forms', () => {
    const event = came({ [capital('x-datadog-tags')]: '_dd.p.dm=-1', ...IDS })
    writeSession(event, ID)
    for (const headers of [event.headers, event.multiValueHeaders]) {
      if (headers) {
        const names = Object.keys(headers).filter((name) => name.toLowerCase() === 'x-datadog-tags')
        expect(names).toEqual(['x-datadog-tags'])
        expect([headers[names[0] as string]].flat()).toEqual([`_dd.p.dm=-1,${TAG}`])
      }
    }
  })
})

it('lines of a list that Datadog reads the first of alone become one', () => {
  const tags = ['_dd.p.dm=-1', TAG]
  const event = { requestContext: {}, multiValueHeaders: { ...IDS, 'X-Datadog-Tags': tags } } as HttpEvent
  writeSession(event, ID)
  expect(event.multiValueHeaders).toEqual({ ...IDS, 'x-datadog-tags': [tags.join()] })
})

it('an event without headers gets some', () => {
  const event = { requestContext: {}, httpMethod: 'POST', headers: null, multiValueHeaders: null } as HttpEvent
  writeSession(event, ID)
  expect(event.headers).toMatchObject({ 'x-datadog-tags': TAG })
})

describe('what an authorizer hands on', () => {
  const injecting = (headers: object) => ({ _datadog: Buffer.from(JSON.stringify(headers)).toString('base64') })
  const injected = ({ _datadog }: { _datadog: string }) => JSON.parse(Buffer.from(_datadog, 'base64').toString())

  it.each<[string, (authorizer: object) => object]>([
    ['of a REST API', (authorizer) => authorizer],
    ['of an HTTP API', (authorizer) => ({ lambda: authorizer })],
  ])('gets the session too: %s', (_name, placed) => {
    const authorizer = injecting({ ...IDS, 'x-datadog-parent-span-finish-time': 17e17 })
    const event = { requestContext: { authorizer: placed(authorizer) }, headers: {} } as HttpEvent
    writeSession(event, ID)
    expect(injected(authorizer)).toEqual({
      ...IDS,
      'x-datadog-parent-span-finish-time': 17e17,
      'x-datadog-tags': TAG,
    })
  })

  it.each([
    ['none', null],
    ['claims', { claims: { sub: 'user' } }],
    ['what is no JSON', { _datadog: 'bm9uZQ==' }],
    ['what is no text', { _datadog: 1 }],
  ])('stays where it has no trace: %s', (_name, authorizer) => {
    const event = { requestContext: { authorizer }, headers: {} } as HttpEvent
    const before = structuredClone(authorizer)
    writeSession(event, ID)
    expect(event.requestContext.authorizer).toEqual(before)
  })
})

it('no trace is begun where Datadog is to merge that of X-Ray, and one that came goes on', () => {
  vi.stubEnv('DD_MERGE_XRAY_TRACES', 'true')
  const untraced = { requestContext: {}, headers: {} } as HttpEvent
  writeSession(untraced, ID)
  expect(untraced.headers).toEqual({})
  const traced = { requestContext: {}, headers: { ...PARENT } } as HttpEvent
  writeSession(traced, ID)
  expect(traced.headers).toEqual({ ...PARENT, tracestate: `dd=t.llmobs_sid:${ID}` })
})
