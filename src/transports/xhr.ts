import { type Annotation, annotationOf } from '../annotation.js'
import { type Changes, READ_BODY } from '../correlate.js'
import type { OutgoingRequest } from '../outgoingRequest.js'
import { createPatch, type Patch } from '../patch.js'
import type { Target, Targets } from '../targets.js'
import { describeBody } from './body.js'
import { urlOf } from './urlOf.js'

/** A request between its `open` and its `send`, when method, URL, headers and body are all known. */
interface PendingXhr {
  readonly target: Target
  readonly openArgs: readonly unknown[]
  readonly open: (args: unknown[]) => unknown
  readonly headers: Array<[name: string, value: string]>
}

/**
 * Patches XMLHttpRequest. It decides once, at `send`. A changed URL, or a header of the page's that needs another value,
 * makes it `open` the request anew, which keeps `timeout`, `withCredentials`, `responseType`, listeners and an overridden
 * media type, and fires no event: {@link https://xhr.spec.whatwg.org/#the-open()-method}
 */
export function patchXhr(targets: Targets, annotations: WeakMap<object, Annotation>): Patch[] {
  const { prototype } = XMLHttpRequest
  const pending = new WeakMap<XMLHttpRequest, PendingXhr>()

  return [
    createPatch(prototype, 'open', (forward, args, self) => {
      const xhr = self as XMLHttpRequest
      const result = forward(args)
      try {
        annotations.delete(xhr)
        const url = urlOf(args[1])
        const target = url === undefined ? undefined : targets.find(url)
        if (target) {
          pending.set(xhr, { target, openArgs: args, open: forward, headers: [] })
        } else {
          pending.delete(xhr)
        }
      } catch {
        // The request goes out as the page made it.
      }
      return result
    }),

    createPatch(prototype, 'setRequestHeader', (forward, args, self) => {
      const result = forward(args)
      pending.get(self as XMLHttpRequest)?.headers.push([String(args[0]), String(args[1])])
      return result
    }),

    createPatch(prototype, 'send', (forward, args, self) => {
      const xhr = self as XMLHttpRequest
      const call = pending.get(xhr)
      if (!call) {
        return forward(args)
      }
      pending.delete(xhr)
      let finalArgs = args
      try {
        finalArgs = correlateXhr(xhr, call, args, annotations)
      } catch {
        // The request goes out as the page made it.
      }
      return forward(finalArgs)
    }),
  ]
}

function correlateXhr(
  xhr: XMLHttpRequest,
  call: PendingXhr,
  args: unknown[],
  annotations: WeakMap<object, Annotation>,
) {
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
    header: (name) => {
      const values = headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
      return values.length ? values.join(', ') : null
    },
    // Browsers ignore the body of these.
    ...describeBody(method === 'GET' || method === 'HEAD' ? undefined : args[0]),
  }
  const decision = correlator.decide(outgoing, entry, identity)
  if (decision === READ_BODY) {
    return args
  }
  if (correlator.annotates()) {
    annotations.set(xhr, annotationOf(decision))
  }
  return decision.carrier === 'none' ? args : apply(xhr, call, decision.changes, args)
}

function apply(
  xhr: XMLHttpRequest,
  { open, openArgs, headers }: PendingXhr,
  changes: Changes,
  args: unknown[],
): unknown[] {
  const set = changes.headers ?? {}
  const isSet = ([name]: [string, string]) => name.toLowerCase() in set
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
