/**
 * Runs a handler within what `enter` makes of it (a span, a context), and whatever `enter` does: exactly once, and what the handler
 * returns or throws is what comes out. Errors of `enter` itself reach nobody.
 */
export function within<T>(enter: (handler: () => T) => unknown, handler: () => T): T {
  let started = false
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined
  const once = () => {
    if (!started) {
      started = true
      try {
        outcome = { value: handler() }
      } catch (error) {
        outcome = { error }
        throw error
      }
    }
    return (outcome as { readonly value: T } | undefined)?.value as T
  }
  try {
    enter(once)
  } catch {
    // The handler's own error is thrown below.
  }
  if (!started) {
    return once()
  }
  if (outcome && 'error' in outcome) {
    throw outcome.error
  }
  return (outcome as { readonly value: T }).value
}
