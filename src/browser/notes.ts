import type { Sent } from './outcome.js'

/** Where a transport leaves what was done with a call, for RUM's event of it. */
export interface Notes {
  /** Marks a `fetch` by its `init`, which the RUM SDK hands back with the event. */
  markFetch(init: object, sent: Sent): void
  /** Notes the current use of an XMLHttpRequest. `undefined`: no entry takes it. */
  markXhr(xhr: object, sent: Sent | undefined): void
}
