import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, alone, NATIVE } from '../../support/alone.js'
import { differences, HOSTILE_HELPERS, namesOfBundle, type Outcome, outcomesOf } from '../../support/hostilePage.js'
import type { Source, TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

const OPTIONS: Source = `origins: [
  { match: '/baggage', carrier: 'baggage' },
  { match: '/tags', carrier: 'trace-tags' },
  '/agent',
]`
/** What is called in place of what the page replaces would not be the page's own. */
const TRANSPORTS = ['fetch', 'XMLHttpRequest', 'EventSource', 'WebSocket', 'navigator']

/** In the page: puts a value in the place of a global, as `var` and assignments do, and returns what undoes that. */
const REPLACE: Source = `
  window.replaceGlobal = (() => {
    const { getOwnPropertyDescriptor, defineProperty } = Object
    const { deleteProperty } = Reflect
    const page = window
    return (name, value) => {
      const before = getOwnPropertyDescriptor(page, name)
      defineProperty(page, name, { value, writable: true, configurable: true, enumerable: true })
      return () => before ? defineProperty(page, name, before) : deleteProperty(page, name)
    }
  })()
  // Which of the names are globals that a page can replace.
  window.replaceable = (names) => names.filter((name) =>
    name in window && (Object.getOwnPropertyDescriptor(window, name)?.configurable ?? true))
  undefined`

const VALUES: Record<string, Source> = {
  'a string': `'/x'`,
  'a function that throws': `() => { throw new Error('on purpose') }`,
  nothing: 'undefined',
}
/** For a global of that name; a page may bring its own of an old library. */
const LOOKALIKES: Array<[name: string, value: Source]> = [
  // Only `then`, as old polyfills have it.
  [
    'Promise',
    '(() => { const P = Promise; return function (run) { const promise = new P(run); this.then = (...both) => promise.then(...both) } })()',
  ],
  ['Promise', '(() => { const P = Promise; return class extends P { then() { throw new Error() } } })()'],
  [
    'URL',
    '(() => { const U = URL; return class extends U { get origin() { return "http://127.0.0.1:9" } get href() { return "http://127.0.0.1:9/" } } })()',
  ],
  ['Request', '(() => { const R = Request; return class extends R { constructor() { super("/x") } } })()'],
  ['Headers', 'class { }'],
  ['Reflect', '({})'],
  ['Symbol', '({})'],
  ['JSON', '({ parse: () => ({ session_id: 1 }), stringify: () => "evil" })'],
  ['Map', 'class { get() { return "/x" } has() { return true } set() {} }'],
  ['Uint8Array', 'class { constructor() { return [] } }'],
]

/** When the page replaces it: below a plugin that serves its calls; before `init`; or so that calls wait with it replaced. */
const WHEN = ['after init', 'between load and init', 'before init, with calls that wait'] as const
type When = (typeof WHEN)[number]

const pages = {} as Record<When, TestPage>
let baseline: Record<string, Outcome>
let globals: string[]
let count = 0

beforeAll(async () => {
  const native = await stage.open(NATIVE)
  pages['after init'] = await stage.open(alone(OPTIONS))
  pages['between load and init'] = await stage.open({ rum: false })
  pages['before init, with calls that wait'] = pages['between load and init']
  for (const page of new Set([native, ...Object.values(pages)])) {
    await page.evaluate(HOSTILE_HELPERS)
    await page.evaluate(REPLACE)
  }
  const names = [...namesOfBundle(), 'queueMicrotask', 'structuredClone', 'AbortController', 'AbortSignal', 'self']
  const found = await native.evaluate<string[]>(`replaceable(${JSON.stringify(names)})`)
  globals = found.filter((name) => !TRANSPORTS.includes(name))
  expect(globals).toEqual(expect.arrayContaining(['URL', 'Reflect', 'Request', 'Promise', 'Object', 'origin', 'JSON']))
  baseline = await outcomesOf(stage.site, native, '/native', `prepareCalls()('/native')`)
})

/** Replaces the global, makes the calls, and puts the global back. */
function callsWith(when: When, prefix: string, name: string, value: Source) {
  const start = `
    plugin = DD_LLM_CORRELATION.llmCorrelation({ ${OPTIONS} })
    plugin.onInit({ initConfiguration: {}, publicApi: { getInternalContext: () => session, getUser: () => ({}), getAccount: () => ({}) } })
    ${when === 'before init, with calls that wait' ? `calls = make('${prefix}')` : ''}
    session = { session_id: '${ALONE_ID}' }
    plugin.onRumStart()`
  stage.site.requests.length = 0
  return outcomesOf(
    stage.site,
    pages[when],
    prefix,
    `(async () => {
      let plugin, session, calls
      const value = ${value}
      const make = prepareCalls()
      const restore = replaceGlobal('${name}', value)
      try {
        let failure
        try {
          ${when === 'after init' ? '' : start}
        } catch (error) {
          failure = error
        }
        calls ??= make('${prefix}')
        return { ...(await calls), ...(failure && { init: 'throws ' + failure }) }
      } finally {
        restore()
        plugin?.stop()
      }
    })()`,
  )
}

/** Only a fetch waits; what does not has no id while RUM starts. */
const isToCarry = (when: When) => (call: string) =>
  when !== 'before init, with calls that wait' || call.startsWith('fetch')

describe.each(WHEN)('what the page puts in the place of a global %s', (when) => {
  it.each(Object.keys(VALUES))(
    '%s: no call differs from those of the browser alone, and each has its id',
    async (kind) => {
      const [differing, bare] = [new Map<string, string[]>(), new Map<string, string[]>()]
      for (const name of globals) {
        const outcomes = await callsWith(when, `/agent/${++count}`, name, VALUES[kind] as Source)
        differing.set(name, differences(baseline, outcomes))
        bare.set(
          name,
          Object.keys(outcomes).filter((call) => isToCarry(when)(call) && outcomes[call]?.carried !== 1),
        )
      }
      expect.soft(found(differing), 'calls that differ').toEqual({})
      expect.soft(found(bare), 'calls without the id').toEqual({})
    },
    120_000,
  )

  it.each(LOOKALIKES)('%s of its own: no call differs, and each has its id', async (name, value) => {
    const outcomes = await callsWith(when, `/agent/${++count}`, name, value)
    expect(differences(baseline, outcomes)).toEqual([])
    expect(Object.keys(outcomes).filter((call) => isToCarry(when)(call) && outcomes[call]?.carried !== 1)).toEqual([])
  })
})

it.each(Object.keys(VALUES))(
  'no call that no entry takes differs when a global is replaced by %s',
  async (kind) => {
    const differing = new Map<string, string[]>()
    const plainOf = (outcomes: Record<string, Outcome>) =>
      Object.fromEntries(Object.entries(outcomes).filter(([call]) => !call.startsWith('fetch with')))
    for (const name of globals) {
      const outcomes = plainOf(await callsWith('after init', `/plain/${++count}`, name, VALUES[kind] as Source))
      const carried = Object.keys(outcomes).filter((call) => outcomes[call]?.carried)
      differing.set(name, [...differences(plainOf(baseline), outcomes), ...carried.map((call) => `${call} has the id`)])
    }
    expect(found(differing)).toEqual({})
  },
  120_000,
)

const found = (all: Map<string, string[]>) => Object.fromEntries([...all].filter(([, list]) => list.length > 0))
