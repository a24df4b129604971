import type { Call, Medium } from '../call.js'
import type { Entry } from '../entry.js'
import type { Carrier } from '../options.js'
import { type Fallback, next, type Outcome } from '../outcome.js'
import type { Session } from '../session.js'
import { inBaggage } from './baggage.js'
import { inBody } from './body.js'
import { inQuery } from './query.js'
import type { Strategy } from './strategy.js'
import { inTraceTags } from './traceTags.js'

/** Says why a header carrier does not fit a call that cannot have headers. */
const noHeaders: Strategy = () => next('no-cors, or no headers')

/** For each carrier and each medium: the strategies that are tried, in this order. */
const CHAINS: Record<Carrier, Record<Medium, readonly Strategy[]>> = {
  body: { usual: [inBody, inQuery], 'no-headers': [inBody, inQuery], beacon: [inBody, inQuery] },
  query: { usual: [inQuery], 'no-headers': [inQuery], beacon: [inQuery] },
  baggage: { usual: [inBaggage, inQuery], 'no-headers': [noHeaders, inQuery], beacon: [inBody, inQuery] },
  'trace-tags': { usual: [inTraceTags, inQuery], 'no-headers': [noHeaders, inQuery], beacon: [inBody, inQuery] },
}

/** Tries the strategies of the entry's carrier, until one of them fits the call. */
export function decide(call: Call, entry: Entry, session: Session): Outcome {
  let why: Fallback | undefined
  for (const strategy of CHAINS[entry.carrier][call.medium]) {
    const outcome = strategy(call, entry, session)
    if (outcome.kind !== 'next') {
      return explained(outcome, why)
    }
    why = outcome.why
  }
  return next(why as Fallback)
}

/**
 * Whether neither the headers nor the body of a call can change its carrier. XMLHttpRequest knows
 * only the method and the URL when it is opened.
 */
export function isDecidedByUrl(carrier: Carrier, hasBody: boolean): boolean {
  const [first] = CHAINS[carrier].usual
  return first === inQuery || (first === inBody && !hasBody)
}

/** Says why the carrier is not that of the entry. A value that was there already needs no reason. */
function explained(outcome: Outcome, why: Fallback | undefined): Outcome {
  const isChanged = outcome.kind === 'carried' && outcome.changes.url !== undefined
  return isChanged && why ? { ...outcome, why } : outcome
}
