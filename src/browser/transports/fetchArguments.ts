import { attributeOf } from '../../lib/attributeOf.js'
import { Blob, Headers, Object, Request, String, TextEncoder } from '../../lib/globals.js'
import { isInstance } from '../../lib/isInstance.js'
import { NO_CHANGES } from '../correlate.js'
import type { Outcome } from '../correlator.js'
import { SENT } from '../rum/annotation.js'
import { type FetchCall, headersOf, isBlob, listOf } from './fetchCall.js'
import { type Init, initMembers, splitInit } from './fetchInit.js'

const UNCHANGED: Outcome = { next: 'send', changes: NO_CHANGES, sent: undefined }
const referrerOf = attributeOf(Request, 'referrer')
const referrerPolicyOf = attributeOf(Request, 'referrerPolicy')

/**
 * The arguments with which a call goes out that was read, changed or not.
 *
 * @param read - The body, where it had to be read.
 */
export function argumentsOf(
  { input, request, init, hasMembers }: FetchCall,
  { changes, sent }: Outcome = UNCHANGED,
  read?: Uint8Array,
): unknown[] {
  const { url, body, headers } = changes
  const changed: Init = { ...init }
  if (sent) {
    changed[SENT] = sent
  }
  if (headers) {
    changed.headers = setHeaders(init.headers ?? (request && headersOf(request)), headers)
  }
  const blob = isBlob(init.body) ? init.body : undefined
  if (blob && body !== undefined) {
    changed.body = new Blob([body as Uint8Array<ArrayBuffer>], { __proto__: null, type: blob.type } as BlobPropertyBag)
  } else if (read && !blob && (read.length || request?.bodyUsed)) {
    // Bytes, for text would bring a content type of its own.
    changed.body = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? read)
  } else if (body !== undefined) {
    changed.body = body
  }

  if (!request) {
    return [url ?? input, changed]
  }
  const referrer = hasMembers ? {} : keptReferrer(request)
  if (url === undefined && changed.body === init.body) {
    return [request, headers ? { ...referrer, ...changed } : changed]
  }
  const [members, others] = splitInit(changed)
  const whole = {
    __proto__: null,
    ...(url === undefined ? {} : membersOf(request)),
    ...referrer,
    ...(members as RequestInit),
  }
  return [new Request(url ?? request, whole), others]
}

/** The referrer of a Request, which an `init` that has any member resets: the page's own `init` may do so, ours may not. */
export function keptReferrer(request: Request): RequestInit {
  return { referrer: referrerOf(request), referrerPolicy: referrerPolicyOf(request) }
}

/** What a Request says of itself, but for its body, its referrer, and what browsers themselves drop of a Request. */
function membersOf(request: Request): RequestInit {
  const members: Init = {}
  for (const name of initMembers()) {
    if (name in request && !/^(body|referrer.*|targetAddressSpace)$/.test(name)) {
      members[name] = attributeOf(Request, name as keyof Request)(request)
    }
  }
  return members as RequestInit
}

/** A copy of headers with some set. Headers of the class stay such, all others become a list: browsers read it fastest. */
export function setHeaders(headers: HeadersInit | undefined, set: Record<string, string>): HeadersInit {
  const names = Object.keys(set)
  if (isInstance<Headers>(headers, 'Headers')) {
    const copy = new Headers(headers)
    for (const name of names) {
      copy.set(name, set[name] as string)
    }
    return copy
  }
  const list: [string, string][] = []
  for (const header of listOf(headers)) {
    if (!names.includes(String(header[0]).toLowerCase())) {
      list.push(header as [string, string])
    }
  }
  for (const name of names) {
    list.push([name, set[name] as string])
  }
  return list
}
