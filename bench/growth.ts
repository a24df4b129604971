import type { Browser } from 'playwright-core'
import { bundle } from './bundle.js'
import { content, html, type PageServer } from './pageServer.js'
import type { GrowthApi } from './pages/growth.js'

export const GROWTH_SIZES = [1e3, 1e4, 1e5, 1e6]

/** How the time of a function grows with hostile input. */
export interface Growth {
  readonly name: string
  /** Milliseconds at each of {@link GROWTH_SIZES}, up to the first that took too long. */
  readonly millis: readonly number[]
  /** The exponent of the growth: 1 is linear, 2 is quadratic. */
  readonly exponent: number
  readonly isLinear: boolean
}

/**
 * Between linear and quadratic. It leaves room for the effects of caches and the garbage collector.
 */
const MAX_EXPONENT = 1.5
/** The first size that counts. Below it, the fixed cost of a call hides the growth. */
const FIRST = 1
/** Shorter times say nothing about growth, and nobody can notice them. */
const MIN_MILLIS = 0.02

/** Times each parser and RegExp of the source with hostile input of growing size. */
export async function measureGrowth(browser: Browser, server: PageServer): Promise<Growth[]> {
  server.routes.set('/growth.js', content('javascript', await bundle('growth.ts')))
  server.routes.set('/growth.html', html('<script src="/growth.js"></script>'))
  const page = await browser.newPage()
  await page.goto(`${server.origin}/growth.html`)
  const names = await page.evaluate(() => (globalThis as unknown as { bench: GrowthApi }).bench.names)
  const growths: Growth[] = []
  for (const name of names) {
    const millis = await page.evaluate(
      ([one, sizes]) => (globalThis as unknown as { bench: GrowthApi }).bench.measureGrowth(one, sizes),
      [name, GROWTH_SIZES] as const,
    )
    const exponent = exponentOf(millis)
    const isComplete = millis.length === GROWTH_SIZES.length
    growths.push({ name, millis, exponent, isLinear: isComplete && exponent <= MAX_EXPONENT })
  }
  await page.close()
  return growths
}

/** The exponent of the growth from the second size to the last one that was measured. */
function exponentOf(millis: readonly number[]): number {
  const last = millis.length - 1
  const before = Math.max(millis[FIRST] ?? 0, MIN_MILLIS)
  const after = Math.max(millis[last] ?? 0, MIN_MILLIS)
  const ratio = (GROWTH_SIZES[last] ?? 1) / (GROWTH_SIZES[FIRST] ?? 1)
  return ratio > 1 ? Math.log(after / before) / Math.log(ratio) : 0
}
