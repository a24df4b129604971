import { attributeOf } from '../../../defence/attribute.js'
import * as natives from '../../../defence/natives.js'
import { isHeaders, isRequest } from '../../../lib/classOf.js'
import { urlOf } from '../inputUrl.js'
import { type HeadersRead, hasMembers, type Init, inheritedMasks, readInit } from './init.js'

/** What the page passed to `fetch`, read once. Later changes of the page do not reach it. */
export interface FetchCall {
  readonly input: string | Request
  readonly init: Init
}

/** The URL of what the page passed to `fetch`. */
export function inputUrlOf(input: unknown): string | undefined {
  if (!isRequest(input)) {
    return urlOf(input)
  }
  // Browsers remember that the text of a Request's URL may be markup that was left open. A new
  // Request of this URL would not.
  const url = attributeOf(input, 'url')
  return url.includes('%3C') ? undefined : url
}

/** @param url - The text of the URL. A Request keeps its own. */
export function readCall([input, init]: readonly unknown[], url: string): FetchCall {
  const read = readInit(init)
  if (!isRequest(input)) {
    return { input: url, init: read }
  }
  // An `init` with any member resets the referrer of a Request. The page's `init` may do so, ours not.
  const referrer = hasMembers(read)
    ? undefined
    : { referrer: attributeOf(input, 'referrer'), referrerPolicy: attributeOf(input, 'referrerPolicy') }
  return { input, init: { ...inheritedMasks(), ...referrer, ...read } }
}

/**
 * The method of a call, if it can be told without running code of the page. `undefined` if a getter
 * or a conversion may have to run: that must happen only once, so read the whole call instead.
 */
export function plainMethodOf([input, init]: readonly unknown[]): string | undefined {
  for (let holder = init; holder !== undefined && holder !== null; holder = natives.Object.getPrototypeOf(holder)) {
    const own = natives.Object.getOwnPropertyDescriptor(holder, 'method')
    if (own) {
      return typeof own.value === 'string' ? own.value : undefined
    }
  }
  return isRequest(input) ? attributeOf(input, 'method') : 'GET'
}

export function methodOf(call: FetchCall): string {
  return `${memberOf(call, 'method') ?? 'GET'}`
}

/** A member of the `init`, or else the Request's own. */
export function memberOf({ input, init }: FetchCall, name: keyof Request): unknown {
  const value = init[name]
  return value === undefined && typeof input !== 'string' ? attributeOf(input, name) : value
}

export function headersOf(call: FetchCall): HeadersRead {
  return memberOf(call, 'headers') as HeadersRead
}

export function signalOf(call: FetchCall): AbortSignal | null | undefined {
  return memberOf(call, 'signal') as AbortSignal | null | undefined
}

/** The headers of a call, to be read by their names. */
export function readableHeaders(headers: HeadersRead): Headers {
  return isHeaders(headers) ? headers : new natives.Headers(headers)
}
