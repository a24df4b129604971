import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page, type PageOptions, STUB_SESSION_ID } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'
import { type ReadCall, readTools } from './readTools.js'

/** Pages whose plugin goes each of its ways, and the path of the entry that takes their calls. */
const MODES = {
  body: [{ plugin: { origins: ENTRIES } }, '/agent/body'],
  query: [{ plugin: { origins: ENTRIES } }, '/agent/query'],
  baggage: [{ plugin: { origins: ENTRIES } }, '/agent/baggage'],
  'trace-tags': [{ plugin: { origins: ENTRIES } }, '/agent/trace-tags'],
  'debug, without a session': [
    { sdk: { context: () => undefined }, plugin: { origins: ['/agent'], debug: true } },
    '/agent/none',
  ],
  'a user id that cannot be encoded': [
    { sdk: { user: { id: '\ud800' } }, plugin: { origins: ['/agent'], carrier: 'baggage', propagateUser: true } },
    '/agent/user',
  ],
} satisfies Record<string, [PageOptions, string]>
type Mode = keyof typeof MODES
const MODE_NAMES = Object.keys(MODES) as Mode[]

const pages = {} as Record<Mode, Page>
let native: TestPage
/** The members of an init that the browser reads, as it says itself. */
let initMembers: string[]
beforeAll(async () => {
  for (const mode of MODE_NAMES) {
    pages[mode] = await openPage({ sdk: 'stub', ...MODES[mode][0] })
  }
  native = await pages.body.twin()
  initMembers = await native.run(async () => {
    const names: string[] = []
    const noteName = (_: object, name: string | symbol) => void names.push(String(name))
    await fetch('/plain', new Proxy({}, { get: noteName }))
    return names
  })
})
afterAll(() => Promise.all(Object.values(pages).map((page) => page.close())))

/** Calls with values that note when they are read. */
const CALLS: Record<string, ReadCall> = {
  'an init with nothing but a get trap': ({ path, json, trapped }) => fetch(path, trapped(json)),
  'an init with a get trap, beside a Request': ({ path, json, trapped }) => fetch(new Request(path), trapped(json)),
  'an init that is a class instance': ({ path, json, instance }) => fetch(path, instance(json)),
  'an init whose class has a member that the browser refuses': ({ path, json, instance }) =>
    fetch(path, instance({ ...json, targetAddressSpace: 'bogus' })),
  'an init with a refused member in a get trap': ({ path }) =>
    fetch(path, new Proxy({}, { get: (_, name) => (name === 'priority' ? 'bogus' : undefined) })),
  'an init that is a function': ({ path, json }) =>
    fetch(
      path,
      Object.assign(() => {}, json),
    ),
  'members with toString': ({ path, json, noted }) =>
    fetch(path, { ...json, body: noted('body', '{}'), cache: noted('cache', 'no-store') }),
  'headers with getters': ({ path, json, log }) =>
    fetch(path, {
      ...json,
      headers: {
        get 'content-type'() {
          log.push('type')
          return 'application/json'
        },
        get 'x-a'() {
          log.push('x-a')
          return '1'
        },
      },
    }),
  'header values with toString': ({ path, json, noted }) =>
    fetch(path, { ...json, headers: { 'content-type': noted('type', 'application/json'), 'x-a': noted('x-a', '1') } }),
  'own baggage with toString': ({ path, json, noted }) =>
    fetch(path, {
      ...json,
      headers: { baggage: noted('baggage', 'a=1'), 'x-datadog-tags': noted('tags', '_dd.p.dm=-1') },
    }),
  'headers that are a Proxy': ({ path, json, spy }) =>
    fetch(path, { ...json, headers: spy({ 'content-type': 'application/json', 'x-a': '1' }) }),
  'a list of headers with toString': ({ path, json, noted }) =>
    fetch(path, { ...json, headers: [[noted('name', 'content-type'), noted('value', 'application/json')]] }),
  'headers from generators': ({ path, json, log }) => {
    const inner = function* () {
      log.push('inner')
      yield 'x-a'
      yield '1'
    }
    const outer = function* () {
      log.push('outer')
      yield inner()
    }
    return fetch(path, { ...json, headers: outer() as unknown as HeadersInit })
  },
  'Headers with an iterator of their own': ({ path, json, log }) => {
    const iterator = function* () {
      log.push('iterator')
      yield ['x-a', '1'] as [string, string]
    }
    return fetch(path, { ...json, headers: Object.assign(new Headers(), { [Symbol.iterator]: iterator }) })
  },
  'XHR headers with toString': ({ path, noted, xhr }) =>
    xhr(['POST', path], [[noted('name', 'content-type'), noted('value', 'application/json')]], '{"a":1}'),
  'XHR with its own baggage with toString': ({ path, noted, xhr }) => {
    const tags = ['x-datadog-tags', noted('tags', '_dd.p.dm=-1')]
    return xhr(['POST', path], [[noted('name', 'baggage'), noted('value', 'a=1')], tags], 'text')
  },
  'XHR method with toString': ({ path, noted, xhr }) => xhr([noted('method', 'POST'), path], [], 'text'),
  'XHR body with toString': ({ path, noted, xhr }) => xhr(['POST', path], [], noted('body', 'text')),
  'sync XHR with toString': ({ path, noted, xhr }) =>
    xhr([noted('method', 'POST'), path, false], [[noted('name', 'x-a'), noted('value', '1')]], noted('body', 'text')),
}

