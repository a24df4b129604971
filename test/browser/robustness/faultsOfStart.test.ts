import { expect, it } from 'vitest'
import { NATIVE } from '../../support/alone.js'
import type { Source } from '../../support/page.js'
import { useStage } from '../../support/stage.js'
import { buildWithSteps, MAKING } from '../../support/steps.js'

// While the real RUM SDK starts and tells of a call, every function of the page's half is made to throw, one after the other: RUM starts all
// the same, the page's call goes out once, and RUM tells of it.

const stage = useStage()
const BUNDLE = 'test/browser/.cache/startSteps.iife.js'

/** The call itself: there is nothing that could stand behind it. */
const THE_CALL = [
  'browser/patch: createGuard.isForwarded',
  'browser/patch: createGuard.layer.forward',
  'browser/patch: createLayer.apply',
  'browser/patch: createLayer.apply.call',
  'browser/transports/fetch/apply: applyChanges',
  'platform: Reflect.apply',
]

interface Outcome {
  readonly failures: string[]
  readonly session: boolean
  readonly status: number
  readonly events: number
  readonly steps: string[]
}

let runs = 0

it('RUM starts, and tells of the call that a page makes, whatever throws meanwhile', async () => {
  await buildWithSteps(BUNDLE)
  const page = await stage.open(NATIVE)
  const url = await stage.site.add({ plugin: `/files/${BUNDLE}`, callInit: false })
  const intake = new URL('/rum-intake', url).href

  /** Starts RUM in a frame of its own where a step throws, makes a call, and waits for the event that RUM has of it. */
  async function start(step: string): Promise<{ outcome: Outcome; arrived: number }> {
    const path = `/agent/start/${++runs}`
    const inner: Source = `(async () => {
      const failures = []
      const events = []
      addEventListener('error', ({ message }) => failures.push(message))
      addEventListener('unhandledrejection', ({ reason }) => failures.push(String(reason)))
      const until = async (condition) => {
        for (let turns = 0; turns < 200 && !condition(); turns += 1) await new Promise((resolve) => setTimeout(resolve, 25))
        return condition()
      }
      window.__fault = ${JSON.stringify(step)}
      try {
        DD_RUM.init({
          applicationId: '00000000-0000-4000-8000-000000000000',
          clientToken: 'pub00000000000000000000000000000000',
          service: 'test-page',
          telemetrySampleRate: 0,
          proxy: '${intake}',
          allowedTracingUrls: ['https://elsewhere.test'],
          beforeSend: ({ type, resource }) => { if (type === 'resource') events.push(resource.url) },
          plugins: [DD_LLM_CORRELATION.llmCorrelation({ debug: true, startupTimeout: 60_000, origins: ['/elsewhere', { match: '/agent', carrier: 'trace-tags' }] })],
        })
      } catch (error) {
        failures.push(String(error))
      }
      const session = await until(() => !!DD_RUM.getInternalContext()?.session_id)
      const { status } = await fetch('${path}', { method: 'POST', body: 'a' })
      const isOfCall = (url) => url.includes('${path}')
      await until(() => events.some(isOfCall))
      // A copy: what fails as the frame goes away is no longer of the start.
      return { failures: [...failures], session, status, events: events.filter(isOfCall).length, steps: Object.keys(__steps) }
    })()`
    const outcome = await page.evaluate<Outcome>(`new Promise((resolve, reject) => {
      const frame = document.createElement('iframe')
      frame.onload = () => frame.contentWindow.eval(${JSON.stringify(inner)}).then(resolve, reject).finally(() => frame.remove())
      frame.src = '${url}'
      document.body.append(frame)
    })`)
    return { outcome, arrived: stage.site.requests.filter((request) => request.path === path).length }
  }

  const right = { failures: [], session: true, status: 200, events: 1, arrived: 1 }
  const { outcome, arrived } = await start('none')
  const { steps, ...rest } = outcome
  expect({ ...rest, arrived }).toEqual(right)

  const faults = steps.filter((step) => ![...MAKING, ...THE_CALL].includes(step))
  expect(faults).toContain('browser/rum/annotation: annotateResource')
  expect(faults.length).toBeGreaterThan(70)
  const wrong: unknown[] = []
  const next = async () => {
    for (let step = faults.pop(); step; step = faults.pop()) {
      const { outcome, arrived } = await start(step)
      const { steps, ...rest } = outcome
      if (JSON.stringify({ ...rest, arrived }) !== JSON.stringify(right)) {
        wrong.push({ step, ...rest, arrived })
      }
    }
  }
  await Promise.all([next(), next(), next(), next()])
  expect(wrong).toEqual([])
  await page.close()
}, 600_000)
