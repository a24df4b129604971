import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, alone, NATIVE, withoutId } from '../../support/alone.js'
import { skipIn } from '../../support/engines/skipIn.js'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { times, useStage } from '../../support/stage.js'

const stage = useStage()

const ENTRIES: Source = `origins: [${CARRIERS.map((carrier) => `{ match: '/agent/${carrier}', carrier: '${carrier}' }`)}]`
/** What a plugin page has, and the path of the entry that takes its calls. */
const MODES = {
  body: [alone(ENTRIES), '/agent/body'],
  query: [alone(ENTRIES), '/agent/query'],
  baggage: [alone(ENTRIES), '/agent/baggage'],
  'trace-tags': [alone(ENTRIES), '/agent/trace-tags'],
  'debug, without a session': [
    alone("origins: ['/agent'], debug: true", { internalContext: 'undefined' }),
    '/agent/none',
  ],
  'a user id that cannot be encoded': [
    alone("origins: ['/agent'], carrier: 'baggage', propagateUser: true", { user: "{ id: '\\ud800' }" }),
    '/agent/user',
  ],
} satisfies Record<string, [PageDefinition, string]>
type Mode = keyof typeof MODES
const MODE_NAMES = Object.keys(MODES) as Mode[]

/** In the page: values that note when they are read, and what the page's call came to. */
const HELPERS: Source = `
  window.log = []
  window.noted = (name, value) => ({ toString() { log.push(name); return value } })
  // What the browser reads from an init, it says itself.
  window.initMembers = async () => {
    const names = []
    await fetch('/plain', new Proxy({}, { get: (_, name) => void names.push(name) }))
    return names
  }
  window.spy = (target, prefix = '') => new Proxy(target, {
    get(_, name) { log.push(prefix + 'get ' + String(name)); return target[name] },
    ownKeys() { log.push(prefix + 'ownKeys'); return Reflect.ownKeys(target) },
    has(_, name) { log.push(prefix + 'has ' + String(name)); return name in target },
  })
  // The members are getters of the class, and not enumerable.
  window.instance = (members) => {
    class Options {}
    for (const name of INIT_MEMBERS) {
      Object.defineProperty(Options.prototype, name, { get() { log.push(name); return members[name] } })
    }
    return new Options()
  }
  window.xhr = (openArgs, headers, body) => {
    const request = new XMLHttpRequest()
    request.open(...openArgs)
    for (const header of headers) request.setRequestHeader(...header)
    return new Promise((resolve) => {
      request.onloadend = () => resolve(request)
      request.send(body)
      if (openArgs[2] === false) resolve(request)
    })
  }
  window.attempt = async (make) => {
    log.length = 0
    try {
      const { status } = await make()
      return { status, log: log.toSorted() }
    } catch (error) {
      return { refused: error.name, log: log.toSorted() }
    }
  }`

const pages = {} as Record<Mode, TestPage>
let native: TestPage
beforeAll(async () => {
  native = await stage.open(NATIVE)
  await native.evaluate(`${HELPERS}; undefined`)
  const members = await native.evaluate<string[]>('initMembers()')
  await native.evaluate(`window.INIT_MEMBERS = ${JSON.stringify(members)}`)
  for (const mode of MODE_NAMES) {
    pages[mode] = await stage.open(MODES[mode][0])
    await pages[mode].evaluate(`${HELPERS}; window.INIT_MEMBERS = ${JSON.stringify(members)}; undefined`)
  }
})

/** An init with a JSON body. */
const json = (members = ''): Source =>
  `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}', ${members} }`
const headers = (source: Source): Source => `fetch(PATH, ${json(`headers: ${source}`)})`

