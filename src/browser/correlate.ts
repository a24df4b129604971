import type { Added } from '../carriers/added.js'
import { addBaggage, BAGGAGE, readBaggage, SESSION_MEMBER } from '../carriers/baggage.js'
import { addFormField } from '../carriers/formField.js'
import { addJsonField, addJsonFieldToBytes } from '../carriers/jsonField.js'
import { addFormText, addQueryParam } from '../carriers/queryParam.js'
import { readTraceParent, TRACE_PARENT } from '../carriers/traceParent.js'
import { addTraceState, readTraceState, TRACE_STATE } from '../carriers/traceState.js'
import { addTraceTag, newTraceIds, PARENT_ID, readTraceTag, TRACE_ID, TRACE_TAGS } from '../carriers/traceTags.js'
import { classOf } from '../lib/classOf.js'
import { Uint8Array } from '../lib/globals.js'
import { memoize } from '../lib/memoize.js'
import type { Carrier, Entry } from './options.js'
import { type ChangedBody, type Locked, OPAQUE, type OutgoingRequest, UNREAD } from './outgoingRequest.js'

/** What a call carries: the RUM session, and with `propagateUser` the ids of the user and the account, by their baggage keys. */
export interface Identity {
  readonly sessionId: string
  readonly others: ReadonlyArray<readonly [key: string, id: unknown]>
}

/** What the RUM SDK itself will add to the call when it traces it. */
export interface RumHeaders {
  readonly baggage: boolean
  readonly traceIds: boolean
  /** A trace context that has no place for the session. */
  readonly foreignTrace: boolean
}

/** Why a call goes out without the session id. */
export type Reason = 'page_value' | 'signed_request' | 'unknown_members_refused' | Locked

/** Why a call takes the query parameter in place of the carrier of its entry, for the page's developer to read. */
export type Fallback =
  | 'no body'
  | 'no JSON object, or JSON-RPC'
  | 'type or encoding of the body'
  | 'no room'
  | 'no-cors, or no headers'
  | 'another trace'

/** What to change in a call. Header values are whole values, to be set in place of the page's own. */
export interface Changes {
  readonly url: string | undefined
  readonly body: ChangedBody | undefined
  readonly headers: Record<string, string> | undefined
}

/** All members are always there, so that nothing inherited is taken for one. */
export interface Decision extends Changes {
  readonly carrier: Carrier | 'none'
  /** A {@link Reason}, a {@link Fallback}, or why there is no session. */
  readonly reason: string | undefined
  /** For the page's developer, in words that end a sentence. */
  readonly warning: string | undefined
}

/** APIs that answer 400 to a top-level member that they do not know, with a field that they take instead. */
const STRICT_APIS: ReadonlyArray<readonly [url: string, field: string]> = [
  ['https://api.openai.com/', 'metadata.session_id'],
  ['https://api.anthropic.com/', 'metadata.user_id'],
  ['https://generativelanguage.googleapis.com/', 'labels.session_id'],
]

const SIGNATURE_HEADERS = ['content-digest', 'digest', 'content-md5', 'signature-input']

/**
 * The bodies of all calls that may outlive the page may together have 65,536 bytes
 * ({@link https://fetch.spec.whatwg.org/#http-network-or-cache-fetch}), and what else is in flight nobody knows: only one
 * whose text is shorter than this grows (of bytes, the text of their numbers).
 */
const MAX_GROWN = 16_000

/** Which kind of text a media type tells, where it is one that can take a field. */
const kindOf = memoize((type) =>
  /^\s*(?:application\/(?!plain)|text\/(?=plain)|[^/,;]+\/[^/,;]+\+(?=json))(json|x-www-form-urlencoded|plain)\s*(?:;|$)/i
    .exec(type)?.[1]
    ?.toLowerCase(),
)

/** The decision table: which carrier the call takes and what changes in it for that, or why nothing does. */
export function correlate(
  request: OutgoingRequest,
  entry: Entry,
  identity: Identity,
  rumHeaders: () => RumHeaders,
): Decision | typeof UNREAD {
  const { carrier } = entry
  const { headerless } = request
  const outcome =
    carrier === 'query'
      ? undefined
      : carrier === 'body' || headerless === 'body'
        ? inBody(request, entry, identity)
        : headerless
          ? 'no-cors, or no headers'
          : (carrier === 'baggage' ? inBaggage : inTraceTags)(request, identity, rumHeaders())
  return outcome === undefined || typeof outcome === 'string' ? inQuery(request, entry, identity, outcome) : outcome
}

function inBody(request: OutgoingRequest, entry: Entry, { sessionId }: Identity): Decision | typeof UNREAD | Fallback {
  const { path } = entry
  const { body, bodyType, header, url } = request
  const strict = path.length === 1 && STRICT_APIS.find((api) => url.href.startsWith(api[0]))
  if (strict) {
    return none(
      'unknown_members_refused',
      `${strict[0]} refuses members that it does not know: use field: '${strict[1]}'`,
    )
  }
  if (body === undefined) {
    return 'no body'
  }
  const kind = kindOf(header('content-type') ?? bodyType ?? '')
  if (isSigned(request) || request.locked || body === OPAQUE || header('content-encoding') !== null) {
    return 'type or encoding of the body'
  }
  if (body === UNREAD) {
    // That of a Blob is JSON or nothing; only Requests have none.
    return kind === 'json' || (bodyType === undefined && kind) ? UNREAD : 'type or encoding of the body'
  }
  const added: Added<ChangedBody> | '' | false | undefined =
    typeof body === 'string'
      ? kind === 'x-www-form-urlencoded'
        ? addFormText(body, nameOf(entry), sessionId)
        : kind && addJsonField(body, path, sessionId, kind === 'plain')
      : body instanceof Uint8Array
        ? kind === 'json' && addJsonFieldToBytes(body, path, sessionId)
        : addFormField(body, nameOf(entry), sessionId)
  if (!added) {
    return kind ? 'no JSON object, or JSON-RPC' : 'type or encoding of the body'
  }
  const { changed } = added
  if (changed === undefined) {
    return already('body', entry.field, added.present, sessionId)
  }
  return request.keepalive && lengthOf(changed) > MAX_GROWN ? 'no room' : carried('body', undefined, changed)
}

