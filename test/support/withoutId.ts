import type { CapturedRequest } from './captureServer.js'
import { STUB_SESSION_ID } from './stubRum.js'

/** Of the connection and the body's length; and what names the page and its server. */
const VARYING = /^(host|connection|content-length|cookie|referer|origin|sec-.*|user-agent|accept.*)$/

/**
 * A request as it would be without what a carrier adds: its method, query, headers and body, to compare with what the
 * browser alone sends. How often the id was in it is `carried`.
 */
export function withoutId(request: CapturedRequest, id = STUB_SESSION_ID) {
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
