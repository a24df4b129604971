import { globalObject } from '../../lib/globals.js'
import { createPatch, type Patch } from '../patch.js'
import { ask, type Targets } from '../targets.js'
import { argumentsOf } from './fetchArguments.js'
import { describeFetch, type FetchCall, inputUrlOf, readCall } from './fetchCall.js'
import { settle, signalOf } from './fetchWait.js'

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
      const url = inputUrlOf(args[0])
      const target = url === undefined ? undefined : targets.find(url)
      const answer =
        target &&
        ask(target, (asked) => {
          call ??= readCall(args)
          return describeFetch(call, asked.url)
        })
      if (target && call) {
        if (answer && answer.next !== 'send' && !signalOf(call)?.aborted) {
          return settle(call, target, answer).then(forward)
        }
        finalArgs = argumentsOf(call, answer?.next === 'send' ? answer : undefined)
      }
    } catch {
      // The browser says what is wrong with the call, if that is it.
      finalArgs = call ? argumentsOf(call) : args
    }
    return forward(finalArgs)
  })
}
