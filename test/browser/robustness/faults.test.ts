import { beforeAll, expect, it } from 'vitest'
import { NATIVE, startAlone } from '../../support/alone.js'
import { differences, HOSTILE_HELPERS, type Outcome, outcomesOf } from '../../support/hostilePage.js'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'
import { buildWithSteps, MAKING } from '../../support/steps.js'

// Every function of the page's half, and every one of the platform that it uses, is made to throw, one after the other: they are found in
// the source and in what it runs. The page's calls go out once all the same, as it made them.

const stage = useStage()
const BUNDLE = 'test/browser/.cache/steps.iife.js'

/** The call itself, by which the page's arguments come in and go out: what is thrown there nobody could make good. */
const THE_CALL = [
  'browser/patch: createGuard.isForwarded',
  'browser/patch: createGuard.layer ()',
  'browser/patch: createGuard.layer.forward',
  'browser/patch: createLayer.apply',
  'browser/patch: createLayer.apply.call',
  'browser/patch: createLayer.construct',
  'browser/patch: createLayer.construct.call',
  'browser/transports/beacon: patchBeacon ()',
  'browser/transports/connection: patchConstructor ()',
  "browser/transports/fetch/patch: interceptor ()'",
  'browser/transports/xhr: patchSend ()',
  'browser/transports/xhr: patchSetRequestHeader ()',
  'platform: Reflect.apply',
  'platform: Reflect.construct',
]

/** What gives a call back as the page made it when something else has failed; there is nothing behind that. */
const LAST_RESORT = [
  'browser/transports/fetch/apply: applyChanges',
  'browser/transports/fetch/init: hasMembers',
  'browser/transports/fetch/init: othersOf',
  'browser/transports/fetch/request: rebuild',
  'browser/transports/fetch/wait: settle ()',
  'browser/transports/xhr: sendArgs.setHeaders',
  'platform: new Promise',
  'platform: new Uint8Array',
]

/** The timer that runs when the plugin is made. */
const TIMER = ['browser/rum/startup: createStartup.end', 'defence/natives: stopTimer']

const ENTRIES: Source = `origins: [
  { match: '/agent', carrier: 'body' },
  { match: '/query', carrier: 'query' },
  { match: '/baggage', carrier: 'baggage', propagateUser: true },
  { match: '/tags', carrier: 'trace-tags' },
]`
const TRACED = { initConfiguration: `{ allowedTracingUrls: ['https://elsewhere.test'], proxy: () => '/rum-intake' }` }

/** How a page starts the plugin, and what happens when its calls are made. */
const SETTINGS: Record<string, { start: Source; whenMade: Source }> = {
  'a session': { start: startAlone(ENTRIES, TRACED), whenMade: '' },
  'a session that comes later, and debug': {
    start: startAlone(`${ENTRIES}, debug: true, startupTimeout: 300`, {
      ...TRACED,
      internalContext: "window.isStarted ? { session_id: '5f0c1c5e-8f6a-4d0a-9c59-3a4e5b6c7d8e' } : undefined",
    }).replace('plugin.onRumStart()', ''),
    whenMade:
      'window.isStarted = true; try { plugin.onRumStart() } catch (error) { window.failures.push(String(error)) }',
  },
}

/** When a fault begins: before the plugin is made, before the calls, at the second time that a call comes to it. */
const MODES = {
  'from the start': { before: 'window.__fault = STEP', meanwhile: '' },
  'from the calls on': { before: '', meanwhile: 'window.__fault = STEP' },
  'the second time': { before: '', meanwhile: 'window.__from = 2; window.__fault = STEP' },
}
type Mode = keyof typeof MODES

let native: Record<string, Outcome>
let frameUrl = ''
let nativeUrl = ''
let runs = 0

/** Script that makes all calls in a frame of its own, and gives what they came to; and what else the page saw, as if it were one. */
function inFrame(url: string, prefix: string, start: Source, meanwhile: Source, whenMade: Source): Source {
  const inner = `
    window.failures = []
    const calls = prepareCalls()
    try { ${start} } catch (error) { failures.push(String(error)) }
    window.startSteps = Object.keys(window.__steps ?? {})
    window.__steps = {}
    ${meanwhile}
    const outcomes = calls('${prefix}')
    ${whenMade}
    outcomes`
  return `new Promise((resolve, reject) => {
    const frame = document.createElement('iframe')
    frame.onload = () => {
      const { contentWindow } = frame
      contentWindow.addEventListener('error', ({ message }) => contentWindow.failures.push(message))
      contentWindow.addEventListener('unhandledrejection', ({ reason }) => contentWindow.failures.push(String(reason)))
      contentWindow.eval(${JSON.stringify(inner)}).then((outcomes) => {
        window.steps = { 'from the start': contentWindow.startSteps, 'from the calls on': Object.keys(contentWindow.__steps ?? {}) }
        const failures = contentWindow.failures.join()
        frame.remove()
        resolve({ ...outcomes, failures })
      }, reject)
    }
    frame.src = '${url}'
    document.body.append(frame)
  })`
}