/** About as long as the body is; a part of a multipart form has some 200 characters around it. */
function lengthOf(body: ChangedBody): number {
  if (classOf(body) !== 'FormData') {
    return `${body}`.length
  }
  let length = 0
  const form = body as FormData
  form.forEach((value, name) => {
    length += 200 + name.length + (typeof value === 'string' ? value.length : value.size)
  })
  return length
}

function inQuery(
  request: OutgoingRequest,
  entry: Entry,
  { sessionId }: Identity,
  fallback: Fallback | undefined,
): Decision | typeof UNREAD {
  if (isSigned(request)) {
    return none('signed_request', "a signed request cannot be changed: use carrier: 'baggage'")
  }
  if (request.locked) {
    return none(request.locked)
  }
  const added = addQueryParam(request.url.text, nameOf(entry), sessionId)
  if (added.changed === undefined) {
    return already('query', entry.field, added.present, sessionId)
  }
  // A Request takes its body along to another URL only as bytes.
  return request.body === UNREAD && request.bodyType === undefined
    ? UNREAD
    : carried('query', undefined, undefined, added.changed, fallback)
}

function inBaggage(
  { header }: OutgoingRequest,
  { sessionId, others }: Identity,
  rumHeaders: RumHeaders,
): Decision | Fallback {
  const page = header(BAGGAGE) ?? ''
  const present = readBaggage(page, SESSION_MEMBER)
  if (present !== undefined && present !== sessionId) {
    return already('baggage', BAGGAGE, present, sessionId)
  }
  if (rumHeaders.baggage) {
    return carried('baggage')
  }
  let value = addBaggage(page, SESSION_MEMBER, sessionId)
  if (value === undefined) {
    return 'no room'
  }
  for (const [key, id] of others) {
    value = typeof id === 'string' ? (addBaggage(value, key, id) ?? value) : value
  }
  return carried('baggage', value === page ? undefined : { [BAGGAGE]: value })
}

function inTraceTags(
  { header }: OutgoingRequest,
  { sessionId }: Identity,
  rumHeaders: RumHeaders,
): Decision | Fallback {
  const tags = header(TRACE_TAGS) ?? ''
  // Without its parent it counts for nothing.
  const state = readTraceParent(header(TRACE_PARENT) ?? '') && (header(TRACE_STATE) ?? '')
  const present = readTraceTag(tags) ?? readTraceState(state ?? '')
  if (present !== undefined) {
    return already('trace-tags', TRACE_TAGS, present, sessionId)
  }
  const hasIds = rumHeaders.traceIds || (header(TRACE_ID) !== null && header(PARENT_ID) !== null)
  if (!hasIds && (rumHeaders.foreignTrace || header('b3') !== null || header('x-b3-traceid') !== null)) {
    return 'another trace'
  }
  const inState = !hasIds && state !== undefined
  const added = inState ? addTraceState(state, sessionId) : addTraceTag(tags, sessionId)
  return added === undefined
    ? 'no room'
    : carried(
        'trace-tags',
        inState ? { [TRACE_STATE]: added } : { ...(hasIds ? undefined : newTraceIds()), [TRACE_TAGS]: added },
      )
}

/** Name of the query parameter and of the form field. */
function nameOf({ path }: Entry) {
  return path[path.length - 1] as string
}

function carried(
  carrier: Decision['carrier'],
  headers?: Changes['headers'],
  body?: Changes['body'],
  url?: Changes['url'],
  reason?: string,
  warning?: string,
): Decision {
  return { carrier, reason, warning, url, body, headers }
}

export function none(reason: string, warning?: string): Decision {
  return carried('none', undefined, undefined, undefined, reason, warning)
}

/** A value that the page itself set always wins. It may well be the session id, set by hand. */
function already(carrier: Carrier, place: string, value: unknown, sessionId: string): Decision {
  return value === sessionId
    ? carried(carrier)
    : none('page_value', `their ${place} is not the session id of RUM: name another 'field' or 'carrier'`)
}

/**
 * Whether the request carries a signature or a digest that a change of its URL or body would break: AWS SigV4, in a header
 * or a presigned URL ({@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}), HTTP message
 * signatures (RFC 9421) and digests (RFC 9530, RFC 3230, RFC 1864).
 */
function isSigned({ header, url }: OutgoingRequest) {
  return (
    /^AWS4-/i.test(header('authorization') ?? '') ||
    /[?&]x-amz-signature=/i.test(url.href) ||
    SIGNATURE_HEADERS.some((name) => header(name) !== null)
  )
}
