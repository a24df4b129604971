/** @module-tag quick */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LlmCorrelationOptions } from '../../../src/index.js'
import { CLIENTS, expectOnly } from '../../support/calls.js'
import { openPage, type Page } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'

let page: Page
beforeAll(async () => {
  page = await openPage({ sdk: 'none' })
})
afterAll(() => page?.close())

/** What the console says when the plugin is made with the options that the function makes in the page. */
async function messagesOn<A extends object>(makeOptions: (args: A) => unknown, args = {} as A): Promise<string[]> {
  const before = page.console.length
  await page.run(
    ({ makeOptions, args }) => {
      DD_LLM_CORRELATION.llmCorrelation(makeOptions(args) as never)
      console.info('done')
    },
    { makeOptions, args },
  )
  await expect.poll(() => page.console.slice(before), PATIENTLY).toContain('info: done')
  expect(page.errors).toEqual([])
  return page.console.slice(before).filter((message) => message !== 'info: done')
}

/** Of the texts, each in one message at least, and all that is said is of the plugin. */
function expectNamed(messages: string[], ...texts: Array<string | RegExp>): void {
  expect(messages.length).toBeGreaterThan(0)
  for (const message of messages) {
    expect(message).toMatch(/^(error|warning): .*llmCorrelation/)
  }
  for (const text of texts) {
    const found = messages.find((message) => (typeof text === 'string' ? message.includes(text) : text.test(message)))
    expect(found, `${text} in ${messages.join('\n')}`).toBeDefined()
  }
}

describe('an entry that can match nothing is named, with how to write it', () => {
  it.each([
    ['https://*.example.com', 'wildcard'],
    ['https://*.example.com/v1', 'wildcard'],
    ['HTTPS://*.EXAMPLE.COM', 'wildcard'],
    ['http://*.example.com:8080', 'wildcard'],
    ['wss://*.example.com', 'wildcard'],
    ['https://agent.*', 'wildcard'],
    ['https://agent-*.example.com', 'wildcard'],
    ['https://*', 'wildcard'],
    ['https://agent.example.com/*', 'wildcard'],
    ['https://agent.example.com/*/chat', 'wildcard'],
    ['/api/*', 'wildcard'],
    ['*', ''],
    ['*.example.com', ''],
    ['agent.example.com', 'scheme'],
    ['localhost:3000', 'scheme'],
    ['//agent.example.com', 'scheme'],
    ['ftp://agent.example.com', 'scheme'],
    ['https://agent.example.com?a', 'query'],
    ['/api#a', 'hash'],
    ['https://me@agent.example.com', 'credentials'],
    ['https://', ''],
    // Chromium makes of these hosts with escapes.
    ['https://a b', ''],
    ['https://{agent}.example.com', ''],
    ['https://<agent>.example.com/v1', ''],
  ])('%s', async (entry, problem) => {
    for (const written of [entry, { match: entry, carrier: 'query' }]) {
      const messages = await messagesOn(({ written }) => ['/first', written, '/last'], { written })
      expect(messages).toHaveLength(1)
      expectNamed(messages, 'origins[1]', entry, problem, 'https://agent.example.com/v1')
    }
  })

  it.each([
    'https://agent.example.com',
    'https://agent.example.com:8443/v1/',
    'wss://agent.example.com',
    'https://münchen.example/ä b',
    '/',
    /.*/,
    /^https:\/\/[a-z]*\.example\.com/,
    () => true,
    { match: /.*/, carrier: 'baggage', propagateUser: true, field: 'a.b' },
  ])('and this is none: %s', async (entry) => {
    expect(await messagesOn(({ entry }) => [entry], { entry })).toEqual([])
  })
})

describe('an option whose name is not known is named, with the nearest that is', () => {
  it.each([
    ['carier', 'carrier'],
    ['carriers', 'carrier'],
    ['Carrier', 'carrier'],
    ['feild', 'field'],
    ['fields', 'field'],
    ['propogateUser', 'propagateUser'],
    ['propagateUsers', 'propagateUser'],
  ])('beside origins and in an entry: %s, %s', async (wrong, right) => {
    const named = new RegExp(`\\b${wrong}\\b.*\\b${right}\\b`)
    expectNamed(await messagesOn(({ wrong }) => ({ origins: ['/agent'], [wrong]: 'query' }), { wrong }), named)
    expectNamed(
      await messagesOn(({ wrong }) => [{ match: '/agent', [wrong]: 'query' }], { wrong }),
      named,
      'origins[0]',
    )
  })

  it.each([
    ['orgins', 'origins'],
    ['startUpTimeout', 'startupTimeout'],
    ['startupTimout', 'startupTimeout'],
    ['annotateResource', 'annotateResources'],
    ['Debug', 'debug'],
    ['debugg', 'debug'],
  ])('beside origins: %s, %s', async (wrong, right) => {
    expectNamed(
      await messagesOn(({ wrong }) => ({ origins: ['/agent'], [wrong]: true }), { wrong }),
      new RegExp(`\\b${wrong}\\b.*\\b${right}\\b`),
    )
  })

  it.each([
    ['matches', 'match'],
    ['mach', 'match'],
  ])('in an entry: %s, %s', async (wrong, right) => {
    const messages = await messagesOn(({ wrong }) => ['/first', { [wrong]: '/agent' }], { wrong })
    expectNamed(messages, 'origins[1]', new RegExp(`\\b${wrong}\\b`), new RegExp(`\\b${right}\\b`))
  })

  it('origin in place of origins, which is what it says, too', async () => {
    expectNamed(await messagesOn(() => ({ origin: ['/agent'] })), /\borigin\b/, /\borigins\b/)
  })

  it.each(['xyz', 'headers', '__proto'])('far from all: %s', async (wrong) => {
    expectNamed(
      await messagesOn(({ wrong }) => ({ origins: ['/agent'], [wrong]: 1 }), { wrong }),
      new RegExp(`\\b${wrong}\\b`),
    )
    expectNamed(
      await messagesOn(({ wrong }) => [{ match: '/agent', [wrong]: 1 }], { wrong }),
      new RegExp(`\\b${wrong}\\b`),
    )
  })

  it.each<[name: string, value: unknown]>([
    ['startupTimeout', 100],
    ['annotateResources', false],
    ['debug', true],
    ['origins', ['/a']],
  ])('in an entry, where it does not belong: %s', async (name, value) => {
    const messages = await messagesOn(({ name, value }) => [{ match: '/agent', [name]: value }], { name, value })
    expectNamed(messages, 'origins[0]', name)
  })

  it('but not one that only the prototype has', async () => {
    await page.run(() => {
      Object.assign(Object.prototype, { ofAnotherLibrary: 1 })
    })
    expect(await messagesOn(() => ({ origins: ['/agent', { match: '/b' }], carrier: 'query' }))).toEqual([])
    await page.run(() => Reflect.deleteProperty(Object.prototype, 'ofAnotherLibrary'))
  })

  it('and the others count', async () => {
    const own = await openPage({
      plugin: { origins: ['/agent'], carrier: 'baggage', feild: 'a' } as LlmCorrelationOptions,
    })
    const id = await own.sessionId()
    const pair = await own.sendBoth({ client: 'fetch(string, init)' })
    expectOnly(pair, { headers: { baggage: `session.id=${id}` } })
    await own.close()
  })
})

