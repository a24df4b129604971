import { isBlob, isHeaders } from '../../lib/classOf.js'
import { Blob, Headers, Object, Request } from '../../lib/globals.js'
import { UNCHANGED } from '../correlator.js'
import { SENT } from '../rum/annotation.js'
import { type FetchCall, isRequest, memberOf } from './fetchCall.js'
import { type HeadersRead, type Init, initMembers, othersOf, readInit } from './fetchInit.js'

/**
 * The arguments with which a call goes out that was read, changed or not.
 *
 * @param read - The body, where it had to be read.
 */
export function argumentsOf(call: FetchCall, { changes, sent } = UNCHANGED, read?: Uint8Array): unknown[] {
  const { input, init } = call
  const { url, headers } = changes
  // Nothing fails from here on but a Request; what it was made of is needed once more then. What counts of inherited members is in there.
  const changed: Init = isRequest(input) ? { ...readInit(), ...init } : init
  const body = changes.body ?? (isRequest(input) && input.bodyUsed ? read : undefined)
  if (body !== undefined) {
    changed.body = isBlob(init.body) ? new Blob([body as BlobPart], { type: init.body.type }) : body
  }
  if (headers) {
    changed.headers = withHeaders(memberOf(call, 'headers') as HeadersRead, headers)
  }
  if (sent) {
    changed[SENT] = sent
  }
  return isRequest(input) && (url ?? body) !== undefined ? rebuild(input, changed, url) : [url ?? input, changed]
}

/** A Request of an `init`, at another URL maybe, and what of the `init` is left to pass beside it. */
export function rebuild(request: Request, init: Init, url?: string): [Request, Init] {
  const whole = { __proto__: null, ...init, ...(url === undefined ? undefined : membersOf({ input: request, init })) }
  return [new Request(url ?? request, whole as RequestInit), othersOf(init, readInit())]
}

/** What the call of a Request says of itself, but for its body, its referrer, and what browsers themselves drop of a Request. */
function membersOf(call: FetchCall): Init {
  const members: Init = {}
  for (const name of initMembers()) {
    if (name in (call.input as Request) && !/^(body|referrer.*|targetAddressSpace)$/.test(name)) {
      members[name] = memberOf(call, name as keyof Request)
    }
  }
  return members
}

/** A copy of headers with some set, in the form in which the page has them: a library below may know no other. */
function withHeaders(headers: HeadersRead, set: Record<string, string>): HeadersRead {
  if (isHeaders(headers)) {
    const copy = new Headers(headers)
    for (const [name, value] of Object.entries(set)) {
      copy.set(name, value)
    }
    return copy
  }
  const names = Object.keys(set)
  const kept = { ...headers }
  for (const name of Object.keys(kept)) {
    if (names.includes(name.toLowerCase())) {
      delete kept[name]
    }
  }
  return { ...kept, ...set }
}
