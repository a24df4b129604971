import { beforeAll, expect, it } from 'vitest'
import { differences, type Outcome, outcomesOf, prepareCalls } from '../../support/hostilePage.js'
import { runInFrame } from '../../support/inFrame.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { buildWithSteps } from '../../support/steps.js'
import { type Fault, MODES, type Mode, makeCalls, type Run, SETTINGS, startRum } from './faultyFrame.js'

// Each function that a module of the page's half exports, and each native function that it uses, throws in turn. The page's
// calls go out once all the same, as the page made them.

const BUNDLE = 'test/browser/.cache/steps.iife.js'

/** What must not throw, and why nothing can make it good. */
const EXEMPT: Record<string, string> = {
  'Reflect.apply': "it is the page's call itself",
  'browser/transports/fetch/apply: applyChanges': 'it gives the call back when something else has failed',
}
const EXEMPT_OF_CALLS: Record<string, string> = {
  ...EXEMPT,
  'Reflect.construct': "it is the page's call itself",
  'browser/transports/fetch/request: rebuild': 'it gives the call back, too',
  'browser/transports/fetch/init: hasMembers': 'it gives the call back, too',
  'browser/transports/fetch/init: othersOf': 'it gives the call back, too',
  clearInterval: 'it ends the wait for RUM',
  'new Promise': 'it gives a call back that has waited',
  'new Uint8Array': 'it gives a Request back whose body was read',
}

let native: Record<string, Outcome>
let frameUrl = ''
let nativeUrl = ''
let rumUrl = ''
let runs = 0

beforeAll(async () => {
  await buildWithSteps(BUNDLE)
  nativeUrl = await servers.site.add({ rum: false, plugin: false })
  frameUrl = await servers.site.add({ rum: false, plugin: `/files/${BUNDLE}` })
  rumUrl = await servers.site.add({ plugin: `/files/${BUNDLE}`, callInit: false })
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
async function tryEach<F>(faults: F[], attempt: (fault: F) => Promise<void>) {
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
        .filter((step) => !(step in EXEMPT_OF_CALLS))
        .map((step) => ({ step, mode })),
    )
    expect(faults.length).toBeGreaterThan(150)
    const wrong: string[] = []
    await tryEach<Fault>(faults, async (fault) => {
      const { outcomes, twice } = await outcomesIn(page, { setting, fault })
      const found = [...differences(native, outcomes), ...twice.map((path) => `${path} was called twice`)]
      wrong.push(...found.map((what) => `${fault.step}, ${fault.mode}: ${what}`))
    })
    expect(wrong).toEqual([])
    await page.close()
  },
  600_000,
)

// While the real RUM SDK starts and makes its event of a call.
it('RUM starts, and has its event of the call that a page makes, whatever throws meanwhile', async () => {
  const page = await openPage({ sdk: 'none', plugin: false })
  const proxy = `${servers.site.origin}/rum-intake`
  const start = async (fault: string) => {
    const path = `/agent/start/${++runs}`
    const { seen, steps } = await runInFrame(page, rumUrl, startRum, { fault, path, proxy })
    return { seen: { ...seen, arrived: servers.site.requestsTo(path).length }, steps }
  }
  const right = { failures: [], hasSession: true, status: 200, events: 1, arrived: 1 }

  const { seen, steps } = await start('none')
  expect(seen).toEqual(right)
  const faults = steps.filter((step) => !(step in EXEMPT))
  expect(faults.length).toBeGreaterThan(50)

  const wrong: object[] = []
  await tryEach(faults, async (fault) => {
    const { seen } = await start(fault)
    if (JSON.stringify(seen) !== JSON.stringify(right)) {
      wrong.push({ fault, ...seen })
    }
  })
  expect(wrong).toEqual([])
  await page.close()
}, 600_000)

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
