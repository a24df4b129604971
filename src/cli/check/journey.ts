import { type Caller, type Problem, preflightOf, problemOfPreflight } from './cors.js'
import type { Answer, Call, Exchange } from './exchange.js'
import { afterRedirect, locationOf } from './redirect.js'

/** A redirect on the way. */
export interface Hop {
  readonly status: number
  readonly from: string
  readonly to: string
  /** Whether the browser goes on with a GET, and leaves the body behind. */
  readonly lostBody: boolean
}

/** How a call of a page goes. */
export interface Journey {
  /** Why the browser does not let it go on. */
  readonly problem?: Problem | undefined
  readonly hops: readonly Hop[]
  /** The request that was the last to go out, or that was to. */
  readonly last: Call
  readonly answer?: Answer | undefined
  /** The caller as the last server sees it. */
  readonly caller: Caller
  readonly isCrossOrigin: boolean
}

/** How requests are sent: preflights as they are, and the call itself or what stands in for it. */
export interface Wire {
  readonly ask: Exchange
  readonly call: Exchange
}

const MAX_REDIRECTS = 20

/**
 * Sends a call as a browser would for a page: with the preflights that it makes, at each server that a redirect leads to, too. After
 * a redirect from one foreign origin to another, browsers call themselves `null`.
 * {@link https://fetch.spec.whatwg.org/#concept-request-tainted-origin}
 */
export async function travel(call: Call, page: Caller, wire: Wire): Promise<Journey> {
  const hops: Hop[] = []
  let last = call
  let caller = page
  let isCrossOrigin = false
  for (;;) {
    const { origin } = new URL(last.url)
    isCrossOrigin ||= origin !== page.origin
    const way = { hops, last, caller, isCrossOrigin }
    const problem =
      problemOfScheme(last.url, page.origin) ??
      (isCrossOrigin ? await problemOfAsking(last, caller, wire.ask) : undefined)
    if (problem) {
      return { ...way, problem }
    }
    const answer = await wire.call(isCrossOrigin ? withOrigin(last, caller) : last)
    const target = locationOf(last, answer)
    if (!target) {
      return { ...way, answer }
    }
    if (hops.length === MAX_REDIRECTS || !/^https?:$/.test(target.protocol)) {
      const message = hops.length === MAX_REDIRECTS ? 'the redirects do not end' : `a redirect leads to ${target.href}`
      return { ...way, answer, problem: { message, todo: 'Call the address that answers itself.' } }
    }
    const next = afterRedirect(last, answer.status, target)
    const lostBody = last.body !== undefined && next.body === undefined
    hops.push({ status: answer.status, from: last.url, to: target.href, lostBody })
    if (origin !== page.origin && target.origin !== origin) {
      caller = { ...caller, origin: 'null' }
    }
    last = next
  }
}

function withOrigin(call: Call, { origin }: Caller): Call {
  return { ...call, headers: { ...call.headers, origin } }
}

async function problemOfAsking(call: Call, caller: Caller, ask: Exchange): Promise<Problem | undefined> {
  const preflight = preflightOf(call, caller)
  return preflight && problemOfPreflight(call, caller, await ask(preflight))
}

/** {@link https://www.w3.org/TR/mixed-content/ | Mixed content}; addresses of the machine itself may be called. */
function problemOfScheme(url: string, page: string): Problem | undefined {
  const { protocol, hostname } = new URL(url)
  const isLocal = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
  return page.startsWith('https:') && protocol === 'http:' && !isLocal
    ? { message: `browsers let no page of ${page} call ${url}`, todo: 'Call it by https.' }
    : undefined
}
