/** The URL of a call, read once: the accessors of a URL object are slow. */
export interface NetworkUrl {
  /** The URL that the browser will contact. */
  readonly href: string
  /** The URL as the page wrote it, relative to {@link base}. A parameter is added to this text. */
  readonly text: string
  readonly base: string
}

/**
 * What the API of a call can carry.
 *
 * - `'usual'`: a URL, headers and a body (`fetch`, XMLHttpRequest).
 * - `'no-headers'`: no headers of the plugin (`no-cors`, EventSource, WebSocket).
 * - `'beacon'`: no headers, but always a body.
 */
export type Medium = 'usual' | 'no-headers' | 'beacon'

/** Why neither the URL nor the body of a call can change: the body of its Request cannot be read. */
export type Locked = 'stream_without_content_type' | 'unreadable_body' | 'keepalive_body'

/**
 * The body of a call. `type` is the media type that the body itself brings, for a call without a
 * `content-type` header. A Blob always has one, even if it is `''`.
 */
export type CallBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string; readonly type: string | undefined }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly type: string | undefined }
  | { readonly kind: 'form'; readonly form: FormData | URLSearchParams }
  /** It can be read, but that takes time. */
  | { readonly kind: 'unread-blob'; readonly type: string }
  | { readonly kind: 'unread-request' }
  | { readonly kind: 'locked'; readonly why: Locked }
  /** Nothing can be added: a stream, a Document, a Blob if there is no time to read it or no use. */
  | { readonly kind: 'opaque' }

/** A body to which something was added. */
export type ChangedBody = string | Uint8Array | FormData | URLSearchParams

export const NO_BODY: CallBody = { kind: 'none' }

/** A call that the page makes. Every transport describes it like this; nothing belongs to the page. */
export interface Call {
  readonly method: string
  readonly url: NetworkUrl
  readonly medium: Medium
  /** The headers of the page, to be read. */
  readonly headers: Headers
  readonly body: CallBody
  /**
   * Whether the call may outlive the page. Only `false` may wait; `undefined` means that the
   * transport cannot wait.
   */
  readonly keepalive: boolean | undefined
  /** Whether the page may still set headers and a body. The outcome is then not final, and not reported. */
  readonly isPartial: boolean
}
