import * as natives from '../../../defence/natives.js'
import { isHeaders, isRequest } from '../../../lib/classOf.js'
import { copyForm } from '../../../lib/copyForm.js'
import { ask } from '../../ask.js'
import { sinceThen } from '../../networkUrl.js'
import { type Answer, type Sending, UNCHANGED } from '../../outcome.js'
import type { Router, Routes } from '../../router.js'
import { describeBody } from '../body.js'
import { describeFetch } from './describe.js'
import type { Init } from './init.js'
import { type FetchCall, readCall, signalOf } from './read.js'
import { type ReadBody, readBody } from './readBody.js'
import { rebuild } from './request.js'

/** A call that has waited, and what to do with it now. */
export interface Settled {
  readonly call: FetchCall
  readonly answer: Sending
  /** The body, if it had to be read. */
  readonly read: ReadBody | undefined
}

/** A call that has to wait, and the answer that says for what. */
export interface Waiting {
  readonly call: FetchCall
  readonly routes: Routes
  readonly answer: Answer
}

/**
 * Lets a call wait for RUM to start, or until its own body has been read. Whatever fails, the call
 * goes out, as it was when the page made it: later changes of the page's objects do not count.
 *
 * @returns Rejects as soon as the call's signal aborts, as native `fetch` does.
 * @throws What the browser refuses at once, before anything has happened.
 */
export function settle(waiting: Waiting, router: Router): Promise<Settled> {
  const signal = signalOf(waiting.call)
  // This uses up the body of a Request, so nothing that could throw may follow.
  const settled = askAgain({ ...waiting, call: snapshot(waiting.call) }, router, !!signal)
  // WebKit ignores a signal that is not an AbortSignal.
  if (!signal?.addEventListener) {
    return settled
  }
  return new natives.Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    settled.then(resolve, reject).then(() => signal.removeEventListener('abort', onAbort))
  })
}

/**
 * @param isShort - Whoever can abort a call may have set a limit to its time. A Request always has a signal: nobody
 *   can tell the page's own from the default one.
 */
async function askAgain({ call, routes, answer }: Waiting, router: Router, isShort: boolean): Promise<Settled> {
  const [{ url }] = routes
  let current = call
  let next = answer
  let read: ReadBody | undefined
  let mayWait = true
  try {
    while (next.kind !== 'send') {
      if (next.kind === 'read-body') {
        read = await readBody(current, next.as)
      } else {
        mayWait = !isShort
        await next.until(isShort)
      }
      const urlNow = sinceThen(url)
      current = isRequest(call.input) ? call : { ...call, input: urlNow.text }
      const described = describeFetch(current, urlNow, read)
      next = ask(routes, () => (mayWait ? described : { ...described, keepalive: undefined }))
    }
    return { call: current, answer: next, read }
  } catch (failure) {
    router.onFailure(failure)
    return { call: current, answer: UNCHANGED, read }
  }
}

/** Copies what later changes of the page's own objects could reach. */
function snapshot({ input, init }: FetchCall): FetchCall {
  if (isRequest(input)) {
    // Native `fetch` takes over the body in the same way: `bodyUsed` of the page's Request reads true.
    return readCall(rebuild(input, init), '')
  }
  const own: Init = { ...init }
  // Other forms of headers became a copy when they were read.
  if (isHeaders(init.headers)) {
    own.headers = new natives.Headers(init.headers)
  }
  const body = describeBody(init.body)
  if (body.kind === 'form') {
    own.body = copyForm(body.form)
  }
  if (body.kind === 'bytes') {
    own.body = body.bytes.slice()
  }
  return { input, init: own }
}
