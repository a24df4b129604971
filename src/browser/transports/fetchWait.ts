import { copyForm } from '../../carriers/formField.js'
import { Promise, Request, Uint8Array, URL } from '../../lib/globals.js'
import type { Answer } from '../correlator.js'
import { type NetworkUrl, sinceThen } from '../networkUrl.js'
import { ask, type Target } from '../targets.js'
import { describeBody } from './body.js'
import { argumentsOf, keptReferrer, setHeaders } from './fetchArguments.js'
import { describeFetch, type FetchCall, isBlob } from './fetchCall.js'
import { splitInit } from './fetchInit.js'

/**
 * Has a call wait for what its decision needs: RUM's start, or its own body, which is a Blob's or a Request's. Whatever fails in
 * here, the call goes out, and as it was when the page made it: later changes of the page's objects do not count.
 *
 * @returns The arguments for the original; rejects as soon as the call's signal aborts, as native `fetch` does.
 * @throws What the browser refuses at once, before anything has happened.
 */
export function settle(call: FetchCall, target: Target, answer: Answer): Promise<unknown[]> {
  const outcome = settled(snapshot(call, target.url), target, answer)
  const signal = signalOf(call)
  return signal
    ? new Promise((resolve, reject) => {
        const onAbort = () => reject(signal.reason)
        const done = (args: unknown[]) => {
          signal.removeEventListener('abort', onAbort)
          resolve(args)
        }
        signal.addEventListener('abort', onAbort)
        outcome.then(done, reject)
      })
    : outcome
}

export function signalOf({ request, init }: FetchCall): AbortSignal | null | undefined {
  return init.signal === undefined ? request?.signal : init.signal
}

async function settled(own: FetchCall, target: Target, first: Answer): Promise<unknown[]> {
  let call = own
  let read: Uint8Array | undefined
  try {
    let answer: Answer | undefined = first
    while (answer && answer.next !== 'send') {
      if (answer.next === 'wait') {
        await answer.until
      } else {
        read = new Uint8Array(await (isBlob(call.init.body) ? call.init.body : (call.request as Request)).arrayBuffer())
      }
      const url = sinceThen(target.url)
      if (url !== target.url && typeof call.input === 'string') {
        call = { ...call, input: url.href }
      }
      answer = ask(target, () => describeFetch(call, url, read))
    }
    return argumentsOf(call, answer, read)
  } catch {
    // With the body that was read, if one was.
    return argumentsOf(call, undefined, read)
  }
}

/** What later changes of the page's own objects do not reach. */
function snapshot({ request, init, input, hasMembers }: FetchCall, { href }: NetworkUrl): FetchCall {
  if (request) {
    // As native `fetch` does: it takes over the body, so that `bodyUsed` of the page's Request reads true.
    const [members, others] = splitInit(init)
    const copy = new Request(request, {
      __proto__: null,
      ...(hasMembers ? {} : keptReferrer(request)),
      ...members,
    } as RequestInit)
    return { input: copy, request: copy, init: others, hasMembers: false }
  }
  const { headers } = init
  const { body } = describeBody(init.body)
  return {
    input: typeof input === 'string' ? input : new URL(href),
    request,
    init: {
      ...init,
      ...(headers && { headers: setHeaders(headers, {}) }),
      ...(typeof body === 'object' && { body: body instanceof Uint8Array ? body.slice() : copyForm(body) }),
    },
    hasMembers,
  }
}
