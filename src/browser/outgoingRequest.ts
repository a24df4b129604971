import { skipSpace } from '../lib/skipSpace.js'
import type { NetworkUrl } from './networkUrl.js'

// Numbers, which all copies of the package on a page share: a transport of one asks the correlators of all.
/** A body that may hold JSON but has yet to be read: a Blob's, or a Request's own. */
export const UNREAD = 1

/** A body that no field can be added to: a stream, a Document, a Blob where there is no time to read it. */
export const OPAQUE = 2

export type RequestBody = string | Uint8Array | FormData | URLSearchParams | typeof UNREAD | typeof OPAQUE | undefined

/** A body that something was added to. */
export type ChangedBody = Exclude<RequestBody, number | undefined>

/** Why neither the URL nor the body of a call can be changed. */
export type Locked = 'stream_without_content_type' | 'unreadable_body' | 'keepalive_body'

/**
 * A call that the page makes, described alike for every transport. Nothing in it belongs to the page. All members are always
 * there, so that nothing inherited is taken for one.
 */
export interface OutgoingRequest {
  readonly method: string
  readonly url: NetworkUrl
  /** The page's own value of a header, as the browser would send it; `name` in lower case. */
  readonly header: (name: string) => string | null
  readonly body: RequestBody
  /** The media type that the body brings itself when there is no `content-type` header; a Blob always has one, even ''. */
  readonly bodyType: string | undefined
  /** What carries the id in place of a header, where the call can have none: beacons have a body at least. */
  readonly headerless: 'query' | 'body' | undefined
  readonly locked: Locked | undefined
  /** Whether the call may go out when the page is gone. Only one of which that is known, and which may not, can wait. */
  readonly keepalive: boolean | undefined
  /** Whether more is to come of the call (its headers, its body): what is decided now is not what happens in the end. */
  readonly isPartial: boolean
}

/** A call that is as usual but for what its transport says. Written out: spreading into one costs more than all else about a call. */
export function createRequest(
  method: string,
  url: NetworkUrl,
  header: OutgoingRequest['header'],
  { body, bodyType }: Pick<OutgoingRequest, 'body' | 'bodyType'>,
  headerless?: OutgoingRequest['headerless'],
  keepalive?: boolean,
  isPartial = false,
): OutgoingRequest {
  return {
    method,
    url,
    header,
    body,
    bodyType,
    headerless,
    locked: undefined,
    keepalive,
    isPartial,
  }
}

export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>

/**
 * Reads a list of headers, with names in any case; values of one name are trimmed and joined as the browser does it. A call asks
 * for few names, most of which are not there: comparing lengths first is faster than any index.
 */
export function readerOf(headers: HeaderList): OutgoingRequest['header'] {
  return (name) => {
    let joined: string | null = null
    for (const header of headers) {
      if (header[0].length === name.length && header[0].toLowerCase() === name) {
        const trimmed = trim(header[1])
        joined = joined === null ? trimmed : `${joined}, ${trimmed}`
      }
    }
    return joined
  }
}

function trim(value: string) {
  return value.slice(skipSpace(value, 0), skipSpace(value, value.length - 1, -1) + 1)
}
