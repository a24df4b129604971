import type { Browser, Page } from 'playwright-core'
import { bundle } from './bundle.js'
import { CALLS, type Call, VARIANTS, type Variant } from './call.js'
import { content, html, type PageServer } from './pageServer.js'
import type { CallsApi } from './pages/calls.js'

/** Microseconds per call, one value per round. */
export interface CallCosts {
  readonly calls: Record<Call, Record<Variant, number[]>>
  /** The browser's own `fetch`, with the same small JSON. */
  readonly nativeFetch: number[]
}

/** Much longer than the clock's 5 µs, but shorter than the time slice of an operating system. */
const BATCH_MS = 0.5

type Counts = Record<string, number>

interface Frame {
  readonly bench: CallsApi
  readonly ready?: Promise<void>
}

/**
 * Times the synchronous part of calls. Each variant has an iframe of one page, so it has separate
 * network functions. In each round, each variant makes a batch of each call. The order changes.
 */
export async function measureCallCost(browser: Browser, server: PageServer, rounds: number): Promise<CallCosts> {
  server.routes.set('/calls.js', content('javascript', await bundle('calls.ts')))
  for (const variant of VARIANTS) {
    server.routes.set(`/${variant}.js`, content('javascript', await bundle(`variants/${variant}.ts`)))
    server.routes.set(
      `/${variant}.html`,
      html(`<script src="/calls.js"></script><script src="/${variant}.js"></script>`),
    )
  }
  server.routes.set('/calls.html', html(VARIANTS.map((v) => `<iframe name="${v}" src="/${v}.html"></iframe>`).join('')))
  const page = await browser.newPage()
  await page.goto(`${server.origin}/calls.html`)
  if (!(await page.evaluate(() => crossOriginIsolated))) {
    throw new Error('The page is not cross-origin isolated: its clock is too coarse.')
  }
  await checkVariants(page)
  const counts = await calibrate(page)
  const calls = Object.fromEntries(
    CALLS.map((call) => [call, Object.fromEntries(VARIANTS.map((variant) => [variant, [] as number[]]))]),
  ) as CallCosts['calls']
  const nativeFetch: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const { call, variant, micros } of await runRound(page, counts, round)) {
      calls[call][variant].push(micros)
    }
    nativeFetch.push(await runNative(page))
  }
  await page.close()
  return { calls, nativeFetch }
}

const CHANGES_NOTHING: readonly Variant[] = ['none', 'identity', 'rum']

/** Fails if a variant does not do its work over the stubs: then its times would mean nothing. */
async function checkVariants(page: Page): Promise<void> {
  const wrong = await page.evaluate(
    async ({ variants, calls, idle }) => {
      const frames = globalThis.frames as unknown as Record<string, Frame>
      await Promise.all(variants.map((variant) => frames[variant]?.ready))
      const wrong: string[] = []
      for (const call of calls) {
        const unchanged = await frames.none?.bench.arrival(call)
        for (const variant of variants) {
          const isChanged = (await frames[variant]?.bench.arrival(call)) !== unchanged
          if (isChanged !== (call.includes('matching') && !idle.includes(variant))) {
            wrong.push(`${variant}, ${call}`)
          }
        }
      }
      return wrong
    },
    // A new URL differs each time. OpenTelemetry propagates to the page's origin by default.
    { variants: VARIANTS, calls: CALLS.filter((call) => !/new|relative/.test(call)), idle: CHANGES_NOTHING },
  )
  if (wrong.length) {
    throw new Error(`These do not send what they should: ${wrong.join('; ')}`)
  }
}

/** Warms everything up, and finds how many calls each batch needs. */
function calibrate(page: Page): Promise<Counts> {
  return page.evaluate(
    async ({ variants, calls, batchMs }) => {
      const frames = globalThis.frames as unknown as Record<string, Frame>
      await Promise.all(variants.map((variant) => frames[variant]?.ready))
      const counts: Counts = {}
      const fastest: Record<string, number> = {}
      for (let pass = 0; pass < 6; pass += 1) {
        for (const call of calls) {
          for (const variant of variants) {
            const { bench } = frames[variant] as Frame
            const name = `${call} ${variant}`
            const count = counts[name] ?? 20
            const perCall = Math.max(bench.run(call, count), 0.005) / count
            fastest[name] = Math.min(fastest[name] ?? perCall, perCall)
            counts[name] = Math.round(Math.min(2000, Math.max(20, batchMs / fastest[name])))
            // The engine optimizes cheap calls only after thousands of them.
            if (counts[name] > 200) {
              bench.run(call, counts[name] * 2)
            }
            await new Promise((resolve) => setTimeout(resolve))
          }
        }
      }
      return counts
    },
    { variants: VARIANTS, calls: CALLS, batchMs: BATCH_MS },
  )
}

function runRound(page: Page, counts: Counts, round: number) {
  return page.evaluate(
    async ({ variants, calls, counts, round }) => {
      const frames = globalThis.frames as unknown as Record<string, Frame>
      const taken = []
      for (const call of calls) {
        // Over the rounds, each variant takes each place, after different other variants.
        const offset = (round * 5 + calls.indexOf(call)) % variants.length
        const order = [...variants.slice(offset), ...variants.slice(0, offset)]
        if (round % 2) {
          order.reverse()
        }
        for (const variant of order) {
          const { bench } = frames[variant] as Frame
          const count = counts[`${call} ${variant}`] as number
          // The garbage collector may have dropped compiled code since the last round, above all
          // RegExps.
          bench.run(call, Math.min(count, 50))
          taken.push({ call, variant, micros: (bench.run(call, count) * 1000) / count })
          // The next batch must not include work that the libraries put off.
          await new Promise((resolve) => setTimeout(resolve))
        }
      }
      return taken
    },
    { variants: VARIANTS, calls: CALLS, counts, round },
  )
}

function runNative(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { bench } = (globalThis.frames as unknown as Record<string, Frame>).none as Frame
    return ((await bench.runNative(10)) * 1000) / 10
  })
}
