import * as natives from '../../defence/natives.js'
import { askAtOnce } from '../ask.js'
import type { Call } from '../call.js'
import { sinceThen } from '../networkUrl.js'
import type { Changes } from '../outcome.js'
import { createPatch, type Patch } from '../patch.js'
import type { Routes } from '../router.js'
import { describeBody, isBodyless } from './body.js'
import { type HeaderList, namesOf, readerOf } from './headers.js'
import { urlOf } from './inputUrl.js'
import type { Stage, Transport } from './transport.js'

/** What is known of a request since its last `open`. Its outcome is decided at `send`. */
interface XhrCall {
  readonly routes: Routes
  /** The original `open`, and what the page passed to it. */
  readonly open: (args: unknown[]) => unknown
  readonly method: string
  readonly openArgs: readonly unknown[]
  /** The URL with which it was opened, if it is not the page's. */
  openedUrl: string | undefined
  readonly headers: Array<[name: string, value: string]>
}

interface State extends Stage {
  readonly prototype: XMLHttpRequest
  /** The original, which the patches of other libraries do not see. */
  readonly setRequestHeader: XMLHttpRequest['setRequestHeader']
  /** The requests that are open now, and that an entry takes. */
  calls: WeakMap<object, XhrCall>
}

const OPENED = 1

/**
 * Patches XMLHttpRequest. It decides once, at `send`. If the URL or a header of the page changes,
 * it opens the request again. That keeps `timeout`, `withCredentials`, `responseType`, listeners and
 * an overridden media type, and fires no event: {@link https://xhr.spec.whatwg.org/#the-open()-method}.
 *
 * If neither a header nor a body can change the URL, the request is opened with the final URL at
 * once, because other libraries count each `open`.
 */
export const patchXhr: Transport = (stage) => {
  const { prototype } = XMLHttpRequest
  const { setRequestHeader } = prototype
  const state: State = { ...stage, prototype, setRequestHeader, calls: new natives.WeakMap() }
  return [patchOpen(state), patchSetRequestHeader(state), patchSend(state)]
}

function patchOpen(state: State): Patch {
  const { prototype, router, notes } = state
  const patch = createPatch(prototype, 'open', (forward, args, self) => {
    const xhr = self as XMLHttpRequest
    let call: XhrCall | undefined
    try {
      const routes = router.find(urlOf(args[1]))
      call = routes && openCall(routes, forward, args)
    } catch (failure) {
      router.onFailure(failure)
    }
    if (!call) {
      state.calls.delete(xhr)
      notes.markXhr(xhr, undefined)
      return forward(args)
    }
    // `open` fires an event, and a listener may open or send the request again.
    state.calls.set(xhr, call)
    try {
      return forward(withUrl(call, call.openedUrl))
    } catch {
      // The browser says what is wrong with the page's own arguments.
      state.calls.delete(xhr)
      return forward(args)
    }
  })
  return {
    ...patch,
    remove() {
      patch.remove()
      state.calls = new natives.WeakMap()
    },
  }
}

function patchSetRequestHeader(state: State): Patch {
  return createPatch(state.prototype, 'setRequestHeader', (forward, args, self) => {
    const call = state.calls.get(self as object)
    if (!call || args.length < 2) {
      return forward(args)
    }
    const header: [string, string] = [`${args[0]}`, `${args[1]}`]
    const result = forward(header)
    call.headers.push(header)
    return result
  })
}

function patchSend(state: State): Patch {
  return createPatch(state.prototype, 'send', (forward, args, self) => {
    const xhr = self as XMLHttpRequest
    const call = state.calls.get(xhr)
    let finalArgs = args
    // The browser refuses a request that was sent before, or aborted.
    if (call && xhr.readyState === OPENED) {
      state.calls.delete(xhr)
      try {
        finalArgs = sendArgs(state, { xhr, call, args })
      } catch (failure) {
        state.router.onFailure(failure)
      }
    }
    return forward(finalArgs)
  })
}

interface Send {
  readonly xhr: XMLHttpRequest
  readonly call: XhrCall
  readonly args: unknown[]
}

/** Changes the URL and the headers of an open request. Returns the arguments for `send`. */
function sendArgs(state: State, { xhr, call, args }: Send): unknown[] {
  const { changes, sent } = askAtOnce(call.routes, () => describe(call, { body: args[0], isPartial: false }))
  const { kept, added } = changedHeaders(call.headers, changes.headers)
  const setHeaders = (list: HeaderList) => {
    for (const header of list) {
      natives.Reflect.apply(state.setRequestHeader, xhr, header)
    }
  }
  try {
    // Only another `open` takes back a URL, or a header that is set.
    if (changes.url !== call.openedUrl || kept.length < call.headers.length) {
      call.open(withUrl(call, changes.url))
      setHeaders(kept)
    }
    setHeaders(added)
  } catch (failure) {
    call.open(withUrl(call))
    setHeaders(call.headers)
    throw failure
  }
  state.notes.markXhr(xhr, sent)
  return changes.body === undefined ? args : [changes.body]
}

/** The page's headers that stay, and those to set then. A second value is appended by the browser. */
function changedHeaders(headers: HeaderList, changes: Changes['headers']) {
  const replaced = changes.filter(({ how }) => how === 'set').map(({ name }) => name)
  return {
    kept: headers.filter(([name]) => !replaced.includes(name.toLowerCase())),
    added: changes.map(({ name, value }) => [name, value] as const),
  }
}

function openCall(routes: Routes, open: XhrCall['open'], openArgs: unknown[]): XhrCall {
  const method = `${openArgs[0]}`
  const call: XhrCall = { routes, open, method, openArgs, openedUrl: undefined, headers: [] }
  const [{ instance, entry }] = routes
  if (instance.isDecidedByUrl(entry, !isBodyless(method))) {
    call.openedUrl = askAtOnce(routes, () => describe(call, { body: undefined, isPartial: true })).changes.url
  }
  return call
}

interface Part {
  readonly body: unknown
  readonly isPartial: boolean
}

function describe({ method, routes, headers }: XhrCall, { body, isPartial }: Part): Call {
  const [{ url }] = routes
  return {
    method,
    url: sinceThen(url),
    medium: 'usual',
    header: readerOf(headers),
    headerNames: () => namesOf(headers),
    body: describeBody(isBodyless(method) ? undefined : body),
    // It cannot wait.
    keepalive: undefined,
    isPartial,
  }
}

/** The arguments of `open`. The URL means what it meant when the page called it. */
function withUrl({ routes, method, openArgs }: XhrCall, changedUrl?: string): unknown[] {
  const [{ url }] = routes
  return [method, changedUrl ?? sinceThen(url).text, ...openArgs.slice(2)]
}
