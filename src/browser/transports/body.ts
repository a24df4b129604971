import { classOf, isBlob, isForm } from '../../lib/classOf.js'
import { ArrayBuffer, Uint8Array } from '../../lib/globals.js'
import { OPAQUE, type OutgoingRequest, UNREAD } from '../outgoingRequest.js'

/** Whether browsers ignore or refuse the body of a call, whatever its method's case. */
export function isBodyless(method: string) {
  return /^(get|head)$/i.test(method)
}

/** Describes a body as the page passed it. A Blob counts as readable only where the call can wait for that. */
export function describeBody(body: unknown, canReadBlob = false): Pick<OutgoingRequest, 'body' | 'bodyType'> {
  if (typeof body === 'string') {
    return { body, bodyType: 'text/plain' }
  }
  if (canReadBlob && isBlob(body)) {
    return { body: UNREAD, bodyType: body.type }
  }
  return {
    body:
      body === undefined || body === null
        ? undefined
        : isForm(body)
          ? body
          : ArrayBuffer.isView(body)
            ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
            : classOf(body) === 'ArrayBuffer'
              ? new Uint8Array(body as ArrayBuffer)
              : OPAQUE,
    bodyType: undefined,
  }
}
