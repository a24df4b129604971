import { NO_BODY, type Call as PageCall } from '../../browser/call.js'
import { decide } from '../../browser/decide/chains.js'
import type { Carrier } from '../../browser/options.js'
import type { HeaderChange, Outcome } from '../../browser/outcome.js'
import type { Call } from './exchange.js'

export const CARRIERS: readonly Carrier[] = ['body', 'query', 'baggage', 'trace-tags']

/** What of an entry of `origins` decides how a call carries the id. */
export interface EntryOptions {
  readonly carrier: Carrier
  readonly field: string
}

/** A call with the session id, as the page's plugin would send it. */
export interface Carried {
  readonly call: Call
  /** The carrier that it takes, which may not be the one of its entry; `none`: it is left alone. */
  readonly carrier: Carrier | 'none'
  /** Why it is another one, in the plugin's words. */
  readonly reason: string | undefined
  readonly warning: string | undefined
}

/** Adds the session id to a call, by the plugin's own rules. RUM is taken not to trace the call itself. */
export function carry(call: Call, { carrier, field }: EntryOptions, sessionId: string): Carried {
  const path = field.split('.')
  const name = path[path.length - 1] as string
  const matcher = { matches: () => true, prefix: undefined }
  const entry = { ...matcher, carrier, field, path, name, propagateUser: false, label: call.url }
  const rumHeaders = () => ({ baggage: false, traceIds: false, foreignTrace: false })
  return carriedBy(call, decide(asPageCall(call), entry, { sessionId, others: [], rumHeaders }))
}

function asPageCall({ method, url, headers, body }: Call): PageCall {
  return {
    method,
    url: { href: url, text: url, base: '' },
    medium: 'usual',
    header: (name) => headers[name] ?? null,
    headerNames: () => Object.keys(headers),
    body: body === undefined ? NO_BODY : { kind: 'text', text: body, type: undefined },
    keepalive: false,
    isPartial: false,
  }
}

function carriedBy(call: Call, outcome: Outcome): Carried {
  if (outcome.kind !== 'carried') {
    const warning = outcome.kind === 'left' ? outcome.hint : undefined
    return { call, carrier: 'none', reason: 'reason' in outcome ? outcome.reason : undefined, warning }
  }
  const { url, body, headers } = outcome.changes
  const changed = {
    ...call,
    url: url ?? call.url,
    headers: { ...call.headers, ...Object.fromEntries(headers.map((change) => headerOf(call, change))) },
    body: body === undefined ? call.body : String(body),
  }
  return { call: changed, carrier: outcome.carrier, reason: outcome.why, warning: undefined }
}

/** A header as the browser sends it once a change is made. */
function headerOf({ headers }: Call, { how, name, value }: HeaderChange): [name: string, value: string] {
  const own = how === 'append' ? headers[name] : undefined
  return [name, own ? `${own}, ${value}` : value]
}
