import { createSessionWait, type SessionWait } from './sessionWait.js'

/** Milliseconds that a call may wait until RUM has renewed a session. It takes about 20. */
const MAX_RENEWAL = 100

interface WaitOptions {
  /** Milliseconds that calls may wait for RUM to start. */
  readonly startupTimeout: number
  /** Whether RUM refuses its configuration, and so never starts. */
  readonly isRefused: boolean
  readonly hasConsent: () => boolean
  readonly hasSession: () => boolean
}

/** What calls wait for: that RUM starts, or that it renews a session that has ended. */
export function createWaits({ startupTimeout, isRefused, hasConsent, hasSession }: WaitOptions) {
  const startup = createSessionWait(isRefused ? 0 : startupTimeout, () => !hasConsent())
  let hadSession = false
  let renewal: SessionWait | undefined

  /** RUM renews a session that has ended as soon as a person does something, but some tasks later. */
  function renewalWait(): SessionWait | undefined {
    if (hadSession && navigator.userActivation?.isActive) {
      hadSession = false
      const wait = createSessionWait(startupTimeout && MAX_RENEWAL, hasSession)
      // It is short enough for calls that the page can abort, too.
      renewal = { ...wait, until: () => wait.until(false) }
    }
    return renewal
  }

  return {
    /** How a call can wait now. `undefined`: not at all. */
    current(hasStarted: boolean): SessionWait | undefined {
      const wait = hasStarted ? renewalWait() : startup
      return wait?.isOver() || !hasConsent() ? undefined : wait
    },

    /** Must be told whether there is a session: only one that has ended can be renewed. */
    onSession(exists: boolean) {
      hadSession ||= exists
    },

    /** Lets the calls that wait go out. */
    end() {
      startup.end()
      renewal?.end()
    },
  }
}
