// @vitest-environment node
import { describe, expect, it, vi } from 'vitest'
import { readSettings } from '../../../src/browser/settings.js'

// All that is needed of a page: a document for each mutant would take minutes.
vi.stubGlobal('location', { origin: 'http://localhost:3000' })

function read(input: unknown) {
  const report = vi.fn<(problem: unknown) => void>()
  const settings = readSettings(input, report)
  return { ...settings, messages: report.mock.calls.map(([problem]) => problem) }
}

function takes(origin: unknown, url: string) {
  const { entries, messages } = read([origin])
  expect(messages).toEqual([])
  return entries[0]?.matches(new URL(url))
}

describe('a string entry', () => {
  it.each([
    ['https://agent.test', 'https://agent.test/'],
    ['https://agent.test', 'https://agent.test/any/path?a=1#b'],
    ['https://agent.test', 'https://agent.test:443/'],
    ['https://agent.test:443', 'https://agent.test/'],
    ['https://AGENT.test', 'https://agent.test/'],
    ['https://agent.test', 'wss://agent.test/socket'],
    ['http://agent.test', 'ws://agent.test/socket'],
    ['wss://agent.test', 'wss://agent.test/socket'],
    ['https://agent.test/v1/chat', 'https://agent.test/v1/chat'],
    ['https://agent.test/v1/chat', 'https://agent.test/v1/chat/x'],
    ['https://agent.test/v1/chat', 'https://agent.test/v1/chat?x'],
    ['https://agent.test/v1/chat/', 'https://agent.test/v1/chat/x'],
    ['https://agent.test/v1/chat', 'https://agent.test/v1/x/../chat'],
    ['/api/chat', 'http://localhost:3000/api/chat/x'],
    ['/', 'http://localhost:3000/any'],
    ['/api', 'ws://localhost:3000/api/socket'],
  ])('%s takes %s', (entry, url) => {
    expect(takes(entry, url)).toBe(true)
  })

  it.each([
    ['https://agent.test', 'https://agent.test.evil.test/'],
    ['https://agent.test', 'https://evil.test/https://agent.test/'],
    ['https://agent.test', 'https://evil.test/?https://agent.test/'],
    ['https://agent.test', 'https://agent.test@evil.test/'],
    ['https://agent.test', 'https://xagent.test/'],
    ['https://agent.test', 'https://agent.test:8443/'],
    ['https://agent.test', 'http://agent.test/'],
    ['https://agent.test', 'ws://agent.test/'],
    ['wss://agent.test', 'https://agent.test/'],
    ['wss://agent.test/http', 'wss://agent.test/ws'],
    ['https://agent.test/v1/chat', 'https://agent.test/v1/chatty'],
    ['https://agent.test/v1/chat', 'https://agent.test/v1/chat/../x'],
    ['https://agent.test/v1/chat', 'https://agent.test/v1'],
    ['https://agent.test/v1/chat/', 'https://agent.test/v1/chat'],
    ['https://agent.test/v1', 'https://agent.test//v1'],
    ['/api/chat', 'http://localhost:3001/api/chat'],
    ['/api/chat', 'https://localhost:3000/api/chat'],
  ])('%s does not take %s', (entry, url) => {
    expect(takes(entry, url)).toBe(false)
  })
})

describe('other entries', () => {
  it.each([/agent\.test\/v1/, /agent\.test\/v1/g, /https:\/\/agent/y])(
    '%s gives the same answer each time',
    (pattern) => {
      const { entries } = read([pattern])
      const answers = Array.from({ length: 4 }, () => entries[0]?.matches(new URL('https://agent.test/v1')))
      expect(answers).toEqual([true, true, true, true])
      expect(pattern.lastIndex).toBe(0)
    },
  )

  it('a function gets the whole URL, and its answer counts as true or false', () => {
    const match = vi.fn(() => 1)
    expect(takes(match, 'https://agent.test/a?b#c')).toBeTruthy()
    expect(match).toHaveBeenCalledWith('https://agent.test/a?b#c')
  })

  it('a function that throws matches nothing, which is said', () => {
    const error = new Error('page')
    const match = () => {
      throw error
    }
    const report = vi.fn()
    expect(readSettings([match], report).entries[0]?.matches(new URL('https://agent.test/'))).toBe(false)
    expect(report.mock.calls).toEqual([[error]])
  })
})

