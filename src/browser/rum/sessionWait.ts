import * as natives from '../../defence/natives.js'

/** A wait for a session, which calls share: RUM starts, or renews a session that has ended. */
export interface SessionWait {
  isOver(): boolean
  /**
   * Resolves when the wait is over.
   *
   * @param isShort - Waits for a fifth of the time at most.
   */
  until(isShort: boolean): Promise<void>
  end(): void
}

const TURNS = 20

/** A late turn counts as this many: after a main thread that was blocked, RUM needs a few. */
const LATE = TURNS / 10

/**
 * A timer counts the timeout in twenty turns. While the main thread is blocked, at most one turn
 * passes, so RUM gets its time too. After three times the timeout by the clock, turns count double.
 *
 * @param timeout - Milliseconds from now.
 * @param isDone - Whether the wait can end early. Asked at each turn.
 */
export function createSessionWait(timeout: number, isDone: () => boolean): SessionWait {
  const start = natives.performance.now()
  let left = TURNS
  const waiting: Array<{ last: number; resolve: () => void }> = []

  const goTo = (turn: number) => {
    left = turn
    if (turn <= 0) {
      natives.stopTimer(timer)
    }
    for (const { last, resolve } of waiting) {
      if (turn <= last) {
        resolve()
      }
    }
  }
  const end = () => goTo(0)
  const timer = natives.startTimer(() => {
    const elapsed = natives.performance.now() - start
    // The timers of a hidden tab run once a second: there the clock alone counts.
    const isOver = isDone() || (document.hidden && elapsed >= timeout)
    goTo(isOver ? 0 : left - (elapsed < 3 * timeout ? 1 : LATE))
  }, timeout / TURNS)
  // Calls that still waited when the page goes away would be lost.
  natives.onPageHide(end)
  if (!timeout) {
    end()
  }

  return {
    isOver: () => left <= 0,
    until: (isShort) =>
      new natives.Promise((resolve) => {
        waiting.push({ last: isShort ? left - TURNS / 5 : 0, resolve })
      }),
    end,
  }
}