let count = 0

describe('what the page passes is read as often as the browser alone reads it, and to the same end', () => {
  it.each(times(MODE_NAMES, Object.keys(CALLS)))('with %s: %s', async (mode, name) => {
    if (name.includes('class has a member')) {
      skipIn(['firefox', 'webkit'], 'there is no targetAddressSpace that could be wrong')
    }
    const call = CALLS[name] as ReadCall
    const attempt = async (page: TestPage, path: string) => {
      const outcome = await page.run(
        async ({ call, readTools, path, initMembers }) => {
          const { log, ...tools } = readTools(initMembers)
          try {
            const { status } = await call({ path, log, ...tools })
            return { status, log: log.sort() }
          } catch (error) {
            return { refused: (error as Error).name, log: log.sort() }
          }
        },
        { call, readTools, path, initMembers },
      )
      return { outcome, sent: 'refused' in outcome ? undefined : withoutId(await servers.site.only(path)) }
    }
    count += 1
    const expected = await attempt(native, `/native/${count}`)
    expect(expected.outcome).toMatchObject(name.includes('refuse') ? { refused: 'TypeError' } : { status: 200 })
    const { outcome, sent } = await attempt(pages[mode], `${MODES[mode][1]}/${count}`)
    expect(outcome).toEqual(expected.outcome)
    expect(sent).toEqual(expected.sent && { ...expected.sent, carried: expect.any(Number) })
    if (sent && CARRIERS.includes(mode as never)) {
      expect(sent.carried).toBe(1)
    }
  })
})

it('the id of the page is the one that the test looks for', async () => {
  await pages.query.run(() => fetch('/agent/query/id').then(({ status }) => status))
  expect((await servers.site.only('/agent/query/id')).query).toBe(`session_id=${STUB_SESSION_ID}`)
})

describe.each(['body', 'query', 'baggage'] as const)('with carrier %s, a Request keeps', (carrier) => {
  it.each<[name: string, settings: RequestInit]>([
    [
      'its settings',
      {
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'manual',
        referrerPolicy: 'origin',
        mode: 'same-origin',
      },
    ],
    ['its integrity and referrer', { integrity: 'sha256-x', referrer: '/from' }],
  ])('%s', async (_, settings) => {
    const page = await openPage({
      sdk: 'stub',
      plugin: { origins: ['/agent'], carrier },
      // What the browser gets, seen from a function below the plugin.
      before: () => {
        window.noted = []
        const nativeFetch = window.fetch
        window.fetch = function (...args) {
          window.noted.push(args)
          return nativeFetch.apply(this, args)
        }
      },
    })
    const path = `/agent/request/${++count}`
    const [expected, actual] = await page.run(
      async ({ path, settings }) => {
        const headers = { 'content-type': 'application/json' }
        const request = new Request(path, { method: 'POST', headers, body: '{"a":1}', ...settings })
        const getters = Object.entries(Object.getOwnPropertyDescriptors(Request.prototype)).filter(([, { get }]) => get)
        const read = (valueUnder: (name: string) => unknown) => {
          const members = getters
            .filter(([name]) => !['url', 'body', 'bodyUsed', 'duplex'].includes(name))
            .map(([name]) => [name, valueUnder(name)] as const)
          return Object.fromEntries(members.filter(([, value]) => ['string', 'boolean'].includes(typeof value)))
        }
        const expected = read((name) => Reflect.get(request, name))
        await fetch(request).catch(() => {})
        const [input, init] = noted[0] as [input: object, init?: object]
        const actual = read((name) => (init && Reflect.get(init, name)) ?? Reflect.get(input, name))
        return [expected, actual]
      },
      { path, settings },
    )
    expect(actual).toEqual(expected)
    expect(withoutId(await servers.site.only(path))).toMatchObject({ carried: 1, text: '{"a":1}' })
    await page.close()
  })
})
