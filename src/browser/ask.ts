import type { Call } from './call.js'
import { type Answer, UNCHANGED } from './outcome.js'
import type { Routes } from './router.js'

/**
 * Asks the instances that take a call what to do with it. The first one that has a session decides.
 * If none has one yet, but the call can wait for one, the answer is to wait.
 */
export function ask(routes: Routes, describe: () => Call): Answer {
  let waiting: Answer | undefined
  for (const route of routes) {
    const answer = route.instance.correlate(route, describe)
    if (answer && answer.kind !== 'wait') {
      return answer
    }
    waiting ??= answer
  }
  return waiting ?? UNCHANGED
}
