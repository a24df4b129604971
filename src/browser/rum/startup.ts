/** The time between `init` and the start of RUM, when the session is not known yet. */
export interface Startup {
  /** Resolves when RUM has started or there is no more time to wait; `undefined` when nothing is to be waited for. */
  pending(): Promise<void> | undefined
  end(): void
}

/** @param timeout - Milliseconds from now that calls may wait. */
export function createStartup(timeout: number): Startup {
  let end = () => {}
  let pending: Promise<void> | undefined
  if (timeout > 0) {
    pending = new Promise((resolve) => {
      end = () => {
        pending = undefined
        clearTimeout(timer)
        removeEventListener('pagehide', end)
        resolve()
      }
      const timer = setTimeout(end, timeout)
      // A call that still waits when the page goes away would be lost.
      addEventListener('pagehide', end)
    })
  }
  return { pending: () => pending, end: () => end() }
}