describe('a wrong entry is named with how to write it, and the others still work', () => {
  it.each([
    ['agent.test'],
    ['localhost:3000'],
    ['agent.test:8080/path'],
    ['//agent.test'],
    ['api/chat'],
    [''],
    ['ftp://agent.test'],
    ['https://agent.test/?a'],
    ['/api#a'],
    ['https://*.agent.test'],
    ['https://me@agent.test'],
    ['https://'],
    ['https://a b'],
    [42],
    [null],
    [{}],
    [{ match: 1 }],
    [{ match: 'agent.test' }],
    [['https://agent.test']],
  ])('%j', (entry) => {
    const { entries, messages } = read(['https://first.test', entry, 'https://last.test'])
    expect(entries.map(({ label }) => label)).toEqual(["'https://first.test'", "'https://last.test'"])
    expect(messages).toHaveLength(1)
    expect(messages[0]).toContain(`origins[1] (${typeof entry === 'string' ? `'${entry}'` : JSON.stringify(entry)})`)
    expect(messages[0]).toContain("write an origin or URL prefix ('https://agent.example.com/v1'")
  })

  it.each([undefined, null, 1, 'https://agent.test', {}, [], { origins: [] }, { origins: 'https://agent.test' }])(
    'no list of endpoints: %j',
    (input) => {
      const { entries, messages } = read(input)
      expect(entries).toEqual([])
      expect(messages).toEqual([expect.stringContaining("'origins' must be a list of endpoints")])
    },
  )

  it('an entry that cannot even be read', () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('hostile')
        },
      },
    )
    const { entries, messages } = read([hostile, '/api'])
    expect(entries).toHaveLength(1)
    expect(messages).toHaveLength(1)
  })
})

const HOW_TO_WRITE =
  "write an origin or URL prefix ('https://agent.example.com/v1') with scheme, no wildcard, query, hash or credentials, " +
  "a path ('/api/chat'), a RegExp, a function or { match }"

describe('an entry', () => {
  const anything = () => true
  it.each<[unknown, string, string | undefined]>([
    ['/', "'/'", 'http://localhost:3000/'],
    ['/api', "'/api'", 'http://localhost:3000/api'],
    ['/api/', "'/api/'", 'http://localhost:3000/api/'],
    ['https://agent.test', "'https://agent.test'", 'https://agent.test/'],
    ['HTTPS://Agent.test:443/v1', "'HTTPS://Agent.test:443/v1'", 'https://agent.test/v1'],
    ['http://a_b-c.test:8080/', "'http://a_b-c.test:8080/'", 'http://a_b-c.test:8080/'],
    ['ws://[::1]:8080', "'ws://[::1]:8080'", 'ws://[::1]:8080/'],
    ['wss://agent.test', "'wss://agent.test'", 'wss://agent.test/'],
    [/agent/i, '/agent/i', undefined],
    [{ match: /agent/ }, '/agent/', undefined],
    [anything, 'function', undefined],
  ])('%s has a name for messages, and what its URLs start with', (match, label, prefix) => {
    const { entries, messages } = read([match])
    expect(messages).toEqual([])
    expect(entries).toEqual([expect.objectContaining({ label })])
    expect(entries[0]?.prefix).toBe(prefix)
  })

  it.each([
    '/\\agent.test',
    'x/api',
    'xhttps://agent.test',
    'https://agent.test/*',
    '/api?',
    '/*',
    'https://[agent',
    'https://a!b.test',
    'https://a!b.test/https://agent.test/',
  ])('%s is none', (match) => {
    expect(read([match])).toMatchObject({
      entries: [],
      messages: [`origins[0] ('${match}') is an invalid endpoint: ${HOW_TO_WRITE}`],
    })
  })

  it('that cannot be read is named like any other wrong one', () => {
    const entry = {
      get match() {
        throw new Error('hostile')
      },
    }
    expect(read([entry]).messages).toEqual([`origins[0] (object) is an invalid endpoint: ${HOW_TO_WRITE}`])
  })
})

