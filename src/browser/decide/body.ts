import type { Added } from '../../carriers/added.js'
import { addFormField } from '../../carriers/formField.js'
import { addFormText, isFormText } from '../../carriers/formText.js'
import { addJsonField, addJsonFieldToBytes } from '../../carriers/jsonField.js'

import { classOf } from '../../lib/classOf.js'
import type { CallBody, ChangedBody } from '../call.js'
import type { Entry } from '../entry.js'
import { alreadySet, carried, left, next, readBody } from '../outcome.js'
import { mediaTypeOf, type TextKind } from './mediaType.js'
import { renewedUrl } from './query.js'
import { isSigned } from './signature.js'
import type { Strategy } from './strategy.js'
import { strictApiOf } from './strictApis.js'

/** A body that is there to be changed. */
type ReadBody = Extract<CallBody, { kind: 'text' | 'bytes' | 'form' }>

/**
 * The bodies of all calls that may outlive the page may have 65,536 bytes together
 * ({@link https://fetch.spec.whatwg.org/#http-network-or-cache-fetch}). Nobody knows what else is
 * in flight. So the field is added only if the result has no more characters than this; of bytes,
 * the decimal numbers and commas are counted.
 */
const MAX_KEEPALIVE_LENGTH = 16_000

/** A part of a multipart form has about this many characters around its name and value. */
const PART_OVERHEAD = 200

const UNFIT = next('type or encoding of the body')

/** Adds a member to a JSON object, or a field to a form. */
export const inBody: Strategy = (call, entry, session) => {
  const { sessionId } = session
  const { body } = call
  const strictApi = entry.path.length === 1 && strictApiOf(call.url)
  if (strictApi) {
    return left(
      'unknown_members_refused',
      `${strictApi.origin} refuses unknown fields: set field: '${strictApi.field}'`,
    )
  }
  if (body.kind === 'none') {
    return next('no body')
  }
  const { textKind, isGrpc } = mediaTypeOf(call)
  const isEncoded = call.headers.has('content-encoding')
  if (body.kind === 'locked' || body.kind === 'opaque' || isEncoded || isGrpc || isSigned(call)) {
    return UNFIT
  }
  if (body.kind === 'unread-blob' || body.kind === 'unread-request') {
    // Only a Request can have a body of text or pairs. A Blob is JSON, or nothing to us.
    const isReadable = body.kind === 'unread-blob' ? textKind === 'json' : textKind !== undefined
    return isReadable ? readBody('bytes') : UNFIT
  }
  const added = addField(body, textKind, entry, sessionId)
  if (!added) {
    return textKind ? next('no JSON object, or JSON-RPC') : UNFIT
  }
  if (added.changed === undefined) {
    return alreadySet('body', entry.field, added.present, sessionId)
  }
  if (call.keepalive && lengthOf(added.changed) > MAX_KEEPALIVE_LENGTH) {
    return next('no room')
  }
  return carried('body', { body: added.changed, url: renewedUrl(call, entry, session) })
}

/** Adds the field to the body. Returns `undefined` if the body cannot take it. */
function addField(
  body: ReadBody,
  textKind: TextKind | undefined,
  { path, name }: Entry,
  sessionId: string,
): Added<ChangedBody> | undefined {
  if (body.kind === 'form') {
    return addFormField(body.form, name, sessionId)
  }
  if (body.kind === 'bytes') {
    return textKind === 'json' ? addJsonFieldToBytes(body.bytes, path, sessionId) : undefined
  }
  if (textKind === 'pairs' && isFormText(body.text, name)) {
    return addFormText(body.text, name, sessionId)
  }
  const isUncertain = textKind !== 'json'
  return textKind && addJsonField(body.text, path, sessionId, { isUncertain })
}

/** About how long a body is. */
function lengthOf(body: ChangedBody): number {
  if (classOf(body) !== 'FormData') {
    return `${body}`.length
  }
  let length = 0
  const form = body as FormData
  form.forEach((value, name) => {
    const valueLength = typeof value === 'string' ? value.length : value.size
    length += PART_OVERHEAD + name.length + valueLength
  })
  return length
}
