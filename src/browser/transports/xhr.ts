import * as natives from '../../defence/natives.js'
import { askAtOnce } from '../ask.js'
import type { Intervention } from '../layer.js'
import type { Changes } from '../outcome.js'
import { createPatch, type Patch } from '../patch.js'
import type { Routes } from '../router.js'
import { urlOf } from './inputUrl.js'
import type { Stage, Transport } from './transport.js'
import { describeXhr, type HeaderList, openCall, withUrl, type XhrCall } from './xhrCall.js'

interface State extends Stage {
  /** What has the methods. */
  readonly owner: XMLHttpRequest
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
  return typeof prototype?.open === 'function' ? patchMethods(stage, prototype) : [patchInstances(stage)]
}

function patchMethods(stage: Stage, owner: XMLHttpRequest): Patch[] {
  const { setRequestHeader } = owner
  const state: State = { ...stage, owner, setRequestHeader, calls: new natives.WeakMap() }
  return [patchOpen(state), patchSetRequestHeader(state), patchSend(state)]
}

/**
 * A library has put a constructor without the methods in the place of XMLHttpRequest (xhook, Capacitor's bridge). It
 * gives them to each instance anew.
 */
function patchInstances(stage: Stage): Patch {
  return createPatch(natives.globalObject, 'XMLHttpRequest', (args) => (forward) => {
    const xhr = forward(args) as XMLHttpRequest
    try {
      for (const patch of patchMethods(stage, xhr)) {
        patch.install()
      }
    } catch (failure) {
      stage.router.onFailure(failure)
    }
    return xhr
  })
}

function patchOpen(state: State): Patch {
  const { owner, router } = state
  const patch = createPatch(owner, 'open', (args, self) => {
    const xhr = self as XMLHttpRequest
    try {
      const routes = router.find(urlOf(args[1]), () => {
        // The conversion may run code of the page, so only its result goes on.
        args[0] = `${args[0]}`
        return args[0] as string
      })
      if (routes) {
        return opening(state, { xhr, routes, args })
      }
    } catch (failure) {
      router.onFailure(failure)
    }
    forget(state, xhr)
    return undefined
  })
  return {
    ...patch,
    remove() {
      patch.remove()
      state.calls = new natives.WeakMap()
    },
  }
}

interface Open {
  readonly xhr: XMLHttpRequest
  readonly routes: Routes
  readonly args: unknown[]
}

/** Opens a request that an entry takes. */
const opening =
  (state: State, { xhr, routes, args }: Open): Intervention =>
  (forward) => {
    let call: XhrCall | undefined
    try {
      call = openCall(routes, forward, args)
    } catch (failure) {
      state.router.onFailure(failure)
    }
    if (!call) {
      forget(state, xhr)
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
  }

/** No entry takes what the request is used for now. */
function forget({ calls, notes }: State, xhr: XMLHttpRequest) {
  calls.delete(xhr)
  notes.markXhr(xhr, undefined)
}

function patchSetRequestHeader(state: State): Patch {
  return createPatch(state.owner, 'setRequestHeader', (args, self) => {
    const call = state.calls.get(self as object)
    if (!call || args.length < 2) {
      return undefined
    }
    const header: [string, string] = [`${args[0]}`, `${args[1]}`]
    return (forward) => {
      const result = forward(header)
      call.headers.push(header)
      return result
    }
  })
}

function patchSend(state: State): Patch {
  return createPatch(state.owner, 'send', (args, self) => {
    const xhr = self as XMLHttpRequest
    const call = state.calls.get(xhr)
    // The browser refuses a request that was sent before, or aborted.
    if (!call || xhr.readyState !== OPENED) {
      return undefined
    }
    state.calls.delete(xhr)
    try {
      const finalArgs = sendArgs(state, { xhr, call, args })
      return (forward) => forward(finalArgs)
    } catch (failure) {
      state.router.onFailure(failure)
      return undefined
    }
  })
}

interface Send {
  readonly xhr: XMLHttpRequest
  readonly call: XhrCall
  readonly args: unknown[]
}

/** Changes the URL and the headers of an open request. Returns the arguments for `send`. */
function sendArgs(state: State, { xhr, call, args }: Send): unknown[] {
  const { changes, sent } = askAtOnce(call.routes, () => describeXhr(call, { body: args[0], isPartial: false }))
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
    added: changes.map(({ name, value }): [string, string] => [name, value]),
  }
}
