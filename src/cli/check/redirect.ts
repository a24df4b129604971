import type { Answer, Call } from './exchange.js'

/** Where an answer sends a browser; `undefined` if it is no redirect. */
export function locationOf(call: Call, { status, headers }: Answer): URL | undefined {
  const { location } = headers
  const target = location !== undefined && URL.canParse(location, call.url) ? new URL(location, call.url) : undefined
  return [301, 302, 303, 307, 308].includes(status) ? target : undefined
}

/**
 * The request that a browser makes after a redirect. {@link https://fetch.spec.whatwg.org/#http-redirect-fetch}
 *
 * 1. After 301 and 302 a POST becomes a GET without its body; after 303 all but GET and HEAD do.
 * 2. After 307 and 308 method and body stay.
 * 3. All other headers go along, to another origin too; `authorization` alone does not.
 */
export function afterRedirect(call: Call, status: number, target: URL): Call {
  const { method, body } = call
  const becomesGet =
    status === 303 ? !['GET', 'HEAD'].includes(method) : (status === 301 || status === 302) && method === 'POST'
  const lost = [
    ...(becomesGet ? ['content-type', 'content-length', 'content-encoding', 'content-language'] : []),
    ...(target.origin === new URL(call.url).origin ? [] : ['authorization']),
  ]
  return {
    method: becomesGet ? 'GET' : method,
    url: target.href.replace(/#.*/, ''),
    headers: Object.fromEntries(Object.entries(call.headers).filter(([name]) => !lost.includes(name))),
    body: becomesGet ? undefined : body,
  }
}
