import { isSafari } from '@datadog/browser-core'
import { attributeOf } from '../../lib/attributeOf.js'
import { Array, Object, Request, String, TextDecoder } from '../../lib/globals.js'
import { isInstance } from '../../lib/isInstance.js'
import type { NetworkUrl } from '../networkUrl.js'
import { type HeaderList, type OutgoingRequest, readerOf, UNREAD, USUAL } from '../outgoingRequest.js'
import { describeBody } from './body.js'
import { hasMembers, type Init, readInit } from './fetchInit.js'
import { urlOf } from './inputUrl.js'

/** What the page passed to `fetch`, read once and independent of it. */
export interface FetchCall {
  readonly input: unknown
  readonly request: Request | undefined
  readonly init: Init
  /** Whether `fetch` finds members in the `init`: they reset the referrer of a Request. */
  readonly hasMembers: boolean
}

const urlOfRequest = attributeOf(Request, 'url')
const methodOf = attributeOf(Request, 'method')
export const headersOf = attributeOf(Request, 'headers')
const modeOf = attributeOf(Request, 'mode')
const keepaliveOf = attributeOf(Request, 'keepalive')
const bodyOf = attributeOf(Request, 'body')

export function isRequest(input: unknown): input is Request {
  return isInstance(input, 'Request')
}

/** The URL of what the page passed to `fetch`. */
export function inputUrlOf(input: unknown): string | undefined {
  if (!isRequest(input)) {
    return urlOf(input)
  }
  // Browsers remember of a Request whether its text may have been markup left open, and a new one of this URL would not.
  const url = urlOfRequest(input)
  return url.includes('%3C') ? undefined : url
}

export function readCall([input, init]: unknown[]): FetchCall {
  const own = readInit(init)
  return { input, request: isRequest(input) ? input : undefined, init: own, hasMembers: hasMembers(own) }
}

/** @param read - The body, where it had to be read. */
export function describeFetch({ request, init }: FetchCall, url: NetworkUrl, read?: Uint8Array): OutgoingRequest {
  const {
    method = request ? methodOf(request) : 'GET',
    headers = request && headersOf(request),
    mode = request && modeOf(request),
    keepalive = request && keepaliveOf(request),
  } = init
  const outgoing: OutgoingRequest = {
    ...USUAL,
    ...describeBody(init.body, !keepalive),
    method: String(method).toUpperCase(),
    url,
    header: headerReader(headers),
    keepalive: !!keepalive,
    noCors: mode === 'no-cors',
    canWait: !keepalive,
  }
  if (read) {
    // A Request does not tell text from bytes; a Blob is bytes.
    return { ...outgoing, body: isBlob(init.body) ? read : (decodeUtf8(read) ?? read) || undefined }
  }
  return request && outgoing.body === undefined && !isBodyless(methodOf(request))
    ? { ...outgoing, ...describeOwnBody(request, outgoing) }
    : outgoing
}

/** Describes the own body of a Request, which does not tell what it was made of. */
function describeOwnBody(
  request: Request,
  { header, keepalive, method }: OutgoingRequest,
): Pick<OutgoingRequest, 'body' | 'locked'> {
  const type = header('content-type')
  // WebKit breaks a keepalive Request whose `body` is touched, and cannot read a multipart body with a file at all. Some Firefox
  // versions have no `Request.body`.
  const body = isSafari() ? undefined : bodyOf(request)
  if (body === null) {
    return { body: undefined, locked: undefined }
  }
  const isUnreadable = isBodyless(method) || (body === undefined && type?.startsWith('multipart/'))
  return {
    body: UNREAD,
    locked: isUnreadable
      ? 'unreadable_body'
      : keepalive
        ? 'keepalive_body'
        : body && type === null
          ? 'stream_without_content_type'
          : undefined,
  }
}

export function isBlob(body: unknown): body is Blob {
  return isInstance(body, 'Blob', 'File')
}

function isBodyless(method: string) {
  return /^(get|head)$/i.test(method)
}

/** Reads headers in whatever form the page chose. */
function headerReader(headers: HeadersInit | undefined): OutgoingRequest['header'] {
  return isInstance<Headers>(headers, 'Headers') ? (name) => headers.get(name) : readerOf(listOf(headers))
}

export function listOf(headers: Exclude<HeadersInit, Headers> | undefined): HeaderList {
  return Array.isArray(headers) ? (headers as [string, string][]) : Object.entries(headers ?? {})
}

/** The text of bytes; `undefined` where they are not UTF-8. A byte order mark is kept, for it is not ours to drop. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
