import type { CapturedRequest } from './captureServer.js'
import type { PageDefinition, Source } from './page.js'

/** The session id that {@link alone} pages have. */
export const ALONE_ID = '5f0c1c5e-8f6a-4d0a-9c59-3a4e5b6c7d8e'

/** What the page's RUM answers, where a test needs something else than a session and no user. */
export interface AloneRum {
  initConfiguration?: Source
  internalContext?: Source
  user?: Source
}

/** Script that starts a plugin whose RUM is only what it asks RUM for, with these options (`"origins: ['/agent']"`). */
export function startAlone(options: Source, rum: AloneRum = {}): Source {
  const { initConfiguration = '{}', internalContext = `{ session_id: '${ALONE_ID}' }`, user = '{}' } = rum
  return `
    window.plugin = DD_LLM_CORRELATION.llmCorrelation({ ${options} })
    plugin.onInit({
      initConfiguration: ${initConfiguration},
      publicApi: { getInternalContext: () => (${internalContext}), getUser: () => (${user}), getAccount: () => ({}) },
    })
    plugin.onRumStart()`
}

/** A page where nothing but the plugin stands between page and browser. */
export function alone(options: Source, rum?: AloneRum): PageDefinition {
  return { rum: false, between: startAlone(options, rum) }
}

/** The same page as the browser alone has it. */
export const NATIVE: PageDefinition = { rum: false, plugin: false }

/** Of the connection and the body's length; and what names the page and its server. */
const VARYING = /^(host|connection|content-length|cookie|referer|origin|sec-.*|user-agent|accept.*)$/

/**
 * A request as it would be without what a carrier adds: its method, query, headers and body, to compare with what the
 * browser alone sends. How often the id was in it is `carried`.
 */
export function withoutId(request: CapturedRequest, id = ALONE_ID) {
  const members = new Set([`session.id=${id}`, `_dd.p.llmobs_sid=${id}`])
  const strip = (list: string) => list.split(',').filter((member) => !members.has(member.trim()))
  const headers: Record<string, string> = {}
  for (const [key, value] of request.rawHeaders) {
    const name = key.toLowerCase()
    const isOurs = name === 'baggage' || name.startsWith('x-datadog-')
    const kept = !isOurs ? value : /-(trace|parent)-id$/.test(name) ? '' : strip(value).join()
    if (!VARYING.test(name) && kept) {
      headers[name] = kept
    }
  }
  const pair = new RegExp(`(^|&)session_id=${id}(?=&|$)`)
  // RUM's own cookie has it, too.
  const sent = request.rawHeaders.filter(([name]) => !VARYING.test(name.toLowerCase())).map(([, value]) => value)
  return {
    method: request.method,
    query: request.query?.replace(pair, '') || undefined,
    headers,
    text: request.text.replace(new RegExp(`"session_id":"${id}",?`), '').replace(pair, ''),
    carried: [request.url, request.text, ...sent].join(' ').split(id).length - 1,
  }
}
