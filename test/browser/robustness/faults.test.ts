import { beforeAll, expect, it } from 'vitest'
import { differences, type Outcome, outcomesOf, prepareCalls, type Results } from '../../support/hostilePage.js'
import { runInFrame } from '../../support/inFrame.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { buildWithSteps } from '../../support/steps.js'

// Each function that a module of the page's half exports, and each native function that it uses, throws in turn. The page's
// calls go out once all the same, as the page made them.

const BUNDLE = 'test/browser/.cache/steps.iife.js'

/** What must not throw, and why nothing can make it good. */
const EXEMPT: Record<string, string> = {
  'Reflect.apply': "it is the page's call itself",
  'Reflect.construct': "it is the page's call itself",
  'browser/transports/fetch/apply: applyChanges': 'it gives the call back when something else has failed',
  'browser/transports/fetch/request: rebuild': 'it gives the call back, too',
  'browser/transports/fetch/init: hasMembers': 'it gives the call back, too',
  'browser/transports/fetch/init: othersOf': 'it gives the call back, too',
  clearInterval: 'it ends the wait for RUM',
  'new Promise': 'it gives a call back that has waited',
  'new Uint8Array': 'it gives a Request back whose body was read',
}

/** When a fault begins: before the plugin is made, before the calls, at the second time that a call comes to it. */
const MODES = ['from the start', 'from the calls on', 'the second time'] as const
type Mode = (typeof MODES)[number]
interface Fault {
  step: string
  mode: Mode
}

/** How a page with the plugin is, or the page as it is without it. */
const SETTINGS = ['a session', 'a session that comes later, and debug'] as const
type Setting = (typeof SETTINGS)[number] | 'no plugin'

interface Run {
  prefix: string
  setting: Setting
  fault?: Fault
  /** What the page has broken before. */
  breaking?: () => unknown
}

/** In a frame: starts the plugin, makes all calls, and gives what they came to, and which steps were taken. */
async function makeCalls(run: Run & { prepare: typeof prepareCalls }) {
  const page = window as unknown as { __steps?: Record<string, number>; __fault?: string; __from?: number }
  const failures: string[] = []
  addEventListener('error', ({ message }) => failures.push(message))
  addEventListener('unhandledrejection', ({ reason }) => failures.push(String(reason)))
  const calls = run.prepare()
  run.breaking?.()
  const isLate = run.setting !== 'a session'
  let isStarted = !isLate
  const { step, mode } = run.fault ?? {}
  if (step && mode === 'from the start') page.__fault = step

  const tryTo = (act: () => void) => {
    try {
      act()
    } catch (error) {
      failures.push(String(error))
    }
  }
  let plugin: { onInit(argument: unknown): void; onRumStart(): void } | undefined
  if (run.setting !== 'no plugin') {
    try {
      plugin = DD_LLM_CORRELATION.llmCorrelation({
        origins: [
          { match: '/agent', carrier: 'body' },
          { match: '/query', carrier: 'query' },
          { match: '/baggage', carrier: 'baggage', propagateUser: true },
          { match: '/tags', carrier: 'trace-tags' },
        ],
        ...(isLate ? { debug: true, startupTimeout: 300 } : {}),
      }) as never
    } catch {
      // Whoever makes a plugin hears of it. There is none then.
    }
    const session = { session_id: '5f0c1c5e-8f6a-4d0a-9c59-3a4e5b6c7d8e' }
    tryTo(() =>
      plugin?.onInit({
        initConfiguration: { allowedTracingUrls: ['https://elsewhere.test'], proxy: () => '/rum-intake' },
        publicApi: {
          getInternalContext: () => (isStarted ? session : undefined),
          getUser: () => ({}),
          getAccount: () => ({}),
        },
      }),
    )
    if (!isLate) tryTo(() => plugin?.onRumStart())
  }
  const ofStart = Object.keys(page.__steps ?? {})
  page.__steps = {}
  if (mode === 'the second time') page.__from = 2
  if (step && mode !== 'from the start') page.__fault = step
  const results = calls(run.prefix)
  if (isLate) {
    isStarted = true
    tryTo(() => plugin?.onRumStart())
  }
  const { ...all } = await results
  return { results: { ...all, failures: failures.join() } as Results, ofStart, ofCalls: Object.keys(page.__steps) }
}

let native: Record<string, Outcome>
let frameUrl = ''
let nativeUrl = ''
let runs = 0

