import type { ChangedBody, Locked } from './call.js'
import type { Carrier } from './options.js'
import type { NoSession } from './session.js'

/** Why a call goes out without the session id. RUM's event says this. */
export type Reason = 'page_value' | 'signed_request' | 'unknown_members_refused' | 'grpc' | 'body_not_read' | Locked

/** Why a carrier does not fit a call, so that the next one is tried. The console says this. */
export type Fallback =
  | 'no body'
  | 'no JSON object, or JSON-RPC'
  | 'type or encoding of the body'
  | 'no room'
  | 'no-cors, or no headers'
  | 'another trace'

/** `append` adds a member to a list header; `set` replaces the page's own value. */
export interface HeaderChange {
  readonly how: 'append' | 'set'
  readonly name: string
  readonly value: string
}

/** What a transport must change in a call. `undefined`: nothing. */
export interface Changes {
  readonly url: string | undefined
  readonly body: ChangedBody | undefined
  readonly headers: readonly HeaderChange[]
}

export const NO_CHANGES: Changes = { url: undefined, body: undefined, headers: [] }

/** What `context.llm_correlation` of a RUM resource event says about a call. */
export interface Annotation {
  /** The carrier that the call used, or `'none'`. */
  readonly carrier: Carrier | 'none'
  readonly reason: Reason | NoSession | undefined
  /** The id of the call's trace, if known: an unsigned decimal number, as in `x-datadog-trace-id`. */
  readonly trace_id: string | undefined
}

/** What is kept of a call for its RUM resource event. */
export interface Sent {
  readonly annotation: Annotation
  /** Must be called if the event says that the call failed. */
  onFailure(): void
}

/**
 * The body must be read first. As a Blob, which browsers keep on disk if it is large, it can go to
 * another URL. As bytes, which take memory, it can be changed.
 */
export interface BodyNeeded {
  readonly kind: 'read-body'
  readonly as: 'blob' | 'bytes'
}

/** What one strategy, or a whole chain of them, decides about a call. */
export type Outcome =
  /** The call carries the id. `why` says why it is not in the carrier of the entry. */
  | {
      readonly kind: 'carried'
      readonly carrier: Carrier
      readonly changes: Changes
      readonly why: Fallback | undefined
    }
  /** The call goes out as the page made it. `hint` tells the developer what to do. */
  | { readonly kind: 'left'; readonly reason: Reason | NoSession; readonly hint: string | undefined }
  /** This carrier does not fit the call. */
  | { readonly kind: 'next'; readonly why: Fallback }
  | BodyNeeded

/** What a transport must do with a call. */
export type Answer =
  /** Send it, with these changes. `sent` goes to RUM's event of the call. */
  | { readonly kind: 'send'; readonly changes: Changes; readonly sent: Sent | undefined }
  | BodyNeeded
  /** Wait for a session, for a fifth of the time if `isShort`, and ask again. */
  | { readonly kind: 'wait'; readonly until: (isShort: boolean) => Promise<void> }

export type Sending = Extract<Answer, { kind: 'send' }>

/** The call goes out as the page made it. */
export const UNCHANGED: Sending = { kind: 'send', changes: NO_CHANGES, sent: undefined }

/** An outcome that needs no more of the call. */
export type Decided = Exclude<Outcome, { kind: 'read-body' }>

export function carried(carrier: Carrier, changes: Partial<Changes> = {}): Outcome {
  return { kind: 'carried', carrier, changes: { ...NO_CHANGES, ...changes }, why: undefined }
}

export function left(reason: Reason | NoSession, hint?: string): Decided {
  return { kind: 'left', reason, hint }
}

export function next(why: Fallback): Outcome {
  return { kind: 'next', why }
}

export function readBody(as: BodyNeeded['as']): BodyNeeded {
  return { kind: 'read-body', as }
}

/** The outcome if the page set a value itself, which always wins. The value may be the session id. */
export function alreadySet(carrier: Carrier, place: string, value: unknown, sessionId: string): Outcome {
  if (value === sessionId) {
    return carried(carrier)
  }
  // With these values the page itself says that there is no session, so it needs no warning.
  const isNone = value === null || value === ''
  return left(
    'page_value',
    isNone ? undefined : `the page already sets another ${place}: set 'field' or 'carrier' for this entry`,
  )
}
