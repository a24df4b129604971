import * as natives from '../../../defence/natives.js'
import { isBlob, isHeaders, isRequest } from '../../../lib/classOf.js'
import type { Changes, HeaderChange } from '../../outcome.js'
import type { HeadersRead, Init } from './init.js'
import { type FetchCall, headersOf, readableHeaders } from './read.js'
import type { ReadBody } from './readBody.js'
import { rebuild } from './request.js'

/**
 * The arguments with which a call goes out: the values that were read, with the changes. The second
 * one is always a new object.
 *
 * @param read - The body, if it had to be read.
 * @throws If a Request or a Blob cannot be built.
 */
export function applyChanges(
  call: FetchCall,
  { url, body, headers }: Changes,
  read: ReadBody | undefined,
): [input: string | Request, init: Init] {
  const { input } = call
  const init: Init = { ...call.init }
  const finalBody = body ?? (isRequest(input) && url !== undefined ? bodyOfRequest(read) : undefined)
  if (finalBody !== undefined) {
    const own = call.init.body
    init.body = isBlob(own) ? new natives.Blob([finalBody as BlobPart], { type: own.type }) : finalBody
  }
  if (headers.length) {
    init.headers = changeHeaders(headersOf(call), headers)
  }
  return isRequest(input) && url !== undefined ? rebuild(input, init, url) : [url ?? input, init]
}

/**
 * A Request goes to another URL only with a body that has been read. In Firefox and WebKit, which do not
 * tell, an empty one may be none at all: a GET must not have it.
 */
function bodyOfRequest(read: ReadBody | undefined): Blob | undefined {
  return read?.blob.size ? read.blob : undefined
}

/** Copies headers with changes. The form stays the same: a library below may know no other. */
function changeHeaders(headers: HeadersRead, changes: readonly HeaderChange[]): HeadersRead {
  const own = readableHeaders(headers)
  const values = changes.map(({ how, name, value }) => {
    const before = how === 'append' && own.get(name)
    return [name, before ? `${before},${value}` : value] as const
  })
  if (isHeaders(headers)) {
    const copy = new natives.Headers(headers)
    for (const [name, value] of values) {
      copy.set(name, value)
    }
    return copy
  }
  const names = changes.map(({ name }) => name)
  const changed = { ...headers }
  for (const name of natives.Object.keys(changed)) {
    if (names.includes(name.toLowerCase())) {
      delete changed[name]
    }
  }
  for (const [name, value] of values) {
    changed[name] = value
  }
  return changed
}
