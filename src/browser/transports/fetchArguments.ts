import { Blob, Headers, Object, Request } from '../../lib/globals.js'
import { isInstance } from '../../lib/isInstance.js'
import { UNCHANGED } from '../correlator.js'
import { SENT } from '../rum/annotation.js'
import { attributeOf, type FetchCall, isBlob, memberOf } from './fetchCall.js'
import { type HeadersRead, hasMembers, type Init, initMembers, othersOf } from './fetchInit.js'

/**
 * The arguments with which a call goes out that was read, changed or not.
 *
 * @param read - The body, where it had to be read.
 */
export function argumentsOf(call: FetchCall, { changes, sent } = UNCHANGED, read?: Uint8Array): unknown[] {
  const { input, init } = call
  const request = typeof input === 'string' ? undefined : input
  const { url } = changes
  const headers = changes.headers && setHeaders(memberOf(call, 'headers') as HeadersRead, changes.headers)
  const { body: own } = init
  let body: unknown = changes.body ?? (request?.bodyUsed ? read : undefined)
  if (body !== undefined && isBlob(own)) {
    body = new Blob([body as BlobPart], { type: own.type })
  }
  // Nothing fails from here on but a Request; what it was made of is needed once more then.
  const changed: Init = request ? { ...init } : init
  if (headers) {
    changed.headers = headers
  }
  if (body !== undefined) {
    changed.body = body
  }
  if (sent) {
    changed[SENT] = sent
  }

  return !request
    ? [url ?? input, changed]
    : url !== undefined || body !== undefined
      ? rebuild(request, changed, hasMembers(init), url)
      : [request, headers && !hasMembers(init) ? { ...referrerOf(request), ...changed } : changed]
}

/** A Request of an `init`, at another URL maybe, and what of the `init` is left to pass beside it. */
export function rebuild(request: Request, init: Init, resetsReferrer: boolean, url?: string): [Request, Init] {
  const whole = {
    __proto__: null,
    ...(url === undefined ? {} : membersOf(request)),
    ...(resetsReferrer ? {} : referrerOf(request)),
    ...init,
  }
  return [new Request(url ?? request, whole as RequestInit), othersOf(init)]
}

/** The referrer of a Request, which an `init` that has any member resets: the page's own `init` may do so, ours may not. */
function referrerOf(request: Request): Init {
  return { referrer: attributeOf(request, 'referrer'), referrerPolicy: attributeOf(request, 'referrerPolicy') }
}

/** What a Request says of itself, but for its body, its referrer, and what browsers themselves drop of a Request. */
function membersOf(request: Request): Init {
  const members: Init = {}
  for (const name of initMembers()) {
    if (name in request && !/^(body|referrer.*|targetAddressSpace)$/.test(name)) {
      members[name] = attributeOf(request, name as keyof Request)
    }
  }
  return members
}

/** A copy of headers with some set, in the form in which the page has them: a library below may know no other. */
function setHeaders(headers: HeadersRead, set: Record<string, string>): HeadersRead {
  if (isInstance<Headers>(headers, 'Headers')) {
    const copy = new Headers(headers)
    for (const [name, value] of Object.entries(set)) {
      copy.set(name, value)
    }
    return copy
  }
  const kept = Object.entries(headers ?? {}).filter(([name]) => !Object.keys(set).includes(name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...set }
}
