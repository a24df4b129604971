/** What a function returns, or `undefined` where it throws: what clients send and what runtimes lack must trouble nobody. */
export function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute()
  } catch {
    // It is as if there was nothing.
  }
  return undefined
}
