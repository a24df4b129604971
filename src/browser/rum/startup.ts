import { addEventListener, clearInterval, Promise, setInterval } from '../../lib/globals.js'

/** The time between `init` and the start of RUM, when the session is not known yet. */
export interface Startup {
  /** Resolves when RUM has started or there is no more time to wait; `undefined` when nothing is to be waited for. */
  pending(): Promise<void> | undefined
  end(): void
}

const TURNS = 10

/**
 * @param timeout - Milliseconds from now that calls may wait. They pass in short turns: a main thread that is blocked for all of
 * them uses up one, and RUM gets its own turn before the next.
 */
export function createStartup(timeout: number): Startup {
  let turns = TURNS
  let resolve = () => {}
  let pending: Promise<void> | undefined = new Promise((done) => {
    resolve = done
  })
  const end = () => {
    pending = undefined
    clearInterval(timer)
    resolve()
  }
  const timer = setInterval(() => --turns || end(), timeout / TURNS)
  if (timeout) {
    // A call that still waits when the page goes away would be lost.
    addEventListener('pagehide', end)
  } else {
    end()
  }
  return { pending: () => pending, end }
}
