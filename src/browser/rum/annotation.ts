import type { Decision, Reason } from '../correlate.js'
import type { Carrier } from '../options.js'

/** What `context.llm_correlation` of a RUM resource event tells: the carrier that the call really used, or why none. */
export interface Annotation {
  carrier: Carrier | 'none'
  reason?: Reason
}

/**
 * Key under which a fetch's `init` brings its annotation through the RUM SDK, which hands it back with the resource event.
 * A symbol is copied with the object, as the SDK's tracer does, and is nothing to the browser.
 */
export const ANNOTATION = Symbol.for('rum-llm-correlation.annotation')

export function annotationOf(decision: Decision): Annotation {
  return decision.carrier === 'none' ? { carrier: 'none', reason: decision.reason } : { carrier: decision.carrier }
}