describe('propagateUser without baggage does nothing, which is said', () => {
  it.each([
    () => ({ origins: ['/agent'], propagateUser: true }),
    () => ({ origins: ['/agent'], carrier: 'query', propagateUser: true }),
    () => ({ origins: ['/agent'], carrier: 'trace-tags', propagateUser: true }),
    () => [{ match: '/agent', propagateUser: true }],
    () => [{ match: '/agent', carrier: 'body', propagateUser: true }],
    () => ({ origins: ['/a', { match: '/agent', carrier: 'query', propagateUser: true }], carrier: 'baggage' }),
    () => ({ origins: [{ match: '/agent', carrier: 'query' }], carrier: 'baggage', propagateUser: true }),
  ])('%s', async (options) => {
    expectNamed(await messagesOn(options), /propagateUser.*baggage/)
  })

  it.each([
    () => ({ origins: ['/agent'], carrier: 'baggage', propagateUser: true }),
    () => ({ origins: [{ match: '/agent', propagateUser: true }], carrier: 'baggage' }),
    () => ({ origins: [{ match: '/agent', carrier: 'baggage' }], propagateUser: true }),
    () => ({ origins: ['/agent'], propagateUser: false }),
    () => ({ origins: ['/agent'], propagateUser: undefined }),
  ])('not of %s', async (options) => {
    expect(await messagesOn(options)).toEqual([])
  })
})

describe('where origins is no list, what it is instead is said', () => {
  it.each<[options: () => unknown, said: RegExp]>([
    [() => 'https://agent.example.com', /https:\/\/agent\.example\.com/],
    [() => ({ origins: 'https://agent.example.com' }), /https:\/\/agent\.example\.com/],
    [() => undefined, /undefined|nothing|missing/],
    [() => null, /null/],
    [() => ({}), /undefined|nothing|missing/],
    [() => ({ origins: null }), /null/],
    [() => ({ origins: 42 }), /42/],
    [() => ({ origins: true }), /true/],
    [() => ({ origins: new Set(['/agent']) }), /Set|object|\{\}/],
    [() => ({ origins: { match: '/agent' } }), /\/agent|object/i],
    [() => ({ origins: /agent/ }), /\/agent\//],
    [() => ({ origins: () => true }), /function|=>/],
    [() => [], /empty|\[\]/],
    [() => ({ origins: [] }), /empty|\[\]/],
  ])('%s', async (options, said) => {
    const messages = await messagesOn(options)
    expectNamed(messages, "'origins' must be a list")
    // What it says besides how to write it.
    const message = messages
      .find((text) => text.includes("'origins' must be a list"))
      ?.replace(/: write an origin.*/s, '')
    expect(message).toMatch(said)
  })
})

describe.each([
  ['is missing', () => Reflect.deleteProperty(window, 'origin')],
  [
    'cannot be read',
    () =>
      Object.defineProperty(window, 'origin', {
        get() {
          throw new Error('on purpose')
        },
      }),
  ],
])('where globalThis.origin %s', (_, before) => {
  it('path entries work', async () => {
    const own = await openPage({ before, plugin: ['/agent', { match: '/other', carrier: 'query' }] })
    const id = await own.sessionId()
    for (const client of CLIENTS) {
      expectOnly(await own.sendBoth({ client }), { query: `session_id=${id}` })
    }
    await own.run(() => fetch('/other/missing-origin', { method: 'POST', body: '{}' }).then((r) => r.text()))
    expect(own.console).toEqual([])
    expect(own.errors).toEqual([])
    await own.close()
  })
})

it('a list that is frozen is taken, and not changed', async () => {
  const own = await openPage({
    plugins: () => [
      DD_LLM_CORRELATION.llmCorrelation(
        Object.freeze({
          origins: Object.freeze(['/agent', Object.freeze({ match: '/other', carrier: 'query' as const })]),
        }),
      ),
    ],
  })
  const id = await own.sessionId()
  expectOnly(await own.sendBoth({ client: 'XHR' }), { query: `session_id=${id}` })
  expect(own.console).toEqual([])
  await own.close()
})
