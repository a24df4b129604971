import * as natives from '../../../defence/natives.js'
import { ask } from '../../ask.js'
import type { NetworkUrl } from '../../call.js'
import type { Interceptor } from '../../layer.js'
import { NO_CHANGES, UNCHANGED } from '../../outcome.js'
import { createPatch } from '../../patch.js'
import type { Stage, Transport } from '../transport.js'
import { applyChanges } from './apply.js'
import { describeFetch } from './describe.js'
import { type FetchCall, inputUrlOf, methodOf, plainMethodOf, readCall, signalOf } from './read.js'
import { type Settled, settle } from './wait.js'

/**
 * Patches `fetch`. A call that needs nothing asynchronous reaches the original synchronously. Only
 * three calls wait: one whose Request has a body to read, one with a Blob that may hold JSON, and
 * one that is made while RUM starts.
 */
export const patchFetch: Transport = (stage) => [createPatch(natives.globalObject, 'fetch', interceptor(stage))]

function interceptor(stage: Stage): Interceptor {
  const { router } = stage
  return (args) => {
    // From here on only what was read goes out: getters of the page must not run twice.
    let call: FetchCall | undefined
    let finalArgs: unknown[] | undefined
    try {
      const read = ({ text }: NetworkUrl) => {
        call ??= readCall(args, text)
        return call
      }
      const routes = router.find(inputUrlOf(args[0]), (url) => plainMethodOf(args) ?? methodOf(read(url)))
      const answer = routes
        ? ask(routes, () => describeFetch(read(routes[0].url), routes[0].url, undefined))
        : UNCHANGED
      if (call) {
        if (routes && answer.kind !== 'send' && !signalOf(call)?.aborted) {
          const settled = settle({ call, routes, answer }, router)
          return (forward) => {
            const response = settled.then((final) => forward(argumentsOf(final, stage)))
            // RUM handles the rejection of each call that it sees, so that the page has no `unhandledrejection`.
            response.catch(() => {})
            return response
          }
        }
        const sending = answer.kind === 'send' ? answer : UNCHANGED
        finalArgs = argumentsOf({ call, answer: sending, read: undefined }, stage)
      }
    } catch (failure) {
      router.onFailure(failure)
      finalArgs = call && applyChanges(call, NO_CHANGES, undefined)
    }
    const changed = finalArgs
    return changed && ((forward) => forward(changed))
  }
}

/** The arguments with the changes; without them, if they cannot be applied. */
function argumentsOf({ call, answer, read }: Settled, { router, notes }: Stage): unknown[] {
  try {
    const [input, init] = applyChanges(call, answer.changes, read)
    if (answer.sent) {
      notes.markFetch(init, answer.sent)
    }
    return [input, init]
  } catch (failure) {
    router.onFailure(failure)
    return applyChanges(call, NO_CHANGES, read)
  }
}
