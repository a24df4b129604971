import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences, namesOfBundle, type Outcome } from '../../support/hostilePage.js'
import { servers } from '../../support/servers.js'
import { withoutId } from '../../support/withoutId.js'
import {
  type HostilePages,
  haveInherited,
  type MakeValue,
  openHostilePages,
  replaceGlobal,
  WHEN,
  type When,
} from './hostileBuiltIns.js'
import { INHERITED, LOOKALIKES, READ_BY_BROWSER, READ_BY_LANGUAGE, REPLACEMENTS } from './hostileValues.js'

// A page may replace its globals, and may put members on `Object.prototype`. Neither changes a call, nor who gets the id.

let pages: HostilePages
beforeAll(async () => {
  pages = await openHostilePages()
})
afterAll(() => pages?.close())

/** A value as the name of a test has it. */
const shown = (value: MakeValue) => String(value).replace(/^\(\) => /, '')

describe('a global that the page replaces', () => {
  /** What is called in place of what the page replaces would not be the page's own. */
  const TRANSPORTS = ['fetch', 'XMLHttpRequest', 'EventSource', 'WebSocket', 'navigator']
  let globals: string[]
  beforeAll(async () => {
    const names = [...namesOfBundle(), 'queueMicrotask', 'structuredClone', 'AbortController', 'AbortSignal', 'self']
    const isReplaceable = (names: string[]) =>
      names.filter((name) => name in window && (Object.getOwnPropertyDescriptor(window, name)?.configurable ?? true))
    const found = await pages.native.run(isReplaceable, names)
    globals = found.filter((name) => !TRANSPORTS.includes(name))
    expect(globals).toEqual(
      expect.arrayContaining(['URL', 'Reflect', 'Request', 'Promise', 'Object', 'origin', 'JSON']),
    )
  })

  const callsWith = (when: When, name: string, value: MakeValue, path?: string) =>
    pages.outcomesWith(replaceGlobal, { name, value }, when, path)

  /** Only a fetch waits; what does not has no id while RUM starts. */
  const withoutTheId = (when: When, outcomes: Record<string, Outcome>) =>
    Object.keys(outcomes).filter(
      (call) =>
        (when !== 'before init, with calls that wait' || call.startsWith('fetch')) && outcomes[call]?.carried !== 1,
    )

  const found = (all: Map<string, string[]>) => Object.fromEntries([...all].filter(([, list]) => list.length > 0))

  describe.each(WHEN)('%s', (when) => {
    it.each(REPLACEMENTS)(
      'by %s: no call differs from those of the browser alone, and each has its id',
      async (_, value) => {
        const [differing, bare] = [new Map<string, string[]>(), new Map<string, string[]>()]
        for (const name of globals) {
          const outcomes = await callsWith(when, name, value)
          differing.set(name, differences(pages.baseline, outcomes))
          bare.set(name, withoutTheId(when, outcomes))
        }
        expect.soft(found(differing), 'calls that differ').toEqual({})
        expect.soft(found(bare), 'calls without the id').toEqual({})
      },
      120_000,
    )

    it.each(LOOKALIKES)('%s by one of its own (%#): no call differs, and each has its id', async (name, value) => {
      const outcomes = await callsWith(when, name, value)
      expect(differences(pages.baseline, outcomes)).toEqual([])
      expect(withoutTheId(when, outcomes)).toEqual([])
    })
  })

  it.each(REPLACEMENTS)(
    'by %s: no call that no entry takes differs',
    async (_, value) => {
      const differing = new Map<string, string[]>()
      const plainOf = (outcomes: Record<string, Outcome>) =>
        Object.fromEntries(Object.entries(outcomes).filter(([call]) => !call.startsWith('fetch with')))
      for (const name of globals) {
        const outcomes = plainOf(await callsWith('after init', name, value, '/plain'))
        const carried = Object.keys(outcomes).filter((call) => outcomes[call]?.carried)
        const differ = differences(plainOf(pages.baseline), outcomes)
        differing.set(name, [...differ, ...carried.map((call) => `${call} has the id`)])
      }
      expect(found(differing)).toEqual({})
    },
    120_000,
  )
})

