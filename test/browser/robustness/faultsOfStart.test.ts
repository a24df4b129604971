import { beforeAll, expect, it } from 'vitest'
import { runInFrame } from '../../support/inFrame.js'
import { openPage } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { buildWithSteps } from '../../support/steps.js'

// While the real RUM SDK starts and makes its event of a call, each exported function of the page's half and each native
// function that it uses throws in turn. RUM starts all the same, the page's call goes out once, and RUM has its event.

const BUNDLE = 'test/browser/.cache/startSteps.iife.js'

/** What must not throw, and why nothing can make it good. */
const EXEMPT: Record<string, string> = {
  'Reflect.apply': "it is the page's call itself",
  'browser/transports/fetch/apply: applyChanges': 'it gives the call back when something else has failed',
}

/** In a frame: starts RUM with the fault, makes a call, and waits for RUM's event of it. */
async function startRum({ fault, path, proxy }: { fault: string; path: string; proxy: string }) {
  const page = window as unknown as { __steps: Record<string, number>; __fault?: string }
  const failures: string[] = []
  const events: string[] = []
  addEventListener('error', ({ message }) => failures.push(message))
  addEventListener('unhandledrejection', ({ reason }) => failures.push(String(reason)))
  const until = async (condition: () => boolean) => {
    for (let turns = 0; turns < 200 && !condition(); turns += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    return condition()
  }
  const origins = ['/elsewhere', { match: '/agent', carrier: 'trace-tags' as const }]
  page.__fault = fault
  let plugins: ReturnType<typeof DD_LLM_CORRELATION.llmCorrelation>[] = []
  try {
    plugins = [DD_LLM_CORRELATION.llmCorrelation({ debug: true, startupTimeout: 60_000, origins })]
  } catch {
    // Whoever makes a plugin hears of it. There is none then.
  }
  try {
    DD_RUM.init({
      applicationId: '00000000-0000-4000-8000-000000000000',
      clientToken: 'pub00000000000000000000000000000000',
      service: 'test-page',
      telemetrySampleRate: 0,
      proxy,
      allowedTracingUrls: ['https://elsewhere.test'],
      beforeSend: (event) => {
        if (event.type === 'resource') events.push(event.resource.url)
        return true
      },
      plugins,
    })
  } catch (error) {
    failures.push(String(error))
  }
  const hasSession = await until(() => Boolean(DD_RUM.getInternalContext()?.session_id))
  const { status } = await fetch(path, { method: 'POST', body: 'a' })
  const ofCall = () => events.filter((url) => url.includes(path)).length
  await until(() => ofCall() > 0)
  // A copy: what fails as the frame goes away does not count.
  return { seen: { failures: [...failures], hasSession, status, events: ofCall() }, steps: Object.keys(page.__steps) }
}

let url = ''
beforeAll(async () => {
  await buildWithSteps(BUNDLE)
  url = await servers.site.add({ plugin: `/files/${BUNDLE}`, callInit: false })
})

it('RUM starts, and has its event of the call that a page makes, whatever throws meanwhile', async () => {
  const page = await openPage({ sdk: 'none', plugin: false })
  let runs = 0
  const start = async (fault: string) => {
    const path = `/agent/start/${++runs}`
    const proxy = `${servers.site.origin}/rum-intake`
    const { seen, steps } = await runInFrame(page, url, startRum, { fault, path, proxy })
    return { seen: { ...seen, arrived: servers.site.requestsTo(path).length }, steps }
  }
  const right = { failures: [], hasSession: true, status: 200, events: 1, arrived: 1 }

  const { seen, steps } = await start('none')
  expect(seen).toEqual(right)
  const faults = steps.filter((step) => !(step in EXEMPT))
  expect(faults.length).toBeGreaterThan(50)

  const wrong: object[] = []
  const next = async () => {
    for (let fault = faults.pop(); fault; fault = faults.pop()) {
      const { seen } = await start(fault)
      if (JSON.stringify(seen) !== JSON.stringify(right)) {
        wrong.push({ fault, ...seen })
      }
    }
  }
  await Promise.all([next(), next(), next(), next()])
  expect(wrong).toEqual([])
  await page.close()
}, 600_000)
