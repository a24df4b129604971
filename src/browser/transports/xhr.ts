import { BAGGAGE } from '../../carriers/baggage.js'
import { Object, performance, String, URL, WeakMap } from '../../lib/globals.js'
import { NO_CHANGES } from '../correlate.js'
import { type HeaderList, type OutgoingRequest, readerOf, USUAL } from '../outgoingRequest.js'
import { createPatch, type Patch } from '../patch.js'
import type { Sent, SentXhrs } from '../rum/annotation.js'
import { ask, type Target, type Targets } from '../targets.js'
import { describeBody } from './body.js'
import { textOf } from './fetchInit.js'
import { urlOf } from './inputUrl.js'

/** What is known of a request since its last `open`; it is decided on at its `send`. */
interface XhrCall {
  readonly target: Target
  /** The original `open`, and what the page passed to it. */
  readonly open: (args: unknown[]) => unknown
  readonly openArgs: readonly unknown[]
  /** The URL with which it was opened, where that is not the page's. */
  openedUrl: string | undefined
  readonly headers: Array<[name: string, value: string]>
  isSent: boolean
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
export function patchXhr(targets: Targets, sents: SentXhrs): { patches: Patch[]; forget(): void } {
  const { prototype } = XMLHttpRequest
  let calls = new WeakMap<object, XhrCall>()

  function keep(xhr: object, call: XhrCall | undefined) {
    call ? calls.set(xhr, call) : calls.delete(xhr)
  }

  function note(xhr: object, sent: Sent | undefined) {
    sents.set(xhr, [...(sents.get(xhr) ?? []).slice(-MAX_SENT), { time: performance.now(), sent }])
  }

  const open = createPatch(prototype, 'open', (forward, args, self) => {
    const xhr = self as XMLHttpRequest
    const previous = calls.get(xhr)
    let call: XhrCall | undefined
    try {
      const url = urlOf(args[1])
      const target = url === undefined ? undefined : targets.find(url)
      call = target && openCall(target, forward, args)
    } catch {
      // The request goes out as the page made it.
    }
    if (previous && !call) {
      note(xhr, undefined)
    }
    // Before it is opened: a listener of the event that this fires may open it again, or send it.
    keep(xhr, call)
    try {
      if (call?.openedUrl) {
        try {
          return forward(withUrl(call.openArgs, call.openedUrl))
        } catch {
          call.openedUrl = undefined
        }
      }
      return forward(call ? [...call.openArgs] : args)
    } catch (error) {
      if (calls.get(xhr) === call) {
        keep(xhr, previous)
      }
      throw error
    }
  })

  const setRequestHeader = createPatch(prototype, 'setRequestHeader', (forward, args, self) => {
    const call = calls.get(self as object)
    if (!call || call.isSent || args.length < 2) {
      return forward(args)
    }
    const header = [textOf(args[0]), textOf(args[1])] as [string, string]
    const result = forward(header)
    call.headers.push(header)
    return result
  })

  const send = createPatch(prototype, 'send', (forward, args, self) => {
    const xhr = self as XMLHttpRequest
    const call = calls.get(xhr)
    // What was sent before, or aborted, is left for the browser to refuse.
    if (!call || call.isSent || xhr.readyState !== OPENED) {
      return forward(args)
    }
    call.isSent = true
    let finalArgs = args
    try {
      finalArgs = correlate(xhr, call, args)
    } catch {
      // The request goes out as the page made it.
    }
    return forward(finalArgs)
  })

  function correlate(xhr: XMLHttpRequest, call: XhrCall, args: unknown[]): unknown[] {
    const { target, open, openedUrl, headers } = call
    const answer = ask(target, () => describe(call, args[0]))
    const { changes, sent } = answer?.next === 'send' ? answer : { changes: NO_CHANGES, sent: undefined }
    const header = readerOf(headers)
    const set: HeaderList = Object.entries(changes.headers ?? {}).map(([name, value]) => {
      // A list may come in several headers of one name, which the browser joins. Others take no white space in between.
      const own = name === BAGGAGE && header(name)
      return [name, own ? value.slice(own.length + 1) : value]
    })
    const kept = headers.filter(([own]) => !set.some(([name]) => name !== BAGGAGE && name === own.toLowerCase()))
    const replay = (list: HeaderList) => {
      for (const header of list) {
        setRequestHeader.below(xhr, [...header])
      }
    }
    try {
      // `open` has no way back but another `open`, and neither has a header that is set.
      if (changes.url !== openedUrl || kept.length < headers.length) {
        open(argsOf(call, changes.url))
        replay(kept)
      }
      replay(set)
    } catch (error) {
      open(argsOf(call, undefined))
      replay(headers)
      throw error
    }
    note(xhr, sent)
    return changes.body === undefined ? args : [changes.body]
  }

  return {
    patches: [open, setRequestHeader, send],
    forget() {
      calls = new WeakMap()
    },
  }
}

function openCall(target: Target, open: XhrCall['open'], args: unknown[]): XhrCall {
  // The browser converts them, which may run code of the page, and another `open` would again.
  const openArgs = args.map((arg, index) => (index !== 1 && typeof arg === 'object' && arg ? `${arg}` : arg))
  const call: XhrCall = { target, open, openArgs, openedUrl: undefined, headers: [], isSent: false }
  const { carrier } = target.entry
  if (carrier === 'query' || (carrier === 'body' && isBodyless(call))) {
    const answer = ask(target, () => ({ ...describe(call, undefined), isPartial: true }))
    return { ...call, openedUrl: answer?.next === 'send' ? answer.changes.url : undefined }
  }
  return call
}

function describe(call: Pick<XhrCall, 'target' | 'openArgs' | 'headers'>, body: unknown): OutgoingRequest {
  return {
    ...USUAL,
    // Browsers ignore the body of these.
    ...describeBody(isBodyless(call) ? undefined : body),
    method: String(call.openArgs[0]).toUpperCase(),
    url: call.target.url,
    header: readerOf(call.headers),
  }
}

function isBodyless({ openArgs }: Pick<XhrCall, 'openArgs'>) {
  return /^(get|head)$/i.test(String(openArgs[0]))
}

/** The arguments of another `open`, with a URL that means what it meant at the first one. */
function argsOf({ target, openArgs }: XhrCall, changedUrl: string | undefined): unknown[] {
  const { text, base } = target.url
  const url = changedUrl ?? text
  return withUrl(openArgs, document.baseURI === base ? url : new URL(url, base).href)
}

function withUrl([method, pageUrl, ...others]: readonly unknown[], url: unknown = pageUrl): unknown[] {
  return [method, url, ...others]
}
