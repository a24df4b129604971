/** Why there is no session, so that a call carries nothing. The console says this. */
export type NoSession =
  | 'no tracked session (not sampled, or expired)'
  | 'RUM has not started'
  | 'RUM waits for consent'
  | "the session is that of the WebView's app"

/** What a call carries. */
export interface Identity {
  readonly sessionId: string
  /** With `propagateUser`, the ids of the user and the account, by their baggage keys. */
  readonly others: ReadonlyArray<readonly [key: string, id: unknown]>
}

/** What the RUM SDK itself adds to a call that it traces. */
export interface RumHeaders {
  readonly baggage: boolean
  readonly traceIds: boolean
  /** A trace context that has no place for the session. */
  readonly foreignTrace: boolean
}

/** The session of a call, and the headers that RUM will add to this call. */
export interface Session extends Identity {
  readonly rumHeaders: () => RumHeaders
  /** The ids of sessions that have ended, if the plugin has written them into URLs of this page. */
  readonly endedIds: readonly string[]
}
