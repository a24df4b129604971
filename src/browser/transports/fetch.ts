import { globalObject } from '../../lib/globals.js'
import { createPatch, type Patch } from '../patch.js'
import { ask, type Targets } from '../targets.js'
import { argumentsOf } from './fetchArguments.js'
import { describeFetch, type FetchCall, inputUrlOf, memberOf, readCall } from './fetchCall.js'
import { settle } from './fetchWait.js'

/**
 * Patches `fetch`. A call that needs nothing asynchronous stays synchronous up to the original; three cases wait: a
 * Request whose own body has to be read, a Blob that may hold JSON, and a call made while RUM starts.
 */
export function patchFetch(targets: Targets): Patch {
  return createPatch(globalObject, 'fetch', (forward, args) => {
    // What was read of the page's call goes out, and not the page's own: reading may run code, and some of it runs only once.
    let call: FetchCall | undefined
    let finalArgs = args
    try {
      const target = targets.find(inputUrlOf(args[0]))
      const answer =
        target &&
        ask(target, ({ url }) => {
          call ??= readCall(args, url.text)
          return describeFetch(call, url)
        })
      if (call && answer) {
        if (answer.pending && !(memberOf(call, 'signal') as AbortSignal | null | undefined)?.aborted) {
          return settle(call, target, answer).then(forward)
        }
        finalArgs = argumentsOf(call, answer)
      }
    } catch {
      // The browser says what is wrong with the call, if that is it.
      finalArgs = call ? argumentsOf(call) : args
    }
    return forward(finalArgs)
  })
}
