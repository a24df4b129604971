import { attributeOf } from '../../../defence/attribute.js'
import { isBlob } from '../../../lib/classOf.js'
import { decodeUtf8 } from '../../../lib/decodeUtf8.js'
import { type Call, type CallBody, type NetworkUrl, NO_BODY } from '../../call.js'
import { describeBody, describeReadableBody, isBodyless } from '../body.js'
import { type FetchCall, headersOf, memberOf, methodOf, readableHeaders } from './read.js'
import type { ReadBody } from './readBody.js'

/** @param read - The body, if it had to be read. */
export function describeFetch(call: FetchCall, url: NetworkUrl, read: ReadBody | undefined): Call {
  const keepalive = !!memberOf(call, 'keepalive')
  const headers = readableHeaders(headersOf(call))
  return {
    method: methodOf(call),
    url,
    medium: memberOf(call, 'mode') === 'no-cors' ? 'no-headers' : 'usual',
    headers,
    body: read ? describeRead(call, read) : describeUnread(call, keepalive, headers),
    keepalive,
    isPartial: false,
  }
}

/** Describes a body that has been read. The body of a Request may be text or bytes; a Blob is bytes. */
function describeRead({ init }: FetchCall, { blob, bytes }: ReadBody): CallBody {
  if (!blob.size) {
    return NO_BODY
  }
  if (!bytes) {
    return { kind: 'opaque' }
  }
  if (isBlob(init.body)) {
    return { kind: 'bytes', bytes, type: blob.type }
  }
  const text = decodeUtf8(bytes)
  return text === undefined ? { kind: 'bytes', bytes, type: undefined } : { kind: 'text', text, type: undefined }
}

function describeUnread({ input, init }: FetchCall, keepalive: boolean, headers: Headers): CallBody {
  const body = keepalive ? describeBody(init.body) : describeReadableBody(init.body)
  const isOwn = body.kind === 'none' && typeof input !== 'string' && !isBodyless(attributeOf(input, 'method'))
  return isOwn ? describeOwnBody(input, keepalive, headers.get('content-type')) : body
}

/** Describes the body of a Request itself: the Request does not say what kind of body it has. */
function describeOwnBody(request: Request, keepalive: boolean, type: string | null): CallBody {
  // WebKit breaks a keepalive Request if its `body` is read. Firefox has no `Request.body`.
  const isWebKit = /^Apple/.test(navigator.vendor)
  const body = isWebKit ? undefined : attributeOf(request, 'body')
  if (body === null) {
    return NO_BODY
  }
  if (keepalive) {
    return { kind: 'locked', why: 'keepalive_body' }
  }
  if (body && type === null) {
    return { kind: 'locked', why: 'stream_without_content_type' }
  }
  // WebKit cannot read a multipart body with a file in it.
  if (isWebKit && type?.startsWith('multipart/')) {
    return { kind: 'locked', why: 'unreadable_body' }
  }
  return { kind: 'unread-request' }
}
