import type { Added } from '../carriers/added.js'
import { addBaggage, BAGGAGE, readBaggage, SESSION_MEMBER } from '../carriers/baggage.js'
import { addFormField } from '../carriers/formField.js'
import { addJsonField, addJsonFieldToBytes } from '../carriers/jsonField.js'
import { addFormText, addQueryParam } from '../carriers/queryParam.js'
import { isTraceParent, TRACE_PARENT } from '../carriers/traceParent.js'
import { addTraceState, readTraceState, TRACE_STATE } from '../carriers/traceState.js'
import { addTraceTag, newTraceIds, PARENT_ID, readTraceTag, TRACE_ID, TRACE_TAGS } from '../carriers/traceTags.js'
import { Map, Symbol, Uint8Array } from '../lib/globals.js'
import { memoize } from '../lib/memoize.js'
import { leavesRoom } from './keepalive.js'
import type { Carrier, Entry } from './options.js'
import { type ChangedBody, type Locked, OPAQUE, type OutgoingRequest, UNREAD } from './outgoingRequest.js'

/** What a call carries: the RUM session, and with `propagateUser` the user and the account. */
export interface Identity {
  readonly sessionId: string
  readonly userId: string | undefined
  readonly accountId: string | undefined
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
  | 'no headers (no-cors, or the transport)'
  | 'another trace'

/** What to change in a call. Header values are whole values, to be set in place of the page's own. */
export interface Changes {
  readonly url: string | undefined
  readonly body: ChangedBody | undefined
  readonly headers: Record<string, string> | undefined
}

/** All members are always there, so that nothing inherited is taken for one. */
export interface Decision {
  readonly carrier: Carrier | 'none'
  readonly reason: Reason | Fallback | undefined
  /** For the page's developer, in words that end a sentence. */
  readonly warning: string | undefined
  readonly changes: Changes
}

/** The body must be read (see {@link UNREAD}) before it can be decided on. */
export const READ_BODY: unique symbol = Symbol('read body') as never

/** APIs that answer 400 to a top-level member that they do not know, with a field that they take instead. */
const STRICT_APIS = new Map([
  ['api.openai.com', 'metadata.session_id'],
  ['api.anthropic.com', 'metadata.user_id'],
  ['generativelanguage.googleapis.com', 'labels.session_id'],
])

const SIGNATURE_HEADERS = ['content-digest', 'digest', 'content-md5', 'signature-input']

const TEXT_KINDS: ReadonlyMap<string, 'json' | 'form' | 'text'> = new Map([
  ['application/json', 'json'],
  ['application/x-www-form-urlencoded', 'form'],
  ['text/plain', 'text'],
])

/** Which kind of text a media type tells, where it is one that can take a field. */
const kindOf = memoize((type) => {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return TEXT_KINDS.get(/^[^/,]+\/[^/,]+\+json$/.test(essence) ? 'application/json' : essence)
})

/** The decision table: which carrier the call takes and what changes in it for that, or why nothing does. */
export function correlate(
  request: OutgoingRequest,
  entry: Entry,
  identity: Identity,
  rumHeaders: RumHeaders,
): Decision | typeof READ_BODY {
  const { carrier } = entry
  const { limit } = request
  let outcome: Decision | typeof READ_BODY | Fallback | undefined
  if (carrier === 'body' || (limit === 'body' && carrier !== 'query')) {
    outcome = inBody(request, entry, identity)
  } else if (carrier !== 'query') {
    outcome =
      limit || request.noCors
        ? 'no headers (no-cors, or the transport)'
        : (carrier === 'baggage' ? inBaggage : inTraceTags)(request, entry, identity, rumHeaders)
  }
  return outcome === undefined || typeof outcome === 'string' ? inQuery(request, entry, identity, outcome) : outcome
}

function inBody(
  request: OutgoingRequest,
  entry: Entry,
  { sessionId }: Identity,
): Decision | typeof READ_BODY | Fallback {
  const { path } = entry
  const { body, url } = request
  const strictField = path.length === 1 && STRICT_APIS.get(url.hostname)
  if (strictField) {
    return none(
      'unknown_members_refused',
      `${url.hostname} answers 400 to members that it does not know: use field: '${strictField}'`,
    )
  }
  if (body === undefined) {
    return 'no body'
  }
  if (isSigned(request) || request.locked || body === OPAQUE || request.header('content-encoding') !== null) {
    return 'type or encoding of the body'
  }
  const kind = kindOf(request.header('content-type') ?? request.bodyType ?? '')
  if (body === UNREAD) {
    const isBlob = request.bodyType !== undefined
    return kind === 'json' || (!isBlob && kind) ? READ_BODY : 'type or encoding of the body'
  }
  let added: Added<ChangedBody> | undefined
  if (typeof body === 'string') {
    if (!kind) {
      return 'type or encoding of the body'
    }
    added =
      kind === 'form'
        ? addFormText(body, nameOf(entry), sessionId)
        : addJsonField(body, path, sessionId, kind === 'text')
  } else if (body instanceof Uint8Array) {
    if (kind !== 'json') {
      return 'type or encoding of the body'
    }
    added = addJsonFieldToBytes(body, path, sessionId)
  } else {
    added = addFormField(body, nameOf(entry), sessionId)
  }
  if (!added) {
    return 'no JSON object, or JSON-RPC'
  }
  if (added.changed === undefined) {
    return already('body', added.present, sessionId, entry)
  }
  return request.keepalive && !leavesRoom(added.changed)
    ? 'no room'
    : carried('body', { ...NO_CHANGES, body: added.changed })
}

function inQuery(
  request: OutgoingRequest,
  entry: Entry,
  { sessionId }: Identity,
  fallback: Fallback | undefined,
): Decision | typeof READ_BODY {
  if (isSigned(request)) {
    return none('signed_request', "a signed request cannot be changed: use carrier: 'baggage'")
  }
  if (request.locked) {
    return none(request.locked)
  }
  const added = addQueryParam(request.url.text, nameOf(entry), sessionId)
  if (added.changed === undefined) {
    return already('query', added.present, sessionId, entry)
  }
  // A Request takes its body along to another URL only as bytes.
  return request.body === UNREAD && request.bodyType === undefined
    ? READ_BODY
    : carried('query', { ...NO_CHANGES, url: added.changed }, fallback)
}

function inBaggage(
  request: OutgoingRequest,
  entry: Entry,
  identity: Identity,
  rumHeaders: RumHeaders,
): Decision | Fallback {
  const page = request.header(BAGGAGE) ?? ''
  const present = readBaggage(page, SESSION_MEMBER)
  if (present !== undefined && present !== identity.sessionId) {
    return already('baggage', present, identity.sessionId, entry)
  }
  if (rumHeaders.baggage) {
    return carried('baggage', NO_CHANGES)
  }
  let header = addBaggage(page, SESSION_MEMBER, identity.sessionId)
  if (header === undefined) {
    return 'no room'
  }
  if (entry.propagateUser) {
    for (const [key, value] of [
      ['user.id', identity.userId],
      ['account.id', identity.accountId],
    ] as const) {
      header = value === undefined ? header : (addBaggage(header, key, value) ?? header)
    }
  }
  return carried('baggage', header === page ? NO_CHANGES : { ...NO_CHANGES, headers: { [BAGGAGE]: header } })
}

function inTraceTags(
  { header }: OutgoingRequest,
  entry: Entry,
  { sessionId }: Identity,
  rumHeaders: RumHeaders,
): Decision | Fallback {
  const tags = header(TRACE_TAGS) ?? ''
  const state = header(TRACE_STATE) ?? ''
  const hasTraceParent = isTraceParent(header(TRACE_PARENT))
  const present = readTraceTag(tags) ?? (hasTraceParent ? readTraceState(state) : undefined)
  if (present !== undefined) {
    return already('trace-tags', present, sessionId, entry)
  }
  const hasIds = rumHeaders.traceIds || (header(TRACE_ID) !== null && header(PARENT_ID) !== null)
  if (!hasIds) {
    if (rumHeaders.foreignTrace || header('b3') !== null || header('x-b3-traceid') !== null) {
      return 'another trace'
    }
    if (hasTraceParent) {
      const added = addTraceState(state, sessionId)
      return added === undefined
        ? 'no room'
        : carried('trace-tags', { ...NO_CHANGES, headers: { [TRACE_STATE]: added } })
    }
  }
  const added = addTraceTag(tags, sessionId)
  return added === undefined
    ? 'no room'
    : carried('trace-tags', { ...NO_CHANGES, headers: { ...(hasIds ? {} : newTraceIds()), [TRACE_TAGS]: added } })
}

/** Name of the query parameter and of the form field. */
function nameOf({ path }: Entry) {
  return path[path.length - 1] as string
}

function carried(carrier: Carrier, changes: Changes, reason?: Fallback): Decision {
  return { carrier, reason, warning: undefined, changes }
}

export const NO_CHANGES: Changes = { url: undefined, body: undefined, headers: undefined }

function none(reason: Reason, warning?: string): Decision {
  return { carrier: 'none', reason, warning, changes: NO_CHANGES }
}

/** A value that the page itself set always wins. It may well be the session id, set by hand. */
function already(carrier: Carrier, value: unknown, sessionId: string, { path }: Entry): Decision {
  if (value === sessionId) {
    return carried(carrier, NO_CHANGES)
  }
  const [place, remedy] =
    carrier === 'body' || carrier === 'query'
      ? [`'${path.join('.')}'`, ": use 'field' to name another one"]
      : [
          carrier === 'baggage' ? `'${SESSION_MEMBER}' in the ${BAGGAGE} header` : 'the session in the trace headers',
          '',
        ]
  return none('page_value', `the page itself sets ${place} to something that is not the RUM session id${remedy}`)
}

/**
 * Whether the request carries a signature or a digest that a change of its URL or body would break: AWS SigV4, in a header
 * or a presigned URL ({@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}), HTTP message
 * signatures (RFC 9421) and digests (RFC 9530, RFC 3230, RFC 1864).
 */
function isSigned({ header, url }: OutgoingRequest) {
  const authorization = header('authorization')
  return (
    (authorization && /^AWS4-/i.test(authorization)) ||
    (url.search && /[?&]x-amz-signature=/i.test(url.search)) ||
    SIGNATURE_HEADERS.some((name) => header(name) !== null)
  )
}
