import * as natives from '../../defence/natives.js'
import { classOf, isBlob, isForm } from '../../lib/classOf.js'
import { type CallBody, NO_BODY } from '../call.js'

/** Whether browsers ignore or refuse a body with this method. */
export function isBodyless(method: string): boolean {
  return /^(get|head)$/i.test(method)
}

/** Describes the body that the page passed. */
export function describeBody(body: unknown): CallBody {
  if (body === undefined || body === null) {
    return NO_BODY
  }
  if (typeof body === 'string') {
    return { kind: 'text', text: body, type: 'text/plain' }
  }
  if (isForm(body)) {
    return { kind: 'form', form: body }
  }
  const bytes = bytesOf(body)
  return bytes ? { kind: 'bytes', bytes, type: undefined } : { kind: 'opaque' }
}

/** Describes a body for a transport that can wait until a Blob is read. */
export function describeReadableBody(body: unknown): CallBody {
  return isBlob(body) ? { kind: 'unread-blob', type: body.type } : describeBody(body)
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (natives.ArrayBuffer.isView(body)) {
    return new natives.Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  }
  return classOf(body) === 'ArrayBuffer' ? new natives.Uint8Array(body as ArrayBuffer) : undefined
}
