import type { Browser } from 'playwright-core'
import { bundle } from './bundle.js'
import { content, html, type PageServer } from './pageServer.js'
import type { BodiesApi, Content, Form, Work } from './pages/bodies.js'

/** The times of one kind of body, in milliseconds: one value per round. */
export interface BodyCost {
  readonly content: Content
  readonly form: Form
  /** Characters of the JSON. All are ASCII, so they are bytes too. */
  readonly size: number
  readonly taken: Record<Work, number[]>
}

const SIZES = [1e3, 1e4, 1e5, 1e6, 1e7]

/**
 * Measures how the time of the body carrier grows with the body. For comparison, it also measures
 * parsing and serializing, and what the browser does.
 */
export async function measureBodyGrowth(browser: Browser, server: PageServer, rounds: number): Promise<BodyCost[]> {
  server.routes.set('/bodies.js', content('javascript', await bundle('bodies.ts')))
  server.routes.set('/bodies.html', html('<script src="/bodies.js"></script>'))
  const page = await browser.newPage()
  await page.goto(`${server.origin}/bodies.html`)
  const cases = (['string', 'bytes'] as const).flatMap((form) => [
    ...SIZES.map((size) => ({ content: 'chat' as Content, form, size })),
    ...(['table', 'image', 'name inside', 'dotted field'] as const).map((content) => ({ content, form, size: 1e7 })),
  ])
  const costs: BodyCost[] = []
  for (const one of cases) {
    const { size, taken } = await page.evaluate(
      ([kind, form, size, rounds]) =>
        (globalThis as unknown as { bench: BodiesApi }).bench.measure(kind, form, size, rounds),
      [one.content, one.form, one.size, rounds] as const,
    )
    costs.push({ ...one, size, taken })
  }
  await page.close()
  return costs
}
