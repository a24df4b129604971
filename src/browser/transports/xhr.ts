import { BAGGAGE } from '../../carriers/baggage.js'
import { Object, performance, Reflect, WeakMap } from '../../lib/globals.js'
import { sinceThen } from '../networkUrl.js'
import { createRequest, type HeaderList, type OutgoingRequest, readerOf } from '../outgoingRequest.js'
import { createPatch, type Patch } from '../patch.js'
import type { Sent, SentXhrs } from '../rum/annotation.js'
import { ask, type Target, type Targets } from '../targets.js'
import { describeBody, isBodyless } from './body.js'
import { urlOf } from './inputUrl.js'

/** What is known of a request since its last `open`; it is decided on at its `send`. */
interface XhrCall {
  readonly target: Target
  /** The original `open`, and what the page passed to it. */
  readonly open: (args: unknown[]) => unknown
  readonly method: string
  readonly openArgs: readonly unknown[]
  /** The URL with which it was opened, where that is not the page's. */
  openedUrl: string | undefined
  readonly headers: Array<[name: string, value: string]>
}

const OPENED = 1
/** Enough for those whose RUM events are still to come. */
const MAX_SENT = 10

/**
 * Patches XMLHttpRequest. It decides once, at `send`; where that changes the URL, or a header that the page has set, the request is
 * opened anew, which keeps `timeout`, `withCredentials`, `responseType`, listeners and an overridden media type, and fires no
 * event: {@link https://xhr.spec.whatwg.org/#the-open()-method}. Where no header and no body can make a difference to the URL, the
 * request is opened with it at once, for other libraries count each `open`.
 */
export function patchXhr(targets: Targets, sents: SentXhrs): Patch[] {
  const { prototype } = XMLHttpRequest
  // Past the patches of other libraries that come over it.
  const original = prototype.setRequestHeader
  let calls = new WeakMap<object, XhrCall>()

  const note = (xhr: object, sent: Sent | undefined) =>
    sents.set(xhr, [...(sents.get(xhr) ?? []), { time: performance.now(), sent }].slice(-MAX_SENT))

  const open = createPatch(prototype, 'open', (forward, args, self) => {
    const xhr = self as XMLHttpRequest
    let call: XhrCall | undefined
    try {
      const target = targets.find(urlOf(args[1]))
      call = target && openCall(target, forward, args)
    } catch {
      // The request goes out as the page made it.
    }
    if (!call) {
      if (calls.delete(xhr) || sents.has(xhr)) {
        note(xhr, undefined)
      }
      return forward(args)
    }
    // Before it is opened: a listener of the event that this fires may open it again, or send it.
    calls.set(xhr, call)
    try {
      return forward(withUrl(call, call.openedUrl))
    } catch {
      calls.delete(xhr)
      return forward(args)
    }
  })

  const setRequestHeader = createPatch(prototype, 'setRequestHeader', (forward, args, self) => {
    const call = calls.get(self as object)
    if (!call || args.length < 2) {
      return forward(args)
    }
    const header: [string, string] = [`${args[0]}`, `${args[1]}`]
    const result = forward(header)
    call.headers.push(header)
    return result
  })

  const send = createPatch(prototype, 'send', (forward, args, self) => {
    const xhr = self as XMLHttpRequest
    const call = calls.get(xhr)
    let finalArgs = args
    // What was sent before, or aborted, is left for the browser to refuse.
    if (call && xhr.readyState === OPENED) {
      calls.delete(xhr)
      try {
        finalArgs = correlate(xhr, call, args)
      } catch {
        // The request goes out as the page made it.
      }
    }
    return forward(finalArgs)
  })

  function correlate(xhr: XMLHttpRequest, call: XhrCall, args: unknown[]): unknown[] {
    const { headers } = call
    const { changes, sent } = ask(call.target, () => describe(call, args[0]))
    const set: HeaderList = Object.entries(changes.headers ?? {}).map(([name, value]) => {
      // What is set twice, the browser joins with a comma and a space: only this list may have that.
      const own = name === BAGGAGE && readerOf(headers)(name)
      return [name, own ? value.slice(own.length + 1) : value]
    })
    const kept = headers.filter(([own]) => !set.some(([name]) => name !== BAGGAGE && name === own.toLowerCase()))
    const replay = (list: HeaderList) => {
      for (const header of list) {
        Reflect.apply(original, xhr, header)
      }
    }
    try {
      // `open` has no way back but another `open`, and neither has a header that is set.
      if (changes.url !== call.openedUrl || kept.length < headers.length) {
        call.open(withUrl(call, changes.url))
        replay(kept)
      }
      replay(set)
    } catch (error) {
      call.open(withUrl(call))
      replay(headers)
      throw error
    }
    note(xhr, sent)
    return changes.body === undefined ? args : [changes.body]
  }

  return [
    {
      ...open,
      remove() {
        open.remove()
        calls = new WeakMap()
      },
    },
    setRequestHeader,
    send,
  ]
}

function openCall(target: Target, open: XhrCall['open'], openArgs: unknown[]): XhrCall {
  const call: XhrCall = { target, open, method: `${openArgs[0]}`, openArgs, openedUrl: undefined, headers: [] }
  const { carrier } = target.entry
  if (carrier === 'query' || (carrier === 'body' && isBodyless(call.method))) {
    call.openedUrl = ask(target, () => describe(call, undefined, true)).changes.url
  }
  return call
}

function describe(call: XhrCall, body: unknown, isPartial = false): OutgoingRequest {
  const { method, target, headers } = call
  // Browsers ignore the body of some methods.
  const described = describeBody(isBodyless(method) ? undefined : body)
  return createRequest(method, sinceThen(target.url), readerOf(headers), described, undefined, undefined, isPartial)
}

/** The arguments of `open`, with a URL that means what it meant when the page called it. */
function withUrl({ target, method, openArgs }: XhrCall, url = sinceThen(target.url).text): unknown[] {
  return [method, url, ...openArgs.slice(2)]
}
