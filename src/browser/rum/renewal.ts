import { createSessionWait, type SessionWait } from './sessionWait.js'

/** Milliseconds that a call may wait until RUM has renewed a session. It takes about 20. */
const MAX_RENEWAL = 100

/** RUM renews a session that has ended when a person does something, but some tasks later. */
export interface Renewal {
  /** Must be called after each look for a session. */
  onLook(isThere: boolean): void
  /** How a call can wait for the renewal. `undefined`: there is none to expect. */
  wait(): SessionWait | undefined
  end(): void
}

export function createRenewal(isOn: boolean, hasSession: () => boolean): Renewal {
  let hadSession = false
  let current: SessionWait | undefined
  return {
    onLook(isThere) {
      hadSession ||= isOn && isThere
    },
    wait() {
      // One wait for each session that has ended: maybe nothing renews it.
      if (hadSession && navigator.userActivation?.isActive) {
        hadSession = false
        const wait = createSessionWait(MAX_RENEWAL, hasSession)
        // It is short enough for calls that the page can abort, too.
        current = { ...wait, until: () => wait.until(false) }
      }
      return current
    },
    end: () => current?.end(),
  }
}