const CALLS: Record<string, Source> = {
  'an init with nothing but a get trap': `fetch(PATH, new Proxy({}, { get(_, name) { log.push(name); return (${json()})[name] } }))`,
  'an init with a get trap, beside a Request': `fetch(new Request(PATH), new Proxy({}, { get(_, name) { log.push(name); return (${json()})[name] } }))`,
  'an init that is a class instance': `fetch(PATH, instance(${json()}))`,
  'an init whose class has a member that the browser refuses': `fetch(PATH, instance(${json("targetAddressSpace: 'bogus'")}))`,
  'an init with a refused member in a get trap': `fetch(PATH, new Proxy({}, { get: (_, name) => ({ priority: 'bogus' })[name] }))`,
  'an init that is a function': `fetch(PATH, Object.assign(() => {}, ${json()}))`,
  'members with toString': `fetch(PATH, ${json("body: noted('body', '{}'), cache: noted('cache', 'no-store')")})`,
  'headers with getters': headers(
    "{ get 'content-type'() { log.push('type'); return 'application/json' }, get 'x-a'() { log.push('x-a'); return '1' } }",
  ),
  'header values with toString': headers(
    "{ 'content-type': noted('type', 'application/json'), 'x-a': noted('x-a', '1') }",
  ),
  'own baggage with toString': headers(
    "{ baggage: noted('baggage', 'a=1'), 'x-datadog-tags': noted('tags', '_dd.p.dm=-1') }",
  ),
  'headers that are a Proxy': headers("spy({ 'content-type': 'application/json', 'x-a': '1' })"),
  'a list of headers with toString': headers("[[noted('name', 'content-type'), noted('value', 'application/json')]]"),
  'headers from generators': headers(
    "(function* () { log.push('outer'); yield (function* () { log.push('inner'); yield 'x-a'; yield '1' })() })()",
  ),
  'Headers with an iterator of their own': headers(
    "Object.assign(new Headers(), { [Symbol.iterator]: function* () { log.push('iterator'); yield ['x-a', '1'] } })",
  ),
  'XHR headers with toString': `xhr(['POST', PATH], [[noted('name', 'content-type'), noted('value', 'application/json')]], '{"a":1}')`,
  'XHR with its own baggage with toString': `xhr(['POST', PATH], [[noted('name', 'baggage'), noted('value', 'a=1')], ['x-datadog-tags', noted('tags', '_dd.p.dm=-1')]], 'text')`,
  'XHR method with toString': `xhr([noted('method', 'POST'), PATH], [], 'text')`,
  'XHR body with toString': `xhr(['POST', PATH], [], noted('body', 'text'))`,
  'sync XHR with toString': `xhr([noted('method', 'POST'), PATH, false], [[noted('name', 'x-a'), noted('value', '1')]], noted('body', 'text'))`,
}

let count = 0

describe('what the page passes is read as often as the browser alone reads it, and to the same end', () => {
  it.each(times(MODE_NAMES, Object.keys(CALLS)))('with %s: %s', async (mode, name) => {
    if (CALLS[name]?.includes('targetAddressSpace')) {
      skipIn(['firefox', 'webkit'], 'there is no targetAddressSpace that could be wrong')
    }
    const call = async (page: TestPage, path: string) => {
      const source = (CALLS[name] as Source).replaceAll('PATH', `'${path}'`)
      const outcome = await page.evaluate<{ refused?: string }>(`attempt(() => ${source})`)
      return { outcome, sent: outcome.refused ? undefined : withoutId(await stage.site.only(path)) }
    }
    count += 1
    const expected = await call(native, `/native/${count}`)
    expect(expected.outcome).toMatchObject(name.includes('refuse') ? { refused: 'TypeError' } : { status: 200 })
    const { outcome, sent } = await call(pages[mode], `${MODES[mode][1]}/${count}`)
    expect(outcome).toEqual(expected.outcome)
    expect(sent).toEqual(expected.sent && { ...expected.sent, carried: expect.any(Number) })
    if (sent && CARRIERS.includes(mode as never)) {
      expect(sent.carried).toBe(1)
    }
  })
})

/** What the browser gets, seen from a function below the plugin. */
const RECORDED: Source = `
  window.handed = []
  const nativeFetch = window.fetch
  window.fetch = function (...args) {
    handed.push(args)
    return nativeFetch.apply(this, args)
  }`

describe.each(['body', 'query', 'baggage'])('with carrier %s, a Request keeps', (carrier) => {
  it.each<[name: string, init: Source]>([
    [
      'its settings',
      "credentials: 'omit', cache: 'no-store', redirect: 'manual', referrerPolicy: 'origin', mode: 'same-origin'",
    ],
    ['its integrity and referrer', "integrity: 'sha256-x', referrer: '/from'"],
  ])('%s', async (_, settings) => {
    const page = await stage.open({ ...alone(`origins: ['/agent'], carrier: '${carrier}'`), before: RECORDED })
    const path = `/agent/request/${++count}`
    const [expected, actual] = await page.evaluate<unknown[]>(`(async () => {
      const request = new Request('${path}', ${json(settings)})
      const settings = (read) => Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(Request.prototype))
        .filter(([name, { get }]) => get && !['url', 'body', 'bodyUsed', 'duplex'].includes(name))
        .map(([name]) => [name, read(name)])
        .filter(([, value]) => typeof value === 'string' || typeof value === 'boolean'))
      const expected = settings((name) => request[name])
      await fetch(request).catch(() => {})
      const [[input, init]] = handed
      return [expected, settings((name) => init?.[name] ?? input[name])]
    })()`)
    expect(actual).toEqual(expected)
    expect(withoutId(await stage.site.only(path))).toMatchObject({ carried: 1, text: '{"a":1}' })
    await page.close()
  })
})

it('the id of the page is the one that the test looks for', async () => {
  await pages.query.evaluate("fetch('/agent/query/id')")
  expect((await stage.site.only('/agent/query/id')).query).toBe(`session_id=${ALONE_ID}`)
})
