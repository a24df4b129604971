/** A body that may hold JSON but has yet to be read: a Blob's, or a Request's own. */
export const UNREAD = Symbol('unread')

/** A body that no field can be added to: a stream, a Document, a Blob where there is no time to read it. */
export const OPAQUE = Symbol('opaque')

export type RequestBody = string | Uint8Array | FormData | URLSearchParams | typeof UNREAD | typeof OPAQUE | undefined

/** A body that something was added to. */
export type ChangedBody = Exclude<RequestBody, symbol | undefined>

export type Locked = 'stream_without_content_type' | 'unreadable_body'

/** The URL of a call, read once: the accessors of a URL object cost more than all else about it. */
export type RequestUrl = Pick<URL, 'href' | 'hostname' | 'search'>

/** A call that the page makes, described alike for every transport. Nothing in it belongs to the page. */
export interface OutgoingRequest {
  readonly method: string
  readonly url: RequestUrl
  /** The page's own value of a header, as the browser would send it; `name` in lower case. */
  readonly header: (name: string) => string | null
  readonly body: RequestBody
  /** The media type that the body brings itself when there is no `content-type` header; a Blob always has one, even ''. */
  readonly bodyType?: string | undefined
  /** What the transport can carry: `'url'` for EventSource and WebSocket, `'body'` (and the URL) for beacons. */
  readonly limit?: 'url' | 'body'
  /** Why neither the URL nor the body can be changed. */
  readonly locked?: Locked | undefined
  readonly keepalive?: boolean
  readonly noCors?: boolean
}

/**
 * Reads a list of headers, with names in any case; values of one name are joined as the browser joins them. A call asks for
 * few names, most of which are not there: comparing lengths first is faster than any index.
 */
export function readerOf(headers: ReadonlyArray<readonly [name: string, value: string]>): OutgoingRequest['header'] {
  return (name) => {
    let joined: string | null = null
    for (const header of headers) {
      const own = String(header[0])
      if (own.length === name.length && own.toLowerCase() === name) {
        joined = joined === null ? String(header[1]) : `${joined}, ${header[1]}`
      }
    }
    return joined
  }
}
