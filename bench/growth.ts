import type { Browser } from 'playwright-core'
import { bundle } from './bundle.js'
import { content, html, type PageServer } from './pageServer.js'
import type { GrowthApi } from './pages/growth.js'

export const GROWTH_SIZES = [1e3, 1e4, 1e5, 1e6]

/** How the time of one function grows with hostile input. */
export interface Growth {
  readonly name: string
  /** Milliseconds at each of {@link GROWTH_SIZES}. Fewer, if one took too long to try the next. */
  readonly millis: readonly number[]
  /** The power of the size with which the time grows: 1 is linear, 2 quadratic. */
  readonly exponent: number
  readonly isLinear: boolean
}

/** Between linear and quadratic, with room for what a cache or the garbage collector does. */
const MAX_EXPONENT = 1.4
/** A time below this says nothing about growth, and nobody can notice it. */
const MIN_MILLIS = 0.05

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

/** The largest step from one size to the next, as a power of the size. */
function exponentOf(millis: readonly number[]): number {
  const powers = millis.slice(1).map((after, index) => {
    const before = Math.max(millis[index] ?? 0, MIN_MILLIS)
    const sizes = (GROWTH_SIZES[index + 1] ?? 1) / (GROWTH_SIZES[index] ?? 1)
    return Math.log(Math.max(after, MIN_MILLIS) / before) / Math.log(sizes)
  })
  return Math.max(0, ...powers)
}
