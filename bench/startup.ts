import type { Browser } from 'playwright-core'
import { bundle } from './bundle.js'
import type { Call, Variant } from './call.js'
import { content, html, type PageServer } from './pageServer.js'
import type { CallsApi } from './pages/calls.js'

/** Milliseconds: one value per page load. */
export type StartTimes = Record<string, number[]>

const ARRIVALS = `<script>
  const nativeFetch = fetch
  arrivals = []
  fetch = (...args) => {
    if (!String(args[0]).includes('agent.example.com')) return nativeFetch(...args)
    arrivals.push({ url: String(args[0]), at: performance.now() })
    return Promise.resolve(new Response())
  }
</script>`

/** Times the plugin's work before the first call, on fresh pages with the real RUM SDK. */
export async function measureStart(browser: Browser, server: PageServer, loads: number): Promise<StartTimes> {
  server.routes.set('/start.js', content('javascript', await bundle('start.ts')))
  server.routes.set('/start.html', html(`${ARRIVALS}<script src="/start.js"></script>`))
  const times: StartTimes = {}
  for (let load = 0; load < loads; load += 1) {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${server.origin}/start.html`)
    const millis = await page.evaluate(() =>
      (globalThis as unknown as { result(): Promise<Record<string, number>> }).result(),
    )
    for (const [name, value] of Object.entries(millis)) {
      times[name] ??= []
      times[name].push(value)
    }
    await context.close()
  }
  return times
}

export const COLD_VARIANTS = ['none', 'plugin-body', 'posthog', 'opentelemetry', 'sentry'] as const satisfies Variant[]
export type ColdCosts = Record<(typeof COLD_VARIANTS)[number], Record<string, number[]>>

/** Times the very first calls of fresh pages, in microseconds. */
export async function measureColdCalls(browser: Browser, server: PageServer, loads: number): Promise<ColdCosts> {
  server.routes.set('/calls.js', content('javascript', await bundle('calls.ts')))
  server.routes.set('/cold-calls.js', content('javascript', await bundle('coldCalls.ts')))
  for (const variant of COLD_VARIANTS) {
    server.routes.set(`/${variant}.js`, content('javascript', await bundle(`variants/${variant}.ts`)))
    const scripts = ['calls', variant, 'cold-calls'].map((name) => `<script src="/${name}.js"></script>`)
    server.routes.set(`/cold-${variant}.html`, html(scripts.join('')))
  }
  const costs = Object.fromEntries(COLD_VARIANTS.map((variant) => [variant, {}])) as ColdCosts
  for (let load = 0; load < loads; load += 1) {
    for (const variant of COLD_VARIANTS) {
      const page = await browser.newPage()
      await page.goto(`${server.origin}/cold-${variant}.html`)
      const micros = await page.evaluate(() => (globalThis as unknown as { cold: Record<string, number> }).cold)
      for (const [name, value] of Object.entries(micros)) {
        costs[variant][name] ??= []
        costs[variant][name].push(value)
      }
      await page.close()
    }
  }
  return costs
}

export interface HeapGrowth {
  readonly calls: number[]
  /** Bytes of the JavaScript heap in use after a garbage collection, at each number of calls. */
  readonly bytes: Record<'none' | 'plugin-body', number[]>
}

const HEAP_CALLS: Call[] = [
  'fetch absolute new',
  'fetch relative new',
  'fetch matching',
  'xhr absolute new',
  'xhr matching',
]
const HEAP_STEPS = 5

/** Measures the heap over many calls of all kinds. Two fifths of their URLs match. */
export async function measureHeap(browser: Browser, server: PageServer, total: number): Promise<HeapGrowth> {
  const bytes = { none: [] as number[], 'plugin-body': [] as number[] }
  const calls = Array.from({ length: HEAP_STEPS + 1 }, (_, step) => (total * step) / HEAP_STEPS)
  for (const variant of ['none', 'plugin-body'] as const) {
    server.routes.set('/calls.js', content('javascript', await bundle('calls.ts')))
    server.routes.set(`/${variant}.js`, content('javascript', await bundle(`variants/${variant}.ts`)))
    server.routes.set(
      `/heap-${variant}.html`,
      html(`<script src="/calls.js"></script><script src="/${variant}.js"></script>`),
    )
    const page = await browser.newPage()
    await page.goto(`${server.origin}/heap-${variant}.html`)
    const session = await page.context().newCDPSession(page)
    const run = (count: number) =>
      page.evaluate(
        async ([calls, count]) => {
          const { bench } = globalThis as unknown as { bench: CallsApi }
          for (const call of calls) {
            for (let made = 0; made < count; made += 500) {
              bench.run(call, Math.min(500, count - made))
              await new Promise((resolve) => setTimeout(resolve))
            }
          }
        },
        [HEAP_CALLS, count] as const,
      )
    // From here on, the heap has the compiled code and the URLs that the plugin remembers.
    await run(2000)
    for (let step = 0; step <= HEAP_STEPS; step += 1) {
      if (step) {
        await run(total / HEAP_STEPS / HEAP_CALLS.length)
      }
      await session.send('HeapProfiler.collectGarbage')
      await session.send('HeapProfiler.collectGarbage')
      bytes[variant].push((await session.send('Runtime.getHeapUsage')).usedSize)
    }
    await page.close()
  }
  return { calls, bytes }
}
