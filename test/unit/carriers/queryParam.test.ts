// @vitest-environment node
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addQueryParam, readAllFormText, readQueryParams, replaceQueryParam } from '../../../src/carriers/queryParam.js'
import { wellFormed } from '../../support/wellFormed.js'

const names = fc.oneof(
  fc.constantFrom('session_id', 'a', 'é', 'a b', 'a+b', 'a&b', 'a=b', '%'),
  fc.string({ minLength: 1 }),
)
const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

describe('a query parameter', () => {
  const urls = fc
    .tuple(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.constantFrom('', '#', '#a?b=1', '?', '?&', '?a&&b', '?a=1&'),
    )
    .map(([url, end]) => new URL(url.includes('#') ? url : url + end).href)

  it('is added behind the others, and all else of the URL stays as it was', () => {
    fc.assert(
      fc.property(urls, names, (url, name) => {
        const added = addQueryParam(url, name, ID)
        const before = new URL(url)
        if (before.searchParams.has(name)) {
          expect(added).toEqual({ present: before.searchParams.get(name) })
          return
        }
        const { changed } = added as { changed: string }
        const after = new URL(changed)
        expect([...after.searchParams].filter(([key]) => key !== name)).toEqual([...before.searchParams])
        expect(after.searchParams.get(name)).toBe(ID)
        expect(after.hash).toBe(before.hash)
        expect(after.origin + after.pathname).toBe(before.origin + before.pathname)
        expect(changed.slice(0, url.split('#')[0]?.length)).toBe(url.split('#')[0])
        expect(addQueryParam(changed, name, 'other')).toEqual({ present: ID })
      }),
    )
  })

  it.each([
    ['https://a.test/', 'https://a.test/?session_id=id'],
    ['https://a.test/?', 'https://a.test/?session_id=id'],
    ['https://a.test/?a=1', 'https://a.test/?a=1&session_id=id'],
    ['https://a.test/?a=1&', 'https://a.test/?a=1&session_id=id'],
    ['https://a.test/?a=%20+b#h?x', 'https://a.test/?a=%20+b&session_id=id#h?x'],
    ['https://a.test/#?session_id=x', 'https://a.test/?session_id=id#?session_id=x'],
    ['https://a.test/??session_id=x', 'https://a.test/??session_id=x&session_id=id'],
    ['/chat', '/chat?session_id=id'],
    ['chat?a=1#h', 'chat?a=1&session_id=id#h'],
  ])('on %s gives %s', (url, expected) => {
    expect(addQueryParam(url, 'session_id', 'id')).toEqual({ changed: expected })
  })

  it.each(['?session_id=x', '?session%5Fid=x', '?a&session_id=x&session_id=y'])('that stands in %s wins', (query) => {
    expect(addQueryParam(`https://a.test/${query}`, 'session_id', 'id')).toEqual({ present: 'x' })
  })

  it.each([
    ['/chat?session_id=x#session_id=y', ['x']],
    ['?a=1&session%5Fid=%78', ['x']],
    ['/?%73ession_id=x', ['x']],
    ['https://a.test/?session_id=&session_id=x', ['', 'x']],
    ['https://a.test/#?session_id=x', []],
    ['https://a.test/??session_id=x', []],
    ['/session_id', []],
    ['', []],
  ])('is read from %j as %j', (url, expected) => {
    expect(readQueryParams(url, 'session_id')).toEqual(expected)
  })

  it('is read as a URL has it, however its name is written', () => {
    const spell = (name: string) => (encode: boolean) =>
      encode
        ? [...new TextEncoder().encode(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
        : name
    const pairs = fc.array(fc.tuple(fc.constantFrom('session_id', 'a b', 'a?b', 'é'), fc.boolean(), fc.string()))
    fc.assert(
      fc.property(fc.constantFrom('session_id', 'a b', 'a?b', 'é'), pairs, (name, list) => {
        const query = list.map(
          ([key, encode, value]) => `${spell(key)(encode)}=${encodeURIComponent(wellFormed(value))}`,
        )
        const { href, searchParams } = new URL(`https://a.test/?${query.join('&')}`)
        expect(readQueryParams(href, name)).toEqual(searchParams.getAll(name))
      }),
    )
  })

  it.each([
    ['/?session_id=x', 1],
    ['/?%73ession_id=x', 1],
    ['/chat', 0],
    ['/chat%20/session_id', 0],
    ['https://a.test/chat?a=1&b=session', 0],
    ['https://a.test/chat?a=%20', 0],
  ])('is looked for in %s, which is parsed %i times', async (url, times) => {
    const parser = vi.fn()
    const { URLSearchParams } = globalThis
    vi.resetModules()
    vi.stubGlobal('URLSearchParams', function (this: unknown, query: string) {
      parser()
      return new URLSearchParams(query)
    })
    const { readQueryParams } = await import('../../../src/carriers/queryParam.js')
    readQueryParams(url, 'session_id')
    expect(parser).toHaveBeenCalledTimes(times)
  })
  afterEach(() => vi.unstubAllGlobals())

  // The square of the length would take longer than the time that a test has.
  it('is looked for in time that grows with the length of the URL, not faster', () => {
    expect(readQueryParams(`/?${'?'.repeat(500_000)}`, 'session_id')).toEqual([])
  })
})

describe('a query parameter with one of the old values', () => {
  const OLD = ['old', 'older']

  it.each([
    ['/chat?session_id=old', '/chat?session_id=new'],
    ['/chat?a=1&session_id=older&b=%20#h', '/chat?a=1&session_id=new&b=%20#h'],
    ['/chat?session%5Fid=old', '/chat?session_id=new'],
    ['?session_id=old&session_id=old', '?session_id=new&session_id=new'],
    // Only what has the value that the first one has.
    ['?session_id=old&session_id=page', '?session_id=new&session_id=page'],
    ['?other=old&session_id=old', '?other=old&session_id=new'],
  ])('is replaced: %s', (url, expected) => {
    expect(replaceQueryParam(url, 'session_id', { old: OLD, value: 'new' })).toBe(expected)
  })

  it.each([
    '/chat',
    '/chat?session_id=page',
    '/chat?session_id=page&session_id=old',
    '/chat?other=old',
    '/#?session_id=old',
  ])('is not there in %s', (url) => {
    expect(replaceQueryParam(url, 'session_id', { old: OLD, value: 'new' })).toBeUndefined()
  })

  it('is not looked for if there are no old ones', () => {
    expect(replaceQueryParam('/?session_id=old', 'session_id', { old: [], value: 'new' })).toBeUndefined()
  })
})

describe('all values of a name in urlencoded text', () => {
  it.each([
    ['session_id=x', ['x']],
    ['a=1&session_id=x&session%5Fid=y', ['x', 'y']],
    ['%73ession_id=x', ['x']],
    ['a=1', []],
    ['a=session', []],
    ['?session_id=x', []],
    ['', []],
  ])('of %j are %j', (text, expected) => {
    expect(readAllFormText(text, 'session_id')).toEqual(expected)
  })
})
