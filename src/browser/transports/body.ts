import { isInstance } from '../../lib/isInstance.js'
import { OPAQUE, type RequestBody, UNREAD } from '../outgoingRequest.js'

/** Describes a body as the page passed it. A Blob counts as readable only where the call can wait for that. */
export function describeBody(body: unknown, canReadBlob = false): { body: RequestBody; bodyType?: string } {
  if (body === undefined || body === null) {
    return { body: undefined }
  }
  if (typeof body === 'string') {
    return { body, bodyType: 'text/plain' }
  }
  if (isInstance<FormData | URLSearchParams>(body, 'FormData', 'URLSearchParams')) {
    return { body }
  }
  if (isInstance<ArrayBuffer>(body, 'ArrayBuffer')) {
    return { body: new Uint8Array(body) }
  }
  if (ArrayBuffer.isView(body)) {
    return { body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength) }
  }
  if (canReadBlob && isInstance<Blob>(body, 'Blob', 'File')) {
    return { body: UNREAD, bodyType: body.type }
  }
  return { body: OPAQUE }
}
