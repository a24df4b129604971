import { classOf, isBlob, isHeaders } from '../../lib/classOf.js'
import { decodeUtf8 } from '../../lib/decodeUtf8.js'
import { Object, Reflect, Request } from '../../lib/globals.js'
import type { NetworkUrl } from '../networkUrl.js'
import { createRequest, type OutgoingRequest, readerOf, UNREAD } from '../outgoingRequest.js'
import { describeBody, isBodyless } from './body.js'
import { type HeadersRead, hasMembers, type Init, readInit } from './fetchInit.js'
import { urlOf } from './inputUrl.js'

/** What the page passed to `fetch`, read once and independent of it. */
export interface FetchCall {
  readonly input: string | Request
  readonly init: Init
}

export function isRequest(input: unknown): input is Request {
  return classOf(input) === 'Request'
}

/** An attribute of a Request as the browser itself reads it, past what a subclass or the page has put over it. */
export function attributeOf<K extends keyof Request>(request: Request, name: K): Request[K] {
  return Reflect.get(Request.prototype, name, request)
}

/** The URL of what the page passed to `fetch`. */
export function inputUrlOf(input: unknown): string | undefined {
  if (!isRequest(input)) {
    return urlOf(input)
  }
  // Browsers remember of a Request whether its text may have been markup left open, and a new one of this URL would not.
  const url = attributeOf(input, 'url')
  return url.includes('%3C') ? undefined : url
}

export function readCall([input, init]: unknown[], url?: string): FetchCall {
  const read = readInit(init)
  if (!isRequest(input)) {
    return { input: url as string, init: read }
  }
  // An `init` that has any member resets the referrer of a Request: the page's own may do so, ours may not.
  const referrer = hasMembers(read)
    ? undefined
    : { referrer: attributeOf(input, 'referrer'), referrerPolicy: attributeOf(input, 'referrerPolicy') }
  return { input, init: { ...referrer, ...read } }
}

/** A member of the `init`, or else the Request's own. */
export function memberOf({ input, init }: FetchCall, name: keyof Request): unknown {
  const value = init[name]
  return value === undefined && typeof input !== 'string' ? attributeOf(input, name) : value
}

/** @param read - The body, where it had to be read. */
export function describeFetch(call: FetchCall, url: NetworkUrl, read?: Uint8Array): OutgoingRequest {
  const { input, init } = call
  const keepalive = !!memberOf(call, 'keepalive')
  const outgoing = createRequest(
    `${memberOf(call, 'method') ?? 'GET'}`,
    url,
    headerReader(memberOf(call, 'headers') as HeadersRead),
    describeBody(init.body, !keepalive),
    memberOf(call, 'mode') === 'no-cors' ? 'query' : undefined,
    keepalive,
  )
  if (read) {
    // A Request does not tell text from bytes; a Blob is bytes.
    return { ...outgoing, body: isBlob(init.body) ? read : (decodeUtf8(read) ?? read) || undefined }
  }
  return typeof input === 'string' || outgoing.body !== undefined || isBodyless(attributeOf(input, 'method'))
    ? outgoing
    : { ...outgoing, ...describeOwnBody(input, outgoing) }
}

/** Describes the own body of a Request, which does not tell what it was made of. */
function describeOwnBody(request: Request, { header, keepalive }: OutgoingRequest): Partial<OutgoingRequest> {
  const type = header('content-type')
  // WebKit breaks a keepalive Request whose `body` is touched, and cannot read a multipart body with a file at all. Firefox has no
  // `Request.body`.
  const isWebKit = /^Apple/.test(navigator.vendor)
  const body = isWebKit ? undefined : attributeOf(request, 'body')
  if (body === null) {
    return {}
  }
  return {
    body: UNREAD,
    locked: keepalive
      ? 'keepalive_body'
      : body
        ? type === null
          ? 'stream_without_content_type'
          : undefined
        : isWebKit && type?.startsWith('multipart/')
          ? 'unreadable_body'
          : undefined,
  }
}

function headerReader(headers: HeadersRead): OutgoingRequest['header'] {
  return isHeaders(headers) ? (name) => headers.get(name) : readerOf(Object.entries(headers ?? {}))
}
