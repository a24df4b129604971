import type { Call } from '../call.js'
import type { Entry } from '../entry.js'
import type { Outcome } from '../outcome.js'
import type { Session } from '../session.js'

/** Decides whether one carrier fits a call, and what to change for it. It has no side effects. */
export type Strategy = (call: Call, entry: Entry, session: Session) => Outcome
