import { addEventListener, clearTimeout, Promise, removeEventListener, setTimeout } from '../../lib/globals.js'

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
  let end = () => {}
  let pending: Promise<void> | undefined
  if (timeout > 0) {
    pending = new Promise((resolve) => {
      let turns = TURNS
      let timer: ReturnType<typeof setTimeout>
      const wait = () => {
        timer = setTimeout(() => {
          turns -= 1
          turns ? wait() : end()
        }, timeout / TURNS)
      }
      end = () => {
        pending = undefined
        clearTimeout(timer)
        removeEventListener('pagehide', end)
        resolve()
      }
      wait()
      // A call that still waits when the page goes away would be lost.
      addEventListener('pagehide', end)
    })
  }
  return { pending: () => pending, end: () => end() }
}
