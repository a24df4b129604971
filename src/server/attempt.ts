/**
 * Calls a function and returns its result, or `undefined` if it throws. Neither what a client sends nor what a runtime lacks
 * may break the app.
 */
export function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute()
  } catch {
    return undefined
  }
}
