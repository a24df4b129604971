import { ArrayBuffer, Uint8Array } from '../../lib/globals.js'
import { isInstance } from '../../lib/isInstance.js'
import { OPAQUE, type OutgoingRequest, UNREAD } from '../outgoingRequest.js'

/** Describes a body as the page passed it. A Blob counts as readable only where the call can wait for that. */
export function describeBody(body: unknown, canReadBlob = false): Pick<OutgoingRequest, 'body' | 'bodyType'> {
  if (typeof body === 'string') {
    return { body, bodyType: 'text/plain' }
  }
  if (canReadBlob && isInstance<Blob>(body, 'Blob', 'File')) {
    return { body: UNREAD, bodyType: body.type }
  }
  return {
    body:
      body === undefined || body === null
        ? undefined
        : isInstance<FormData | URLSearchParams>(body, 'FormData', 'URLSearchParams')
          ? body
          : ArrayBuffer.isView(body)
            ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
            : isInstance<ArrayBuffer>(body, 'ArrayBuffer')
              ? new Uint8Array(body)
              : OPAQUE,
    bodyType: undefined,
  }
}
