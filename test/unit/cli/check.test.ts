// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { headersToAllow, preflightOf, problemOfPreflight } from '../../../src/cli/check/cors.js'
import { originsLine } from '../../../src/cli/check/originsLine.js'
import { afterRedirect, locationOf } from '../../../src/cli/check/redirect.js'

const page = { origin: 'https://app.example.com', credentials: false }
const call = (headers: Record<string, string> = {}, method = 'POST') => ({
  method,
  url: 'https://agent.example.com/chat',
  headers,
  body: '{}',
})
const answer = (headers: Record<string, string>, status = 204) => ({
  status,
  headers: { 'access-control-allow-origin': '*', ...headers },
  text: '',
})

describe('headers that a server has to allow', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ accept: 'text/event-stream', 'accept-language': 'en' }, []],
    [{ 'content-type': 'text/plain;charset=UTF-8' }, []],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, []],
    [{ 'content-type': 'application/json' }, ['content-type']],
    [{ 'content-type': `text/plain;a=${'b'.repeat(128)}` }, ['content-type']],
    [{ 'x-b': '1', baggage: 'a=1', authorization: 'Bearer 1' }, ['authorization', 'baggage', 'x-b']],
    [{ cookie: 'a=1', origin: 'https://a.example' }, []],
  ])('%j: %j', (headers, expected) => expect(headersToAllow(call(headers))).toEqual(expected))

  it('are asked for in one line without blanks', () => {
    expect(preflightOf(call({ baggage: 'a=1', authorization: 'b' }), page)?.headers).toMatchObject({
      origin: page.origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,baggage',
    })
  })

  it('are not asked for where none is new, unless the method is', () => {
    expect(preflightOf(call(), page)).toBeUndefined()
    expect(preflightOf(call({}, 'PUT'), page)?.headers['access-control-request-method']).toBe('PUT')
  })
})

describe('an answer to a preflight', () => {
  const asked = call({ baggage: 'a=1', authorization: 'b' }, 'PUT')
  const good = { 'access-control-allow-headers': 'Authorization, BAGGAGE', 'access-control-allow-methods': 'PUT' }
  const cookies = { ...page, credentials: true }
  const own = { 'access-control-allow-origin': page.origin, 'access-control-allow-credentials': 'true' }

  it.each([
    ['all that was asked for', page, good, undefined],
    [
      'a wildcard, which does not take authorization',
      page,
      { ...good, 'access-control-allow-headers': '*' },
      'authorization',
    ],
    ['a wildcard and authorization', page, { ...good, 'access-control-allow-headers': '*, authorization' }, undefined],
    ['another method', page, { ...good, 'access-control-allow-methods': 'PATCH' }, 'method PUT'],
    ['a wildcard for methods', page, { ...good, 'access-control-allow-methods': '*' }, undefined],
    ['another origin', page, { ...good, 'access-control-allow-origin': 'https://b.example' }, 'https://b.example'],
    ['a wildcard, with cookies', cookies, good, 'Allow-Origin is *'],
    ['no leave for cookies', cookies, { ...good, ...own, 'access-control-allow-credentials': '1' }, 'no cookies'],
    ['leave for cookies', cookies, { ...good, ...own }, undefined],
    ['wildcards, with cookies', cookies, { ...own, 'access-control-allow-headers': '*' }, 'method PUT'],
  ])('%s', (_, caller, headers, expected) => {
    const problem = problemOfPreflight(asked, caller, answer(headers))
    if (expected === undefined) {
      expect(problem).toBeUndefined()
    } else {
      expect(problem?.message).toContain(expected)
    }
  })

  it('names a line to answer with that has what is allowed already', () => {
    const allowed = { ...good, 'access-control-allow-headers': 'X-Own, authorization' }
    expect(problemOfPreflight(asked, page, answer(allowed))?.todo).toBe(
      'Answer with Access-Control-Allow-Headers: x-own, authorization, baggage',
    )
  })
})

describe('an answer to a preflight that lacks several lines', () => {
  it('all are named at once', () => {
    const { message, todo } = problemOfPreflight(call({ baggage: 'a=1' }, 'PUT'), page, {
      ...answer({}, 404),
      headers: {},
      text: ' <h1>\n Not found ',
    }) ?? { message: '', todo: '' }
    expect(message).toBe('the preflight is answered with 404: <h1> Not found')
    expect(todo).toBe(
      'Answer OPTIONS with 204 and the headers of CORS: Access-Control-Allow-Origin: https://app.example.com' +
        ' and Access-Control-Allow-Methods: PUT and Access-Control-Allow-Headers: baggage',
    )
  })
})

describe('a redirect', () => {
  const json = call({ 'content-type': 'application/json', baggage: 'a=1', authorization: 'b' })
  const here = new URL('https://agent.example.com/new')
  const there = new URL('https://other.example.com/new#part')

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'POST', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [301, 'PUT', 'PUT'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [302, 'GET', 'GET'],
  ])('%s after %s: %s', (status, method, expected) => {
    const next = afterRedirect({ ...json, method }, status, here)
    expect(next.method).toBe(expected)
    expect(next.body).toBe(expected === method ? '{}' : undefined)
    expect(next.headers['content-type']).toBe(expected === method ? 'application/json' : undefined)
    expect(next.headers).toMatchObject({ baggage: 'a=1', authorization: 'b' })
  })

  it('to another origin takes all along but authorization', () => {
    const next = afterRedirect(json, 307, there)
    expect(next.headers).toEqual({ 'content-type': 'application/json', baggage: 'a=1' })
    expect(next.url).toBe('https://other.example.com/new')
  })

  it.each([
    [302, '/new', 'https://agent.example.com/new'],
    [302, '?a=1', 'https://agent.example.com/chat?a=1'],
    [302, 'http://[', undefined],
    [302, undefined, undefined],
    [304, '/new', undefined],
    [200, '/new', undefined],
  ])('%s to %s leads to %s', (status, location, expected) => {
    const headers = location === undefined ? {} : { location }
    expect(locationOf(json, { status, headers, text: '' })?.href).toBe(expected)
  })
})

describe('the line of origins', () => {
  const page = 'https://app.example.com'
  it.each([
    ['https://agent.example.com/chat?a=1', 'body', 'session_id', `'https://agent.example.com/chat',`],
    ['https://agent.example.com/', 'body', 'session_id', `'https://agent.example.com',`],
    ['https://app.example.com/api/chat', 'body', 'session_id', `'/api/chat',`],
    ['https://app.example.com/', 'query', 'session_id', `{ match: '/', carrier: 'query' },`],
    ["https://app.example.com/it's", 'body', 'a.b', `{ match: '/it\\'s', field: 'a.b' },`],
  ] as const)('%s, %s, %s', (url, carrier, field, expected) =>
    expect(originsLine(url, { page, carrier, field })).toBe(expected),
  )
})
