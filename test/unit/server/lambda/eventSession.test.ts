// @vitest-environment node
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sessionOfEvent } from '../../../../src/server/lambda/eventSession.js'
import { type HttpEvent, httpEventIn } from '../../../../src/server/lambda/httpEvent.js'
import { anyText } from '../../../support/anyText.js'
import { ID, IDS, OTHER, PARENT, TAG } from '../../../support/inboundHeaders.js'
import { type PageCall, SOURCES } from '../../../support/lambdaEvents.js'

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }

const BODY = `{"session_id":"${ID}"}`

const sessionOf = (event: object, field = 'session_id') => sessionOfEvent(event as HttpEvent, field)

const [[, restApi], [, httpApi], , [, loadBalancer]] = SOURCES as [
  (typeof SOURCES)[0],
  (typeof SOURCES)[0],
  (typeof SOURCES)[0],
  (typeof SOURCES)[0],
]

describe.each(SOURCES)('an event of %s', (_source, make, hasBody) => {
  const WITH_BODY: Array<[string, PageCall, string | undefined]> = [
    ['a JSON object', { headers: JSON_TYPE, body: BODY }, ID],
    ['a JSON object with white space', { headers: JSON_TYPE, body: ` \n{ "session_id" : "${ID}" }` }, ID],
    ['JSON of a type of its own', { headers: { 'content-type': 'application/vnd.api+json' }, body: BODY }, ID],
    ['text that is a JSON object', { headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: BODY }, ID],
    ['JSON with an escaped name', { headers: JSON_TYPE, body: `{"session\\u005fid":"${ID}"}` }, ID],
    ['a JSON object without a type', { body: BODY }, ID],
    ['a pair without a type', { body: `session_id=${ID}` }, undefined],
    ['a PUT', { method: 'PUT', headers: JSON_TYPE, body: BODY }, ID],
    ['a PATCH', { method: 'PATCH', headers: JSON_TYPE, body: BODY }, ID],
    ['a form', { headers: FORM_TYPE, body: `a=1&session_id=${ID}` }, ID],
    ['a form with an encoded name', { headers: FORM_TYPE, body: `session%5Fid=${ID}` }, ID],
    ['an encoding that is none', { headers: { ...JSON_TYPE, 'content-encoding': 'identity' }, body: BODY }, ID],
    ['a body with another encoding', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: BODY }, undefined],
    [
      'a body of another type',
      { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: BODY },
      undefined,
    ],
    ['a GET with a body', { method: 'GET', headers: JSON_TYPE, body: BODY }, undefined],
    ['the name in another object', { headers: JSON_TYPE, body: `{"a":{"session_id":"${ID}"}}` }, undefined],
    ['the name in a list', { headers: JSON_TYPE, body: `[{"session_id":"${ID}"}]` }, undefined],
    ['what is no UUID', { headers: JSON_TYPE, body: '{"session_id":"mine"}' }, undefined],
    ['what is no JSON', { headers: JSON_TYPE, body: `{"session_id":"${ID}"` }, undefined],
    ['a pair in place of JSON', { headers: JSON_TYPE, body: `session_id=${ID}` }, undefined],
    ['text that is a pair', { headers: { 'content-type': 'text/plain' }, body: `session_id=${ID}` }, undefined],
    ['an empty body', { headers: JSON_TYPE, body: '' }, undefined],
  ]

  it.each(hasBody ? WITH_BODY : [])('with %s', (_name, call, expected) => {
    expect(sessionOf(make(call))).toBe(expected)
    expect(sessionOf(make(call, { base64: true }))).toBe(expected)
  })

  it.each<[string, PageCall, string | undefined]>([
    ['baggage', { headers: { Baggage: `a=1;session.id=x,session.id=${ID};p=1` } }, ID],
    ['the query', { query: `a=1&session_id=${ID}` }, ID],
    ['tags', { headers: { ...IDS, 'X-Datadog-Tags': `_dd.p.dm=-1,${TAG}` } }, ID],
    ['tracestate', { headers: { ...PARENT, tracestate: `dd=s:1;t.llmobs_sid:${ID}` } }, ID],
    ['baggage before the query', { headers: { baggage: `session.id=${ID}` }, query: `session_id=${OTHER}` }, ID],
    [
      'baggage before the body',
      { headers: { ...JSON_TYPE, baggage: `session.id=${ID}` }, body: BODY.replace(ID, OTHER) },
      ID,
    ],
    ['the query before the body', { headers: JSON_TYPE, query: `session_id=${ID}`, body: BODY.replace(ID, OTHER) }, ID],
    ['what is no UUID', { headers: { baggage: 'session.id=mine' }, query: 'session_id=mine' }, undefined],
    ['nothing', {}, undefined],
  ])('with %s', (_name, call, expected) => {
    expect(sessionOf(make(call))).toBe(expected)
  })

  it('with a field of another name', () => {
    expect(sessionOf(make({ query: `chat+id=${ID}` }), 'metadata.chat id')).toBe(ID)
    expect(sessionOf(make({ query: `metadata=${ID}` }), 'metadata.chat id')).toBeUndefined()
    const call = { headers: JSON_TYPE, body: `{"metadata":{"chat id":"${ID}"},"chat id":"${OTHER}"}` }
    expect(sessionOf(make(call), 'metadata.chat id')).toBe(hasBody ? ID : undefined)
  })
})

it('a parameter that comes several times is read each time', () => {
  const values = { session_id: ['mine', ID] }
  expect(sessionOf({ ...restApi({}), multiValueQueryStringParameters: values })).toBe(ID)
  expect(sessionOf({ ...loadBalancer({}), multiValueQueryStringParameters: values })).toBe(ID)
  expect(sessionOf(httpApi({ query: `session_id=mine&session_id=${ID}` }))).toBe(ID)
})

it('baggage in several lines, and names in several cases, are one list', () => {
  const event = restApi({}) as HttpEvent
  event.multiValueHeaders = { Baggage: ['a=1', `session.id=${OTHER}`], baggage: [`session.id=${ID}`, 'b=2'] }
  event.headers = { Baggage: `session.id=${OTHER}`, baggage: 'b=2' }
  expect(sessionOf(event)).toBe(ID)
})

it('is nothing but a UUID, and throws nothing, whatever an event is made of', () => {
  const text = fc.oneof(anyText, fc.constantFrom(ID, `session.id=${ID}`, BODY, `session_id=${ID}`))
  const values = fc.dictionary(
    fc.constantFrom('baggage', 'Content-Type', 'session_id', '__proto__', 'x-datadog-tags'),
    fc.oneof(text, fc.array(text), fc.constant(null)),
  )
  const event = fc.record({
    requestContext: fc.oneof(fc.constant({}), fc.constant({ elb: {} }), fc.constant({ http: { method: 'POST' } })),
    headers: values,
    multiValueHeaders: fc.option(values),
    queryStringParameters: fc.oneof(values, fc.constant(null), text),
    multiValueQueryStringParameters: fc.oneof(values, fc.constant(null)),
    rawQueryString: fc.option(text, { nil: undefined }),
    body: fc.oneof(text, fc.constant(null), fc.integer()),
    isBase64Encoded: fc.boolean(),
  })
  fc.assert(
    fc.property(event, (made) => {
      const sessionId = sessionOf(httpEventIn(made) ?? {})
      expect(sessionId ?? ID).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i)
    }),
  )
})
