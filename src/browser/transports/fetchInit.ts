import { Headers, Object, Proxy, Reflect, Request, Symbol } from '../../lib/globals.js'
import { isInstance } from '../../lib/isInstance.js'

/** The members of a `RequestInit` that are read here, besides all others that browsers read. */
export interface Init {
  method?: unknown
  headers?: HeadersInit | undefined
  body?: unknown
  mode?: unknown
  keepalive?: unknown
  signal?: AbortSignal | null | undefined
  [name: PropertyKey]: unknown
}

let members: string[] | undefined

/** The names of the members that this browser reads from a `RequestInit`, in its order, as it tells itself. */
export function initMembers(): string[] {
  if (!members) {
    const names: string[] = []
    members = names
    new Request('https://a.test', new Proxy({}, { get: (_, name) => void names.push(name as string) }))
  }
  return members
}

/**
 * Reads a `RequestInit` as {@link https://webidl.spec.whatwg.org/#js-dictionary | WebIDL} has it: members may be inherited, and
 * what runs code of the page (a getter, an iterator, a conversion) does so once, here. What else the page's object has is taken
 * over as it is, for other libraries.
 */
export function readInit(init: unknown): Init {
  const names = initMembers()
  const read: Init = {}
  const source = init as Init | null | undefined
  if (source !== undefined && source !== null) {
    if (!isObjectOrFunction(source)) {
      throw new TypeError('no init')
    }
    for (const key of Reflect.ownKeys(source)) {
      if (!names.includes(key as string)) {
        const descriptor = Object.getOwnPropertyDescriptor(source, key)
        if (descriptor?.enumerable) {
          Object.defineProperty(read, key, descriptor)
        }
      }
    }
  }
  for (const name of names) {
    const value = source?.[name]
    // One that is not there hides what all objects inherit.
    if (value !== undefined || name in read) {
      read[name] =
        name === 'headers'
          ? readHeaders(value)
          : typeof value === 'object' && (name === 'method' || name === 'mode')
            ? textOf(value)
            : value
    }
  }
  return read
}

/** The members that count for `fetch`: those of other libraries are nothing to it. */
export function hasMembers(init: Init): boolean {
  return initMembers().some((name) => init[name] !== undefined)
}

/**
 * Parts what the browser reads of an `init` from what only other libraries do. The members inherit nothing; of the others nothing that
 * all objects inherit is a member.
 */
export function splitInit(init: Init): [members: Init, others: Init] {
  const members: Init = { __proto__: null }
  const others = { ...init }
  for (const name of initMembers()) {
    if (name in others) {
      members[name] = others[name]
      delete others[name]
      if (name in others) {
        others[name] = undefined
      }
    }
  }
  return [members, others]
}

/**
 * Reads `HeadersInit`: {@link https://fetch.spec.whatwg.org/#typedefdef-headersinit}
 *
 * @throws Where they are none, for the browser to say so.
 */
function readHeaders(headers: unknown): HeadersInit | undefined {
  if (headers === undefined) {
    return headers
  }
  if (!isObjectOrFunction(headers)) {
    throw new TypeError('no headers')
  }
  const iterator = (headers as Partial<Iterable<unknown>>)[Symbol.iterator]
  if (iterator === undefined || iterator === null) {
    const record: Record<string, string> = {}
    for (const name of Reflect.ownKeys(headers)) {
      if (Object.getOwnPropertyDescriptor(headers, name)?.enumerable) {
        record[`${name as string}`] = textOf((headers as typeof record)[name as string]) as string
      }
    }
    return record
  }
  if (iterator === Headers.prototype[Symbol.iterator] && isInstance<Headers>(headers, 'Headers')) {
    return headers
  }
  const list = [...{ [Symbol.iterator]: () => Reflect.apply(iterator, headers, []) }]
  // What is no pair is left for the browser to refuse.
  return list.map((pair) =>
    isObjectOrFunction(pair) && Symbol.iterator in pair ? [...(pair as string[])].map(textOf) : pair,
  ) as [string, string][]
}

function isObjectOrFunction(value: unknown): value is object {
  return value !== null && (typeof value === 'object' || typeof value === 'function')
}

/** What the browser makes of a value that it takes as text; a symbol, which it refuses, is left to it. */
export function textOf(value: unknown): unknown {
  return typeof value === 'symbol' ? value : `${value}`
}
