import type { Browser } from 'playwright-core'
import { bundle } from './bundle.js'
import type { Variant } from './call.js'
import { content, html, type PageServer } from './pageServer.js'
import { allowCors } from './streaming.js'

const REQUESTS = {
  'JSON POST': { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"stream":true}' },
  'text POST': { method: 'POST', body: '{"stream":true}' },
  GET: { method: 'GET' },
} as const
export type RequestKind = keyof typeof REQUESTS
export const REQUEST_KINDS = Object.keys(REQUESTS) as RequestKind[]

export const PREFLIGHT_VARIANTS = [
  'none',
  'plugin-body',
  'plugin-query',
  'plugin-baggage',
  'plugin-trace-tags',
] as const satisfies Variant[]
export type PreflightVariant = (typeof PREFLIGHT_VARIANTS)[number]
export type Preflights = Record<PreflightVariant, Record<RequestKind, number>>

/** Counts the CORS preflights that the browser sends for one call to an agent on another origin. */
export async function countPreflights(browser: Browser, server: PageServer, agent: PageServer): Promise<Preflights> {
  const counted = {} as Preflights
  for (const variant of PREFLIGHT_VARIANTS) {
    const script = await bundle(`variants/${variant}.ts`)
    server.routes.set(`/preflights-${variant}.js`, content('javascript', script))
    server.routes.set(
      `/preflights-${variant}.html`,
      html(
        `<script>globalThis.AGENT_ORIGIN = '${agent.origin}'</script><script src="/preflights-${variant}.js"></script>`,
      ),
    )
    const page = await browser.newPage()
    await page.goto(`${server.origin}/preflights-${variant}.html`)
    counted[variant] = {} as Preflights[PreflightVariant]
    for (const kind of REQUEST_KINDS) {
      let preflights = 0
      let arrived = 0
      // Browsers cache preflights by URL, so each call has a new URL.
      const path = `/preflights/${variant}/${REQUEST_KINDS.indexOf(kind)}`
      agent.routes.set(path, (request, response) => {
        if (allowCors(request, response, 0)) {
          preflights += 1
        } else {
          arrived += 1
          request.resume()
          response.writeHead(204).end()
        }
      })
      await page.evaluate(([url, init]) => fetch(url, init).then(() => {}), [
        agent.origin + path,
        REQUESTS[kind],
      ] as const)
      if (arrived !== 1) {
        throw new Error(`The call to ${path} arrived ${arrived} times.`)
      }
      counted[variant][kind] = preflights
    }
    await page.close()
  }
  return counted
}
