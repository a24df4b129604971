import { readAllFormFields } from '../carriers/formField.js'
import { readJsonField } from '../carriers/jsonField.js'
import { readAllFormText } from '../carriers/queryParam.js'
import { classOf, isForm } from '../lib/classOf.js'
import { isObject } from '../lib/isObject.js'
import { parameterOf } from './field.js'
import { mediaTypeOf } from './mediaType.js'
import { isMultipart, readMultipartFields } from './multipart.js'
import { sessionIdIn } from './uuid.js'

/**
 * The session id in a body, whether the server has parsed it or not.
 *
 * @param contentType - The request's. It tells whether a parsed object was a form.
 */
export function sessionInBody(body: unknown, field: string, contentType: string): string | undefined {
  const bytes = bytesOf(body)
  if (bytes) {
    return sessionInBytes(bytes, field)
  }
  if (typeof body === 'string') {
    return sessionInText(body, field)
  }
  if (isForm(body)) {
    return sessionIdIn([readAllFormFields(body, parameterOf(field))])
  }
  return sessionInObject(body, field, FORM_TYPES.includes(mediaTypeOf(contentType)))
}

const FORM_TYPES = ['application/x-www-form-urlencoded', 'multipart/form-data']

function bytesOf(body: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  }
  return /^(?:Shared)?ArrayBuffer$/.test(classOf(body)) ? new Uint8Array(body as ArrayBuffer) : undefined
}

function sessionInBytes(bytes: Uint8Array, field: string): string | undefined {
  const name = parameterOf(field)
  if (!bytesMayHold(bytes, name)) {
    return undefined
  }
  // A multipart body may hold files that are no UTF-8. Latin-1 decodes any byte. Names may still be UTF-8.
  const decoder = new TextDecoder(bytes[0] === HYPHEN ? 'latin1' : 'utf-8')
  const text = decoder.decode(bytes)
  return isMultipart(text)
    ? sessionIdIn([readMultipartFields(text, decoder.decode(new TextEncoder().encode(name)))])
    : sessionInText(text, field)
}

const HYPHEN = 0x2d

/** Whether bytes may have the name: as it is, or with an escape of JSON or of a form in it. Decoding takes far longer. */
function bytesMayHold(bytes: Uint8Array, name: string): boolean {
  // Edge runtimes have no Buffer.
  const buffer = globalThis.Buffer?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return !buffer || [name, '\\u00', '%', '+'].some((mark) => buffer.includes(mark))
}

function sessionInText(body: string, field: string): string | undefined {
  const text = body.trim()
  if (text.startsWith('{')) {
    return jsonMayHold(text, parameterOf(field)) ? sessionInObject(JSON.parse(text), field, false) : undefined
  }
  const read = isMultipart(text) ? readMultipartFields : readAllFormText
  return sessionIdIn([read(text, parameterOf(field))])
}

/** Most bodies do not have the name. Parsing would take longer, the larger they are. */
function jsonMayHold(text: string, name: string): boolean {
  return text.includes(name) || (isPlain(name) ? /\\u00[2-7]/ : /\\/).test(text)
}

/** Whether JSON escapes the characters of a name by their numbers alone. */
function isPlain(name: string): boolean {
  return /^[\w.-]*$/.test(name)
}

function sessionInObject(body: unknown, field: string, isForm: boolean): string | undefined {
  const path = field.split('.')
  const name = path.slice(-1)
  return sessionIdIn([
    readJsonField(body, path),
    // A server parses a form into a flat object.
    isForm ? readJsonField(body, name) : undefined,
    partValues(readJsonField(body, name)),
  ])
}

/** The values of `@fastify/multipart`, which with `attachFieldsToBody: true` gives each part as an object. */
function partValues(parts: unknown): unknown[] {
  return [parts].flat().map((part) => (isObject(part) && part.type === 'field' ? part.value : undefined))
}