describe('a member that every object inherits', () => {
  const VALUES = INHERITED.map(([name, value]) => [name, shown(value), value] as const)
  const aText = () => '/evil'

  interface Setting {
    when?: When
    path?: '/agent' | '/plain'
    enumerable?: boolean
  }

  /** What differs from what the browser alone does with the same members on every object, and which calls have no id. */
  async function faultsOf(names: string[], value: MakeValue, setting: Setting = {}): Promise<string[]> {
    const { when = 'after init', path = '/agent', enumerable = true } = setting
    const args = { names, value, enumerable }
    const expected = await pages.outcomesWith(haveInherited, args, 'without the plugin', '/native')
    const actual = await pages.outcomesWith(haveInherited, args, when, path)
    // Whether a call that is another one natively can take the id is not the matter here.
    const { baseline } = pages
    const unchanged = Object.keys(baseline).filter((call) => isDeepStrictEqual(expected[call], baseline[call]))
    const idsOf = (call: string) => (path === '/agent' || call.startsWith('fetch with') ? 1 : 0)
    // A call that is keepalive for the browser, too, cannot wait for the body of a Request.
    const isReadable = (call: string) => !(names.includes('keepalive') && call === 'fetch of a Request')
    const wrong = unchanged.filter((call) => isReadable(call) && actual[call]?.carried !== idsOf(call))
    return [...differences(expected, actual), ...wrong.map((call) => `${call}: the id ${actual[call]?.carried} times`)]
  }

  describe.each([true, false])('enumerable: %s, changes no call and no way of the id', (enumerable) => {
    it.each(VALUES)("'%s', being %s", async (name, _, value) => {
      expect(await faultsOf([name], value, { enumerable })).toEqual([])
    })

    it.each(READ_BY_BROWSER)("'%s', being a text, which the browser reads", async (name) => {
      expect(await faultsOf([name], aText, { enumerable })).toEqual([])
    })
  })

  /** The names of all members in the bundle, in parts: a part that fails names those that are at fault. */
  const names = namesOfBundle().filter(
    (name) => !(name in Object.prototype) && ![...READ_BY_BROWSER, ...READ_BY_LANGUAGE].includes(name),
  )
  const parts = Array.from({ length: Math.ceil(names.length / 60) }, (_, at) => names.slice(at * 60, (at + 1) * 60))

  it.each(parts.map((part) => ({ part, from: part[0], to: part.at(-1) })))(
    'one from $from to $to, being a text, changes no call and no way of the id',
    async ({ part }) => {
      const faults: Record<string, string[]> = {}
      for (const name of (await faultsOf(part, aText)).length > 0 ? part : []) {
        const found = await faultsOf([name], aText)
        if (found.length > 0) {
          faults[name] = found
        }
      }
      expect(faults).toEqual({})
    },
  )

  it.each(['url', 'body', 'headers', 'present', 'locked', 'method', 'signal'])(
    "'%s' changes no call that no entry takes",
    async (name) => {
      const faults = await faultsOf([name], aText, { path: '/plain' })
      expect(faults.filter((fault) => !fault.startsWith('fetch with'))).toEqual([])
    },
  )

  // To the browser, a call without an init has none that inherits.
  describe.each([true, false])('enumerable: %s, is nothing to a Request passed alone', (enumerable) => {
    it.each(VALUES.filter(([name]) => READ_BY_BROWSER.includes(name)))("'%s', being %s", async (name, _, value) => {
      const sent = async (page: HostilePages['native'], path: string) => {
        servers.site.requests.length = 0
        await page.run(
          async ({ path, change, args }) => {
            const headers = { 'content-type': 'application/json', 'x-own': '1' }
            const request = new Request(path, { method: 'POST', headers, body: '{"a":1}' })
            const undo = change(args)
            let answered: Promise<Response>
            try {
              answered = fetch(request)
            } finally {
              undo()
            }
            await answered
          },
          { path, change: haveInherited, args: { names: [name], value, enumerable } },
        )
        return withoutId(await servers.site.only(path))
      }
      const expected = await sent(pages.native, '/native/alone')
      expect(await sent(pages.served, '/agent/alone')).toEqual({ ...expected, carried: 1 })
    })
  })

  it.each(VALUES)("'%s', being %s, before init changes no call", async (name, _, value) => {
    const faults = await faultsOf([name], value, { when: 'between load and init' })
    // What the page's own options inherit may well count as theirs.
    expect(faults.filter((fault) => !fault.endsWith('the id 0 times'))).toEqual([])
  })
})