beforeAll(async () => {
  await buildWithSteps(BUNDLE)
  nativeUrl = await servers.site.add({ rum: false, plugin: false })
  frameUrl = await servers.site.add({ rum: false, plugin: `/files/${BUNDLE}` })
  const page = await openPage({ sdk: 'none', plugin: false })
  native = (await outcomesIn(page, { setting: 'no plugin' })).outcomes
  await page.close()
})

/** What the calls of a frame came to, and which of them arrived twice. */
async function outcomesIn(page: Page, run: Omit<Run, 'prefix'>) {
  const prefix = `/agent/${++runs}`
  const url = run.setting === 'no plugin' ? nativeUrl : frameUrl
  const { results, ...steps } = await runInFrame(page, url, makeCalls, { ...run, prefix, prepare: prepareCalls })
  const outcomes = await outcomesOf(servers.site, prefix, results)
  const paths = servers.site.requests.map(({ path }) => path).filter((path) => path.includes(`${prefix}/`))
  return { outcomes, ...steps, twice: paths.filter((path, index) => paths.indexOf(path) !== index) }
}

/** Does the same with each of the faults, four at a time. */
async function tryEach(faults: Fault[], attempt: (fault: Fault) => Promise<void>) {
  const next = async () => {
    for (let fault = faults.pop(); fault; fault = faults.pop()) {
      await attempt(fault)
    }
  }
  await Promise.all([next(), next(), next(), next()])
}

it.each(SETTINGS)(
  'with %s, no function that throws costs the page a call',
  async (setting) => {
    const page = await openPage({ sdk: 'none', plugin: false })
    const { outcomes, ofStart, ofCalls } = await outcomesIn(page, { setting })
    expect(differences(native, outcomes)).toEqual([])
    const stepsOf = (mode: Mode) => (mode === 'from the start' ? ofStart : ofCalls)
    const faults = MODES.flatMap((mode) =>
      stepsOf(mode)
        .filter((step) => !(step in EXEMPT))
        .map((step) => ({ step, mode })),
    )
    expect(faults.length).toBeGreaterThan(150)
    const wrong: string[] = []
    await tryEach(faults, async (fault) => {
      const { outcomes, twice } = await outcomesIn(page, { setting, fault })
      const found = [...differences(native, outcomes), ...twice.map((path) => `${path} was called twice`)]
      wrong.push(...found.map((what) => `${fault.step}, ${fault.mode}: ${what}`))
    })
    expect(wrong).toEqual([])
    await page.close()
  },
  600_000,
)

it.each<[name: string, breaking: () => unknown]>([
  ['fetch cannot be replaced', () => Object.defineProperty(window, 'fetch', { writable: false, configurable: false })],
  [
    'fetch is an accessor',
    () => {
      const own = fetch
      Object.defineProperty(window, 'fetch', { get: () => own })
    },
  ],
  ['fetch is gone', () => Reflect.deleteProperty(window, 'fetch')],
  ['XMLHttpRequest is frozen', () => Object.freeze(XMLHttpRequest.prototype)],
  ['XMLHttpRequest is gone', () => Reflect.deleteProperty(window, 'XMLHttpRequest')],
  ['navigator is frozen', () => Object.freeze(Navigator.prototype)],
  ['sendBeacon is gone', () => Reflect.deleteProperty(Navigator.prototype, 'sendBeacon')],
  [
    'connections are frozen',
    () => {
      Object.freeze(EventSource)
      Object.freeze(WebSocket.prototype)
    },
  ],
  ['EventSource is gone', () => Reflect.deleteProperty(window, 'EventSource')],
  ['WebSocket is gone', () => Reflect.deleteProperty(window, 'WebSocket')],
  ['Navigator is gone', () => Reflect.deleteProperty(window, 'Navigator')],
  [
    'all objects are frozen',
    () => {
      for (const { prototype } of [Object, Array, Function, Promise]) Object.freeze(prototype)
    },
  ],
  [
    'a wrapper below throws',
    () => {
      const fail = () => {
        throw new TypeError()
      }
      XMLHttpRequest.prototype.open = fail
      EventSource.prototype.close = fail
    },
  ],
])('if %s before the plugin starts, calls are what they are without it', async (_name, breaking) => {
  const page = await openPage({ sdk: 'none', plugin: false })
  const expected = await outcomesIn(page, { setting: 'no plugin', breaking })
  const actual = await outcomesIn(page, { setting: 'a session', breaking })
  expect(differences(expected.outcomes, actual.outcomes)).toEqual([])
  await page.close()
})
