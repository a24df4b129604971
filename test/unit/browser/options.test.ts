import { describe, expect, it, vi } from 'vitest'
import { readOptions } from '../../../src/browser/options.js'

function read(input: unknown) {
  const report = vi.fn<(message: string) => void>()
  const settings = readOptions(input, report)
  return { ...settings, messages: report.mock.calls.map(([message]) => message) }
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
    ['https://agent.test', 'https://user:pass@agent.test/'],
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
    expect(takes(match, 'https://agent.test/a?b#c')).toBe(true)
    expect(match).toHaveBeenCalledWith('https://agent.test/a?b#c')
  })

  it('a function that throws matches nothing', () => {
    expect(
      takes(() => {
        throw new Error('page')
      }, 'https://agent.test/'),
    ).toBe(false)
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
      expect(messages).toEqual([expect.stringContaining("'origins' must be a list of at least one AI-agent endpoint")])
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

  it('of an entry are named with the entry', () => {
    expect(read([{ match: '/api', carrier: 'x' }]).messages).toEqual([
      expect.stringContaining(
        `origins[0] ({"match":"/api","carrier":"x"}).carrier ('x') is ignored: write 'body', 'query'`,
      ),
    ])
  })
})
