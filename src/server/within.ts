import { attempt } from './attempt.js'

type Outcome<T> = { readonly kind: 'returned'; readonly value: T } | { readonly kind: 'threw'; readonly error: unknown }

/**
 * Runs a handler inside of something that `enter` opens, such as a span or a context. Whatever `enter` does, the handler runs
 * exactly once, and the caller gets what the handler returns or throws. Errors of `enter` itself reach nobody, nor do
 * rejections of a promise that it makes.
 */
export function within<T>(enter: (handler: () => T) => unknown, handler: () => T): T {
  let outcome: Outcome<T> | undefined
  let hasStarted = false
  const once = (): T => {
    if (hasStarted) {
      return (outcome?.kind === 'returned' ? outcome.value : undefined) as T
    }
    hasStarted = true
    outcome = outcomeOf(handler)
    return unwrap(outcome)
  }

  const entered = attempt(() => enter(once))
  const isOwn = outcome?.kind === 'returned' && entered === outcome.value
  if (!isOwn) {
    ignoreRejection(entered)
  }
  return outcome ? unwrap(outcome) : once()
}

function outcomeOf<T>(handler: () => T): Outcome<T> {
  try {
    return { kind: 'returned', value: handler() }
  } catch (error) {
    return { kind: 'threw', error }
  }
}

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'threw') {
    throw outcome.error
  }
  return outcome.value
}

/** An unhandled rejection ends the process. */
function ignoreRejection(promise: unknown) {
  attempt(() => {
    const { then } = promise as PromiseLike<unknown>
    if (typeof then === 'function') {
      then.call(promise, undefined, () => {})
    }
  })
}
