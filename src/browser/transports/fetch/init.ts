import { isInheritedByAll, isObjectPrototypeExtended } from '../../../defence/inherited.js'
import * as natives from '../../../defence/natives.js'
import { isObject } from '../../../lib/isObject.js'

/** A `RequestInit` that has been read. It may have members for other libraries too. */
export interface Init {
  headers?: HeadersRead
  body?: unknown
  [name: PropertyKey]: unknown
}

/** Headers that have been read: every other form has become one of these. */
export type HeadersRead = Headers | Record<string, string> | undefined

let members: readonly string[] | undefined

/** The members of `RequestInit` that this browser reads, in its order. The browser is asked once. */
export function initMembers(): readonly string[] {
  members ??= askForMembers()
  return members
}

function askForMembers(): readonly string[] {
  const names: string[] = []
  const spy = new natives.Proxy({}, { get: (_, name) => void names.push(name as string) })
  new natives.Request('https://a.test', spy)
  return names
}

/**
 * Reads the `init` that the page passed, as {@link https://webidl.spec.whatwg.org/#js-dictionary | WebIDL}
 * says: members may be inherited, and getters run once. Also copies members for other libraries.
 *
 * @throws If `init` is not an object. The browser then says so.
 */
export function readInit(init: unknown): Init {
  if (init === undefined || init === null) {
    return inheritedMasks()
  }
  const source = init as Init
  const read = othersOf(source)
  const isMaskNeeded = isObjectPrototypeExtended()
  for (const name of initMembers()) {
    const value = source[name]
    if (value !== undefined || (isMaskNeeded && isInheritedByAll(name))) {
      read[name] = name === 'headers' ? readHeaders(value) : value
    }
  }
  return read
}

/**
 * An empty `init`. If the page has put members of `init` on `Object.prototype`, own properties hide
 * them: `fetch` would read them from every object that it gets.
 */
export function inheritedMasks(): Init {
  const masks: Init = {}
  for (const name of initMembers()) {
    if (isInheritedByAll(name)) {
      masks[name] = undefined
    }
  }
  return masks
}

/** Whether `fetch` finds any of its members in an `init`. */
export function hasMembers(init: Init): boolean {
  return initMembers().some((name) => init[name] !== undefined)
}

/** Copies the members of an `init` that the browser does not read. Other libraries may. */
export function othersOf(init: Init): Init {
  const others: Init = {}
  // Throws if `init` is not an object.
  natives.Reflect.getPrototypeOf(init)
  for (const key of natives.Object.getOwnPropertySymbols(init)) {
    others[key] = init[key]
  }
  for (const key in init) {
    if (!initMembers().includes(key)) {
      others[key] = init[key]
    }
  }
  return others
}

/** Reads `HeadersInit`: {@link https://fetch.spec.whatwg.org/#typedefdef-headersinit} */
function readHeaders(headers: unknown): HeadersRead {
  const iterator = (headers as Partial<Iterable<unknown>> | undefined)?.[natives.Symbol.iterator]
  if (headers === undefined || iterator === natives.Headers.prototype[natives.Symbol.iterator]) {
    return headers as HeadersRead
  }
  if (iterator || !isObject(headers)) {
    return new natives.Headers(headers as HeadersInit)
  }
  // The copy owns a name like `__proto__`, so that it can be assigned below.
  const read = { ...headers } as Record<string, string>
  for (const name of natives.Object.keys(read)) {
    read[name] = `${read[name]}`
  }
  return read
}
