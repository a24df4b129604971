import { Headers, Object, Proxy, Reflect, Request, Symbol } from '../../lib/globals.js'
import { isObject } from '../../lib/isObject.js'

/** The members of a `RequestInit` that are read here, besides all others that browsers read. */
export interface Init {
  headers?: HeadersRead
  body?: unknown
  [name: PropertyKey]: unknown
}

/** Headers once they are read: every other form has become one of these. */
export type HeadersRead = Headers | Record<string, string> | undefined

let members: string[] | undefined

/** The names of the members that this browser reads from a `RequestInit`, in its order, as it tells itself. */
export function initMembers(): string[] {
  if (!members) {
    const names: string[] = []
    new Request('https://a.test', new Proxy({}, { get: (_, name) => void names.push(name as string) }))
    // Not before all of them are known: with a part of them, headers would be taken for no headers.
    members = names
  }
  return members
}

/**
 * Reads a `RequestInit` as {@link https://webidl.spec.whatwg.org/#js-dictionary | WebIDL} has it: members may be inherited, and
 * their getters run once, here. What else the page's object has is taken over for other libraries. Of no `init` come members that
 * hide what all objects inherit, and on most pages none.
 *
 * @throws Where it is none, for the browser to say so.
 */
export function readInit(init?: unknown): Init {
  const source = (init ?? { __proto__: null }) as Init
  const read = othersOf(source, {})
  const inherits = !init || allObjectsInherit()
  for (const name of initMembers()) {
    const value = source[name]
    // One that is not there hides what all objects inherit.
    if (value !== undefined || (inherits && name in read)) {
      read[name] = name === 'headers' ? readHeaders(value) : value
    }
  }
  return read
}

/** Whether the page has put members on the prototype of all objects. To see those that are not enumerable takes half as long as a call. */
function allObjectsInherit() {
  for (const _ in {}) {
    return true
  }
  return false
}

/** Whether `fetch` finds members in an `init`, which reset the referrer of a Request: those of other libraries are nothing to it. */
export function hasMembers(init: Init): boolean {
  return initMembers().some((name) => init[name] !== undefined)
}

/** Copies what of an `init` only other libraries read; two steps are several times as fast as one over all keys. */
export function othersOf(init: Init, others: Init): Init {
  // What is no object has no prototype to tell, and throws.
  Reflect.getPrototypeOf(init)
  for (const key of Object.getOwnPropertySymbols(init)) {
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
  const iterator = (headers as { [Symbol.iterator]?: unknown } | undefined)?.[Symbol.iterator]
  if (headers === undefined || iterator === Headers.prototype[Symbol.iterator]) {
    return headers as HeadersRead
  }
  if (iterator || !isObject(headers)) {
    return new Headers(headers as HeadersInit)
  }
  // A copy first: a name like `__proto__` is its own then, and can be assigned.
  const read = { ...headers } as Record<string, string>
  for (const name of Object.keys(read)) {
    read[name] = `${read[name]}`
  }
  return read
}
