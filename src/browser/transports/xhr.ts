import { type Changes, READ_BODY } from '../correlate.js'
import { type OutgoingRequest, readerOf } from '../outgoingRequest.js'
import { createPatch, type Patch } from '../patch.js'
import { type Annotation, annotationOf } from '../rum/annotation.js'
import type { Target, Targets } from '../targets.js'
import { describeBody } from './body.js'
import { urlOf } from './urlOf.js'

/** What is known of a request since its last `open`; it is decided on at its `send`. */
export interface XhrCall {
  readonly target: Target
  readonly openArgs: readonly unknown[]
  readonly open: (args: unknown[]) => unknown
  readonly headers: Array<[name: string, value: string]>
  isSent: boolean
  annotation?: Annotation
}

/**
 * Patches XMLHttpRequest. It decides once, at `send`. A changed URL, or a header of the page's that needs another value,
 * makes it `open` the request anew, which keeps `timeout`, `withCredentials`, `responseType`, listeners and an overridden
 * media type, and fires no event: {@link https://xhr.spec.whatwg.org/#the-open()-method}
 */
export function patchXhr(targets: Targets, calls: WeakMap<object, XhrCall>): Patch[] {
  const { prototype } = XMLHttpRequest

  return [
    createPatch(prototype, 'open', (forward, args, self) => {
      const xhr = self as XMLHttpRequest
      const result = forward(args)
      try {
        // First of all, for whatever fails next: what an earlier `open` left must not be taken for this one's.
        calls.delete(xhr)
        const url = urlOf(args[1])
        const target = url === undefined ? undefined : targets.find(url)
        if (target) {
          calls.set(xhr, { target, openArgs: args, open: forward, headers: [], isSent: false })
        }
      } catch {
        // The request goes out as the page made it.
      }
      return result
    }),

    createPatch(prototype, 'setRequestHeader', (forward, args, self) => {
      const result = forward(args)
      const call = calls.get(self as XMLHttpRequest)
      if (call && !call.isSent) {
        call.headers.push([String(args[0]), String(args[1])])
      }
      return result
    }),

    createPatch(prototype, 'send', (forward, args, self) => {
      const xhr = self as XMLHttpRequest
      const call = calls.get(xhr)
      if (!call || call.isSent) {
        return forward(args)
      }
      call.isSent = true
      let finalArgs = args
      try {
        finalArgs = correlateXhr(xhr, call, args)
      } catch {
        // The request goes out as the page made it.
      }
      return forward(finalArgs)
    }),
  ]
}

function correlateXhr(xhr: XMLHttpRequest, call: XhrCall, args: unknown[]) {
  const { target, headers, openArgs } = call
  const { entry, correlator, url } = target
  const identity = correlator.identify(entry)
  // Sent before, or aborted: the browser says so.
  if (xhr.readyState !== xhr.OPENED) {
    return args
  }
  if (!identity) {
    correlator.skip(url, () => openArgs[0])
    return args
  }
  const method = String(openArgs[0]).toUpperCase()
  const outgoing: OutgoingRequest = {
    method,
    url,
    header: readerOf(headers),
    // Browsers ignore the body of these.
    ...describeBody(method === 'GET' || method === 'HEAD' ? undefined : args[0]),
  }
  const decision = correlator.decide(outgoing, entry, identity)
  if (decision === READ_BODY) {
    return args
  }
  if (correlator.annotates()) {
    call.annotation = annotationOf(decision)
  }
  return decision.carrier === 'none' ? args : apply(xhr, call, decision.changes, args)
}

function apply(
  xhr: XMLHttpRequest,
  { open, openArgs, headers }: XhrCall,
  changes: Changes,
  args: unknown[],
): unknown[] {
  const set = changes.headers ?? {}
  const names = Object.keys(set)
  const isSet = ([name]: [string, string]) => names.includes(name.toLowerCase())
  // A header that is set twice is joined, and `open` has no way back but another `open`.
  if (changes.url || headers.some(isSet)) {
    const [method, url, ...others] = openArgs
    try {
      open([method, changes.url ?? url, ...others])
    } catch (error) {
      open([...openArgs])
      replay(headers)
      throw error
    }
    replay(headers.filter((header) => !isSet(header)))
  }
  replay(Object.entries(set))
  return changes.body === undefined ? args : [changes.body]

  function replay(replayed: Array<[string, string]>) {
    for (const [name, value] of replayed) {
      xhr.setRequestHeader(name, value)
    }
  }
}
