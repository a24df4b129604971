// @vitest-environment node
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createUrlParser, endpointOf, parseUrl, sinceThen } from '../../../src/browser/networkUrl.js'
import { addQueryParam } from '../../../src/carriers/queryParam.js'

// All that is needed of a page: a document for each mutant would take minutes.
beforeEach(() => {
  vi.stubGlobal('document', { baseURI: 'http://localhost:3000/' })
  vi.stubGlobal('location', { origin: 'http://localhost:3000' })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const BASES = ['http://localhost:3000/', 'https://page.test/app/index.html?q=1#h', 'https://page.test:8443/a/']

const HOSTS =
  'agent.test|Agent.test|xn--agent.test|agent.xn--a|a-b.test|1a.test|10.0.0.1|10.1|127|0x7f|a_b.test|a.test.|[::1]|é.test|a b'.split(
    '|',
  )
const inputs = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        '',
        '/',
        '//',
        '?',
        '#',
        '.',
        '..',
        './',
        ' ',
        'a',
        '/\\',
        'data:',
        'blob:http://a/',
        'about:blank',
      ),
      fc
        .tuple(
          fc.constantFrom('http://', 'https://', 'HTTPS://', 'https:', 'ws://', 'wss://', '//', 'ftp://'),
          fc.constantFrom('', '', '', 'me@', 'me:secret@', '@', ':@'),
          fc.constantFrom(...HOSTS),
          fc.constantFrom('', '', ':443', ':80', ':8443', ':59999', ':60000', ':65536', ':08443', ':'),
        )
        .map((parts) => parts.join('')),
    ),
    fc.array(
      fc.constantFrom(
        '/',
        '/v1',
        '/.',
        '/..',
        '/.a',
        '/%2e',
        '/a.b',
        "/~!$&'()*+,;=:@-",
        '/"',
        '/é',
        '/ ',
        '\t',
        '\n',
        '<',
        '\\x',
        '/%',
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom('', '', '?', '?a=1', "?a='", '?a=b&c?', '?é', '?a b', '?"', '?<', '#', '#h', '?a#h', ' ', '\n'),
  )
  .map(([start, path, end]) => start + path.join('') + end)

/** What browsers contact, in the words of their own parser. */
function contacted(input: string, base: string): URL | undefined {
  let url: URL | undefined
  try {
    url = new URL(input, base)
  } catch {
    return undefined
  }
  const isNetwork = /^(https?|wss?):$/.test(url.protocol)
  const isRefused = url.username || url.password || (/[\t\n\r]/.test(input) && input.includes('<'))
  return isNetwork && !isRefused ? url : undefined
}

describe('a URL', () => {
  it('is read as the browser reads it, and its text still means it', () => {
    const parse = createUrlParser()
    fc.assert(
      fc.property(fc.constantFrom(...BASES), inputs, (base, input) => {
        const expected = contacted(input, base)
        vi.stubGlobal('document', { baseURI: base })
        for (const url of [parse(input), parseUrl(input, base)]) {
          if (!expected) {
            expect(url).toBeUndefined()
          } else {
            const { href, origin, pathname } = expected
            expect(url?.href).toBe(href)
            expect(url && sinceThen(url)).toBe(url)
            expect(new URL(url?.text ?? '', base).href).toBe(href)
            // What is added to the text is added to the URL that it means.
            const { changed = '' } = addQueryParam(url?.text ?? '', 'session_id', 'id')
            const added = new URL(changed, base)
            expect(added.searchParams.get('session_id')).toBe('id')
            expect([added.origin, added.pathname, added.hash]).toEqual([origin, pathname, expected.hash])
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it.each<[input: string, text: string]>([
    ['https://agent.test/v1?a=1', 'https://agent.test/v1?a=1'],
    ['/v1', '/v1'],
    ['v1#h', 'v1#h'],
    [' \0/v1', 'https://page.test/v1'],
    ['/v1 \x1f', 'https://page.test/v1'],
    ['', 'https://page.test/app/?q=1'],
    [' #h', 'https://page.test/app/?q=1#h'],
    ['?a', '?a'],
    ['https:', 'https://page.test/app/?q=1'],
    ['HTTPS:#h', 'https://page.test/app/?q=1#h'],
    ['https:v1', 'https:v1'],
    ['/v1?session_i\td=theirs', 'https://page.test/v1?session_id=theirs'],
    ['/v\n1\r#h', 'https://page.test/v1#h'],
  ])('%j has a text that a parameter can be added to: %j', (input, text) => {
    vi.stubGlobal('document', { baseURI: 'https://page.test/app/?q=1' })
    const parse = createUrlParser()
    expect(parse(input)?.text).toBe(text)
    vi.stubGlobal('document', { baseURI: 'http://page.test/app/?q=1' })
    expect(parse(input.replace(/https:/i, 'http:'))?.text).toBe(text.replace('https:', 'http:'))
  })

  it.each(['about:blank', 'data:text/html,'])('is found where the base is %j only if it is whole', (base) => {
    vi.stubGlobal('document', { baseURI: base })
    const parse = createUrlParser()
    const whole = parse('https://agent.test/v1')
    expect(whole?.href).toBe('https://agent.test/v1')
    expect(parse('/v1')).toBeUndefined()
  })
})

describe('a URL that was found before', () => {
  const find = () => parseUrl('v1', 'http://localhost:3000/app/') ?? expect.fail()
  it('is written whole where the base is another one by now', () => {
    const url = find()
    expect(sinceThen(url)).toEqual({ ...url, text: 'http://localhost:3000/app/v1' })
  })
  it('keeps its text where the base is the same', () => {
    const same = { ...find(), base: document.baseURI }
    expect(sinceThen(same)).toBe(same)
  })
})

it.each([
  ['https://agent.test/v1', 'https://agent.test/v1'],
  ['https://agent.test/v1?a=1#h', 'https://agent.test/v1'],
  ['https://agent.test/v1#h?a', 'https://agent.test/v1'],
])('the endpoint of %s is %s', (url, expected) => {
  expect(endpointOf(url)).toBe(expected)
})
