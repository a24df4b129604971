import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { ROOT } from './bundle.js'
import { content, html, type PageServer } from './pageServer.js'

export const SCRIPTS = ['RUM SDK', 'this plugin'] as const
/** Milliseconds, one value per page load. */
export type EvaluationTimes = Record<(typeof SCRIPTS)[number], number[]>

const FILES: Record<(typeof SCRIPTS)[number], string> = {
  'RUM SDK': 'node_modules/@datadog/browser-rum/bundle/datadog-rum.js',
  'this plugin': 'dist/rum-llm-correlation.iife.js',
}

/** Times how long a fresh page takes to compile and run each script. Loading does not count. */
export async function measureEvaluation(browser: Browser, server: PageServer, loads: number): Promise<EvaluationTimes> {
  const times: EvaluationTimes = { 'RUM SDK': [], 'this plugin': [] }
  const codes = SCRIPTS.map((name) => readFileSync(join(ROOT, FILES[name]), 'utf8'))
  server.routes.set('/evaluation.html', html(''))
  server.routes.set('/codes.js', content('javascript', `codes = ${JSON.stringify(codes)}`))
  for (let load = 0; load < loads; load += 1) {
    // A new context has no cache of compiled code.
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${server.origin}/evaluation.html`)
    await page.addScriptTag({ url: '/codes.js' })
    const millis = await page.evaluate(() =>
      (globalThis as unknown as { codes: string[] }).codes.map((code) => {
        const script = document.createElement('script')
        script.textContent = code
        const start = performance.now()
        document.head.append(script)
        return performance.now() - start
      }),
    )
    SCRIPTS.forEach((name, index) => {
      times[name].push(millis[index] as number)
    })
    await context.close()
  }
  return times
}
