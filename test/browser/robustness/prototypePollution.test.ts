import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, alone, NATIVE, withoutId } from '../../support/alone.js'
import { differences, HOSTILE_HELPERS, namesOfBundle, type Outcome, outcomesOf } from '../../support/hostilePage.js'
import type { Source, TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

const OPTIONS: Source = `origins: [
  { match: '/baggage', carrier: 'baggage' },
  { match: '/tags', carrier: 'trace-tags' },
  '/agent',
]`
const IDS = `getInternalContext: () => ({ session_id: '${ALONE_ID}' }), getUser: () => ({}), getAccount: () => ({})`

/** Members that the browser reads from objects which a caller passes: of RequestInit, listeners, Blobs, decoders, properties. */
const READ_BY_BROWSER = (
  'attributionReporting body browsingTopics cache credentials duplex headers integrity keepalive method mode priority ' +
  'privateToken redirect referrer referrerPolicy signal targetAddressSpace window capture once passive type fatal ' +
  'ignoreBOM stream get set value writable enumerable configurable withCredentials protocols detail bubbles'
).split(' ')

/** A value that a missing member might be taken for, where a text is none. */
const VALUES: Array<[name: string, value: Source]> = [
  ['url', 'location.origin + "/elsewhere"'],
  ['url', 'new URL("/evil", location)'],
  ['body', '"evil"'],
  ['body', 'new Uint8Array(4)'],
  ['headers', '({ "x-evil": "1" })'],
  ['headers', 'new Headers({ "x-evil": "1" })'],
  ['method', '"PUT"'],
  ['mode', '"no-cors"'],
  ['mode', '"same-origin"'],
  ['credentials', '"omit"'],
  ['redirect', '"error"'],
  ['referrerPolicy', '"no-referrer"'],
  ['keepalive', 'true'],
  ['signal', 'AbortSignal.abort()'],
  ['signal', 'new AbortController().signal'],
  ['present', 'null'],
  ['locked', '"evil"'],
  ['headerless', '"query"'],
  ['headerless', '"body"'],
  ['isPartial', 'true'],
  ['pending', '1'],
  ['reason', '"evil"'],
  ['depth', '-1'],
  ['bodyType', '"application/json"'],
  ['carrier', '"query"'],
  ['changes', '({ url: "/evil" })'],
  ['changed', '"/evil"'],
  ['warning', '"evil"'],
  ['path', '["evil"]'],
  ['baggage', 'true'],
  ['traceIds', 'true'],
  ['jsonrpc', '"2.0"'],
  ['session_id', '"evil"'],
  ['annotation', '({ carrier: "evil" })'],
  ['0', '"evil"'],
  ['1', '"evil"'],
  ['at', '0'],
]

/** In the page: makes the calls while every object without members of these names inherits them. */
const POLLUTE: Source = `
  window.polluted = (() => {
    const { prototype } = Object
    return async (names, value, prefix, enumerable, start) => {
      const make = prepareCalls()
      let plugin
      for (const name of names) {
        Object.defineProperty(prototype, name, { __proto__: null, value, enumerable, writable: true, configurable: true })
      }
      try {
        plugin = start && start()
        return await make(prefix)
      } finally {
        for (const name of names) delete prototype[name]
        plugin?.stop()
      }
    }
  })()
  undefined`

let native: TestPage
let baseline: Record<string, Outcome>
let served: TestPage
let bare: TestPage
let count = 0

beforeAll(async () => {
  native = await stage.open(NATIVE)
  served = await stage.open(alone(OPTIONS))
  bare = await stage.open({ rum: false })
  for (const page of [native, served, bare]) {
    await page.evaluate(HOSTILE_HELPERS)
    await page.evaluate(POLLUTE)
  }
  baseline = await outcomesOf(stage.site, native, '/native', `prepareCalls()('/native')`)
})

interface Setting {
  page: TestPage
  /** Makes the plugin of the page, while the members are inherited. */
  start?: Source
  path?: '/agent' | '/plain'
  enumerable?: boolean
}

/** What differs from what the browser alone does with the same members on every object, and which calls have no id. */
async function faultsOf(
  names: string[],
  value: Source,
  { page, start, path = '/agent', enumerable = true }: Setting,
): Promise<string[]> {
  const run = (page: TestPage, prefix: string, start?: Source) => {
    stage.site.requests.length = 0
    const script = `polluted(${JSON.stringify(names)}, ${value}, '${prefix}', ${enumerable}, ${start})`
    return outcomesOf(stage.site, page, prefix, script)
  }
  count += 1
  const expected = await run(native, `/native/${count}`)
  const actual = await run(page, `${path}/${count}`, start)
  // Whether a call that is another one natively can take the id is not the matter here.
  const unchanged = Object.keys(baseline).filter((call) => isDeepStrictEqual(expected[call], baseline[call]))
  const idsOf = (call: string) => (path === '/agent' || call.startsWith('fetch with') ? 1 : 0)
  // A call that is keepalive for the browser, too, cannot wait for the body of a Request.
  const isReadable = (call: string) => !(names.includes('keepalive') && call === 'fetch of a Request')
  const wrong = unchanged.filter((call) => isReadable(call) && actual[call]?.carried !== idsOf(call))
  return [...differences(expected, actual), ...wrong.map((call) => `${call}: the id ${actual[call]?.carried} times`)]
}

/** Every destructuring of an array reads it: no page that inherits a text for it works. */
const READ_BY_LANGUAGE = ['return']
/** The names of all members in the bundle, in parts: a part that fails names those that are at fault. */
const names = namesOfBundle().filter(
  (name) => !(name in Object.prototype) && !READ_BY_BROWSER.includes(name) && !READ_BY_LANGUAGE.includes(name),
)
const parts = Array.from({ length: Math.ceil(names.length / 60) }, (_, part) => names.slice(part * 60, (part + 1) * 60))

describe('a member that every object inherits changes no call and no way of the id', () => {
  describe.each([
    ['', true],
    [', not enumerable', false],
  ])('%s', (_, enumerable) => {
    it.each(VALUES)("'%s', being %s", async (name, value) => {
      expect(await faultsOf([name], value, { page: served, enumerable })).toEqual([])
    })

    it.each(READ_BY_BROWSER)("'%s', being a text, which the browser reads", async (name) => {
      expect(await faultsOf([name], '"/evil"', { page: served, enumerable })).toEqual([])
    })
  })

  it.each(parts.map((part) => ({ part, from: part[0], to: part[part.length - 1] })))(
    'one from $from to $to, being a text',
    async ({ part }) => {
      const faults: Record<string, string[]> = {}
      for (const name of (await faultsOf(part, '"/evil"', { page: served })).length > 0 ? part : []) {
        const found = await faultsOf([name], '"/evil"', { page: served })
        if (found.length > 0) {
          faults[name] = found
        }
      }
      expect(faults).toEqual({})
    },
  )

  it.each(['url', 'body', 'headers', 'present', 'locked', 'method', 'signal'])(
    "'%s', for calls that no entry takes",
    async (name) => {
      const faults = await faultsOf([name], '"/evil"', { page: served, path: '/plain' })
      expect(faults.filter((fault) => !fault.startsWith('fetch with'))).toEqual([])
    },
  )
})

// To the browser, a call without an init has none that inherits.
describe.each([true, false])(
  'what every object inherits, enumerable: %s, is nothing to a Request passed alone',
  (enumerable) => {
    it.each(VALUES.filter(([name]) => READ_BY_BROWSER.includes(name)))("'%s', being %s", async (name, value) => {
      count += 1
      const [expected, actual] = await Promise.all(
        [native, served].map(async (page, index) => {
          const path = `/${index ? 'agent' : 'native'}/alone/${count}`
          await page.evaluate(`(async () => {
          const request = new Request('${path}', { method: 'POST', headers: { 'content-type': 'application/json', 'x-own': '1' }, body: '{"a":1}' })
          const value = ${value}
          let answered
          try {
            Object.defineProperty(Object.prototype, '${name}', { value, enumerable: ${enumerable}, writable: true, configurable: true })
            answered = fetch(request)
          } finally {
            delete Object.prototype.${name}
          }
          await answered
        })()`)
          return withoutId(await stage.site.only(path))
        }),
      )
      expect(actual).toEqual({ ...expected, carried: 1 })
    })
  },
)

it.each(VALUES)("'%s', being %s, that every object inherits before init changes no call", async (name, value) => {
  const start = `() => {
    const plugin = DD_LLM_CORRELATION.llmCorrelation({ ${OPTIONS} })
    plugin.onInit({ initConfiguration: {}, publicApi: { ${IDS} } })
    plugin.onRumStart()
    return plugin
  }`
  const faults = await faultsOf([name], value, { page: bare, start })
  // What the page's own options inherit may well count as theirs.
  expect(faults.filter((fault) => !fault.endsWith('the id 0 times'))).toEqual([])
})