const frame = (definition: PageDefinition): PageDefinition => ({ rum: false, after: HOSTILE_HELPERS, ...definition })

beforeAll(async () => {
  await buildWithSteps(BUNDLE)
  const page = await stage.open(NATIVE)
  nativeUrl = await stage.site.add(frame({ plugin: false }))
  native = await outcomesOf(stage.site, page, '/agent/native', inFrame(nativeUrl, '/agent/native', '', '', ''))
  await page.close()
  frameUrl = await stage.site.add(frame({ plugin: `/files/${BUNDLE}` }))
})

/** What goes wrong for the page where a step throws. */
async function faultsOf(page: TestPage, setting: string, step: string, mode: Mode): Promise<string[]> {
  const { start, whenMade } = SETTINGS[setting] as (typeof SETTINGS)[string]
  const { before, meanwhile } = MODES[mode]
  const prefix = `/agent/${++runs}`
  const name = (text: Source) => text.replace('STEP', JSON.stringify(step))
  const script = inFrame(frameUrl, prefix, `${name(before)}; ${start}`, name(meanwhile), whenMade)
  const wrong = differences(native, await outcomesOf(stage.site, page, prefix, script))
  const paths = stage.site.requests.map(({ path }) => path).filter((path) => path.includes(`${prefix}/`))
  wrong.push(...paths.filter((path, index) => paths.indexOf(path) !== index).map((path) => `${path} was called twice`))
  return wrong.map((what) => `${step}, ${mode}: ${what}`)
}

it.each(Object.keys(SETTINGS))(
  'with %s, no function that throws costs the page a call',
  async (setting) => {
    const page = await stage.open(NATIVE)
    // Without a fault: it shows what there is to fail.
    expect(await faultsOf(page, setting, 'none', 'from the start')).toEqual([])
    const taken = await page.evaluate<Record<Mode, string[]>>('window.steps')
    taken['the second time'] = taken['from the calls on']
    const exempt = [...THE_CALL, ...LAST_RESORT, ...MAKING, ...TIMER]
    const faults = (Object.keys(MODES) as Mode[]).flatMap((mode) =>
      taken[mode].filter((step) => !exempt.includes(step)).map((step) => [step, mode] as const),
    )
    expect(faults.length).toBeGreaterThan(250)
    const wrong: string[] = []
    const next = async () => {
      for (let fault = faults.pop(); fault; fault = faults.pop()) {
        wrong.push(...(await faultsOf(page, setting, ...fault)))
      }
    }
    await Promise.all([next(), next(), next(), next()])
    expect(wrong).toEqual([])
    await page.close()
  },
  600_000,
)

it.each<[name: string, breaking: Source]>([
  ['fetch cannot be replaced', "Object.defineProperty(window, 'fetch', { writable: false, configurable: false })"],
  ['fetch is an accessor', "{ const own = fetch; Object.defineProperty(window, 'fetch', { get: () => own }) }"],
  ['fetch is gone', 'delete window.fetch'],
  ['XMLHttpRequest is frozen', 'Object.freeze(XMLHttpRequest.prototype)'],
  ['XMLHttpRequest is gone', 'delete window.XMLHttpRequest'],
  ['navigator is frozen', 'Object.freeze(Navigator.prototype)'],
  ['sendBeacon is gone', 'delete Navigator.prototype.sendBeacon'],
  ['connections are frozen', 'Object.freeze(EventSource); Object.freeze(WebSocket.prototype)'],
  ['EventSource is gone', 'delete window.EventSource'],
  ['WebSocket is gone', 'delete window.WebSocket'],
  ['Navigator is gone', 'delete window.Navigator'],
  ['all objects are frozen', '[Object, Array, Function, Promise].forEach((one) => Object.freeze(one.prototype))'],
  [
    'a wrapper below throws',
    'XMLHttpRequest.prototype.open = EventSource.prototype.close = () => { throw new TypeError() }',
  ],
])('where %s before the plugin starts, calls are what they are without it', async (_name, breaking) => {
  const page = await stage.open(NATIVE)
  const { start } = SETTINGS['a session'] as (typeof SETTINGS)[string]
  const natively = `/agent/broken/${++runs}`
  const expected = await outcomesOf(stage.site, page, natively, inFrame(nativeUrl, natively, breaking, '', ''))
  const patched = `/agent/broken/${++runs}`
  const script = inFrame(frameUrl, patched, `${breaking}; ${start}`, '', '')
  expect(differences(expected, await outcomesOf(stage.site, page, patched, script))).toEqual([])
  await page.close()
})
