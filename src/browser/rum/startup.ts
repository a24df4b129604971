import * as natives from '../../defence/natives.js'

/** The time between `init` and the start of RUM. The session is not known yet. */
export interface Startup {
  /** Resolves when RUM has started, or the time is over. `undefined`: do not wait. */
  pending(): Promise<void> | undefined
  end(): void
}

const TURNS = 10

/**
 * @param timeout - Milliseconds from now that calls may wait. A timer counts them in ten turns. If
 * the main thread is blocked, only one turn passes, and RUM can start before the next one.
 */
export function createStartup(timeout: number): Startup {
  let turns = TURNS
  let resolve = () => {}
  let pending: Promise<void> | undefined = new natives.Promise((done) => {
    resolve = done
  })
  const end = () => {
    pending = undefined
    natives.stopTimer(timer)
    resolve()
  }
  const onTurn = () => {
    turns -= 1
    if (turns === 0) {
      end()
    }
  }
  const timer = natives.startTimer(onTurn, timeout / TURNS)
  if (timeout) {
    // Calls that still waited when the page goes away would be lost.
    natives.onPageHide(end)
  } else {
    end()
  }
  return { pending: () => pending, end }
}
