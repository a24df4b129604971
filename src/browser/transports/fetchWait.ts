import { copyForm } from '../../carriers/formField.js'
import { isBlob, isHeaders } from '../../lib/classOf.js'
import { Headers, Promise, Uint8Array } from '../../lib/globals.js'
import { type Answer, UNCHANGED } from '../correlator.js'
import { sinceThen } from '../networkUrl.js'
import { UNREAD } from '../outgoingRequest.js'
import { ask, type Target } from '../targets.js'
import { describeBody } from './body.js'
import { argumentsOf, rebuild } from './fetchArguments.js'
import { describeFetch, type FetchCall, memberOf, readCall } from './fetchCall.js'

/**
 * Has a call wait for what its decision needs: RUM's start, or its own body, which is a Blob's or a Request's. Whatever fails in
 * here, the call goes out, and as it was when the page made it: later changes of the page's objects do not count.
 *
 * @returns The arguments for the original; rejects as soon as the call's signal aborts, as native `fetch` does.
 * @throws What the browser refuses at once, before anything has happened.
 */
export function settle(call: FetchCall, target: Target, answer: Answer): Promise<unknown[]> {
  const outcome = settled(snapshot(call), target, answer)
  const signal = memberOf(call, 'signal') as AbortSignal | null | undefined
  // WebKit ignores what is no signal.
  return signal?.addEventListener
    ? new Promise((resolve, reject) => {
        const onAbort = () => reject(signal.reason)
        signal.addEventListener('abort', onAbort)
        outcome.then(resolve, reject).then(() => signal.removeEventListener('abort', onAbort))
      })
    : outcome
}

async function settled(own: FetchCall, target: Target, first: Answer): Promise<unknown[]> {
  let call = own
  let answer = first
  let read: Uint8Array | undefined
  try {
    while (answer.pending) {
      const { body } = call.init
      if (answer.pending === UNREAD) {
        read = new Uint8Array(await (isBlob(body) ? body : (call.input as Request)).arrayBuffer())
      } else {
        await answer.pending
      }
      const url = sinceThen(target.url)
      call = typeof call.input === 'string' ? { ...call, input: url.text } : call
      answer = ask(target, () => describeFetch(call, url, read))
    }
    return argumentsOf(call, answer, read)
  } catch {
    // With the body that was read, if one was.
    return argumentsOf(call, UNCHANGED, read)
  }
}

/** A call that later changes of the page's own objects do not reach. */
function snapshot(call: FetchCall): FetchCall {
  const { input, init } = call
  if (typeof input !== 'string') {
    // As native `fetch` does: it takes over the body, so that `bodyUsed` of the page's Request reads true.
    return readCall(rebuild(input, init))
  }
  // Headers in any other form have become a copy when they were read.
  if (isHeaders(init.headers)) {
    init.headers = new Headers(init.headers)
  }
  const { body } = describeBody(init.body)
  if (typeof body === 'object') {
    init.body = body instanceof Uint8Array ? body.slice() : copyForm(body)
  }
  return call
}
