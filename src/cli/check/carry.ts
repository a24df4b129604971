import { correlate } from '../../browser/correlate.js'
import type { Carrier, Entry } from '../../browser/options.js'
import { createRequest } from '../../browser/outgoingRequest.js'
import type { Call } from './exchange.js'

export const CARRIERS: readonly Carrier[] = ['body', 'query', 'baggage', 'trace-tags']

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
export function carry(call: Call, { carrier, field }: Pick<Entry, 'carrier' | 'field'>, sessionId: string): Carried {
  const { method, url, headers, body } = call
  const isBodiless = method === 'GET' || method === 'HEAD'
  const request = createRequest(
    method,
    { href: url, text: url, base: '' },
    (name) => headers[name] ?? null,
    { body: isBodiless ? undefined : body, bodyType: undefined },
    undefined,
    false,
  )
  const path = field.split('.') as [string, ...string[]]
  const entry: Entry = { matches: () => true, carrier, field, path, propagateUser: false, label: url }
  const decision = correlate(request, entry, { sessionId, others: [] }, () => NO_TRACING)
  // Only a body that is yet to be read leaves the decision open, and this one is text.
  if (typeof decision === 'number') {
    return { call, carrier: 'none', reason: 'unreadable_body', warning: undefined }
  }
  const changed = {
    method,
    url: decision.url ?? url,
    headers: { ...headers, ...decision.headers },
    body: decision.body === undefined ? body : String(decision.body),
  }
  return { call: changed, carrier: decision.carrier, reason: decision.reason, warning: decision.warning }
}

const NO_TRACING = { baggage: false, traceIds: false, foreignTrace: false }