describe('options', () => {
  it('have the documented defaults', () => {
    const { entries, startupTimeout, annotateResources, debug } = read(['/api'])
    expect(entries[0]).toMatchObject({ carrier: 'body', path: ['session_id'], propagateUser: false })
    expect({ startupTimeout, annotateResources, debug }).toEqual({
      startupTimeout: 500,
      annotateResources: true,
      debug: false,
    })
  })

  it('beside origins are the defaults of the entries', () => {
    const { entries } = read({
      origins: ['/a', { match: '/b', carrier: 'query' }, { match: '/c', field: 'x.y', propagateUser: false }],
      carrier: 'baggage',
      field: 'sid',
      propagateUser: true,
    })
    expect(entries).toMatchObject([
      { carrier: 'baggage', path: ['sid'], propagateUser: true },
      { carrier: 'query', path: ['sid'], propagateUser: true },
      { carrier: 'baggage', path: ['x', 'y'], propagateUser: false },
    ])
  })

  it.each([
    [{ carrier: 'header' }, "carrier ('header') is ignored"],
    [{ field: '' }, "field ('') is ignored"],
    [{ field: 'a..b' }, "field ('a..b') is ignored"],
    [{ field: 1 }, 'field (1) is ignored'],
    [{ propagateUser: 'yes' }, "propagateUser ('yes') is ignored"],
    [{ startupTimeout: -1 }, 'startupTimeout (-1) is ignored'],
    [{ startupTimeout: '500' }, "startupTimeout ('500') is ignored"],
    [{ startupTimeout: Number.NaN }, 'startupTimeout (null) is ignored'],
    [{ annotateResources: 1 }, 'annotateResources (1) is ignored'],
    [{ debug: null }, 'debug (null) is ignored'],
  ])('that are wrong are named and replaced by their default: %j', (options, message) => {
    const { messages, ...settings } = read({ origins: ['/api'], ...options })
    expect(messages).toEqual([expect.stringContaining(message)])
    const { messages: _, ...defaults } = read(['/api'])
    expect(JSON.stringify(settings)).toBe(JSON.stringify(defaults))
  })

  it.each<[object, object]>([
    [{ carrier: 'body' }, { carrier: 'body' }],
    [{ carrier: 'query' }, { carrier: 'query' }],
    [{ carrier: 'baggage' }, { carrier: 'baggage' }],
    [{ carrier: 'trace-tags' }, { carrier: 'trace-tags' }],
    [{ carrier: undefined }, { carrier: 'body' }],
    [{ field: 'x' }, { field: 'x', path: ['x'] }],
    [{ field: ' x y' }, { field: ' x y', path: [' x y'] }],
    [{ field: 'abc.de.fg' }, { field: 'abc.de.fg', path: ['abc', 'de', 'fg'] }],
    [{ field: 'a. b.c d' }, { field: 'a. b.c d', path: ['a', ' b', 'c d'] }],
    [{ field: 'a.  b' }, { field: 'a.  b', path: ['a', '  b'] }],
    [{ carrier: 'baggage', propagateUser: true }, { propagateUser: true }],
    [{ propagateUser: false }, { propagateUser: false }],
  ])('of an entry that are right are taken, without a word: %j', (options, expected) => {
    for (const input of [{ origins: ['/api'], ...options }, [{ match: '/api', ...options }]]) {
      const { entries, messages } = read(input)
      expect(messages).toEqual([])
      expect(entries).toMatchObject([expected])
    }
  })

  it.each([
    { startupTimeout: 0 },
    { startupTimeout: 12.5 },
    { startupTimeout: 10_000 },
    { annotateResources: false },
    { debug: true },
  ])('that are right are taken, without a word: %j', (options) => {
    const { messages, ...settings } = read({ origins: ['/api'], ...options })
    expect(messages).toEqual([])
    expect(settings).toMatchObject(options)
  })

  it.each([' ', '.', 'a.', 'a. ', '.a', ' .a', 'a. .b', 'a.\n', ".'a", "a'."])('field %j is none', (field) => {
    const { entries, messages } = read({ origins: ['/api'], field })
    expect(messages).toEqual([`field ('${field}') is ignored: write a name or a dotted path ('metadata.session_id')`])
    expect(entries).toMatchObject([{ field: 'session_id' }])
  })

  it.each([
    [{ carrier: 'xbody' }, "carrier ('xbody') is ignored: write 'body', 'query', 'baggage', 'trace-tags'"],
    [{ carrier: 'bodyx' }, "carrier ('bodyx') is ignored: write 'body', 'query', 'baggage', 'trace-tags'"],
    [{ carrier: "x'body" }, "carrier ('x'body') is ignored: write 'body', 'query', 'baggage', 'trace-tags'"],
    [{ carrier: "body'x" }, "carrier ('body'x') is ignored: write 'body', 'query', 'baggage', 'trace-tags'"],
    [{ debug: 'true' }, "debug ('true') is ignored: write true or false"],
    [{ debug: [true] }, 'debug ([true]) is ignored: write true or false'],
    [{ startupTimeout: [5] }, 'startupTimeout ([5]) is ignored: write milliseconds, 0 or more'],
    [{ carier: 'query' }, "carier is an unknown option: did you mean 'carrier'?"],
    [{ origin: '/api' }, "origin is an unknown option: did you mean 'origins'?"],
    [{ fields: 'a' }, "fields is an unknown option: did you mean 'field'?"],
    [{ timeout: 5 }, "timeout is an unknown option: did you mean 'startupTimeout'?"],
    [{ annotate: true }, "annotate is an unknown option: did you mean 'annotateResources'?"],
    [{ bug: true }, "bug is an unknown option: did you mean 'debug'?"],
    [{ prefix: '/api' }, "prefix is an unknown option: did you mean 'field'?"],
    [{ zzz: 1 }, "zzz is an unknown option: did you mean 'origins'?"],
    [{ propagateUser: true }, "propagateUser does nothing without carrier: 'baggage'"],
  ])('that do nothing are named, word for word: %j', (options, message) => {
    expect(read({ origins: ['/api'], ...options }).messages).toEqual([message])
  })

  it('of an entry that do nothing are named, word for word', () => {
    const entry = { match: '/api', propagateUser: true, mtach: 1 }
    const name = `origins[0] (${JSON.stringify(entry)})`
    expect(read([entry, { match: '/b', carrier: 'baggage', propagateUser: true }]).messages).toEqual([
      `${name}.mtach is an unknown option: did you mean 'match'?`,
      `${name}.propagateUser does nothing without carrier: 'baggage'`,
    ])
    expect(read({ origins: ['/a', { match: '/b', carrier: 'baggage' }], propagateUser: true }).messages).toEqual([])
  })

  it.each([
    [[], '[]'],
    ['POST', "'POST'"],
    [['POST', 1], '["POST",1]'],
    [['GET POST'], '["GET POST"]'],
    [[''], '[""]'],
    [{}, '{}'],
  ])('methods %j of an entry mean all, which is said', (methods, printed) => {
    const { entries, messages } = read([{ match: '/api', methods }])
    expect(entries).toMatchObject([{ methods: undefined }])
    expect(messages).toEqual([
      expect.stringContaining(`.methods (${printed}) is ignored: write a list of HTTP methods (['POST'])`),
    ])
  })

  it('methods are those of one entry', () => {
    expect(read([{ match: '/a', methods: ['post', 'M-SEARCH'] }, '/b'])).toMatchObject({
      entries: [{ methods: ['POST', 'M-SEARCH'] }, { methods: undefined }],
      messages: [],
    })
  })

  it('that only the prototype of all objects has are none', () => {
    expect(read(Object.create({ origins: ['/api'] })).entries).toEqual([])
  })

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['https://agent.test', "'https://agent.test'"],
    [{ origins: /agent/ }, '/agent/'],
    [{ origins: () => true }, 'function'],
    [{ origins: 5n }, 'bigint'],
    [{}, 'undefined'],
    [[], '[]'],
  ])('without endpoints say what is in their place: %s', (input, is) => {
    expect(read(input).messages).toEqual([`'origins' must be a list of endpoints, and is ${is}: ${HOW_TO_WRITE}`])
  })

  it('of an entry are named with the entry', () => {
    expect(read([{ match: '/api', carrier: 'x' }]).messages).toEqual([
      expect.stringContaining(
        `origins[0] ({"match":"/api","carrier":"x"}).carrier ('x') is ignored: write 'body', 'query'`,
      ),
    ])
  })
})
