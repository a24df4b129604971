import { attributeOf } from '../../../defence/attribute.js'
import * as natives from '../../../defence/natives.js'
import { isHeaders, isRequest } from '../../../lib/classOf.js'
import type { Call } from '../../call.js'
import { namesOf, readerOf } from '../headers.js'
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
  // An `init` with any member resets the referrer of a Request. The page's own may do so. Ours may not.
  const referrer = hasMembers(read)
    ? undefined
    : { referrer: attributeOf(input, 'referrer'), referrerPolicy: attributeOf(input, 'referrerPolicy') }
  return { input, init: { ...inheritedMasks(), ...referrer, ...read } }
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

export function headerReader(headers: HeadersRead): Call['header'] {
  return isHeaders(headers) ? (name) => headers.get(name) : readerOf(natives.Object.entries(headers ?? {}))
}

export function headerNamesOf(headers: HeadersRead): readonly string[] {
  if (!isHeaders(headers)) {
    return namesOf(natives.Object.entries(headers ?? {}))
  }
  const names: string[] = []
  headers.forEach((_, name) => {
    names.push(name)
  })
  return names
}
