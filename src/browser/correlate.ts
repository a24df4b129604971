import type { Added } from '../carriers/added.js'
import { addBaggage, BAGGAGE, readBaggage, SESSION_MEMBER } from '../carriers/baggage.js'
import { addFormField } from '../carriers/formField.js'
import { addJsonField, addJsonFieldToBytes } from '../carriers/jsonField.js'
import { addFormText, addQueryParam } from '../carriers/queryParam.js'
import { addTraceTag, newTraceIds, readTraceTag, TRACE_TAGS } from '../carriers/traceTags.js'
import { isInstance } from '../lib/isInstance.js'
import { memoize } from '../lib/memoize.js'
import type { Carrier, Entry } from './options.js'
import { type ChangedBody, type Locked, OPAQUE, type OutgoingRequest, UNREAD } from './outgoingRequest.js'

/** What a call carries: the RUM session, and with `propagateUser` the user and the account. */
export interface Identity {
  readonly sessionId: string
  readonly userId?: string | undefined
  readonly accountId?: string | undefined
}

/** What the RUM SDK itself will add to the call when it traces it. */
export interface RumHeaders {
  readonly baggage?: boolean
  readonly traceIds?: boolean
}

/** Why a call goes out without the session id. */
export type Reason = 'page_value' | 'signed_request' | 'unknown_members_refused' | Locked

/** What to change in a call. Header values are whole values, to be set in place of the page's own. */
export interface Changes {
  readonly url?: string
  readonly body?: ChangedBody
  readonly headers?: Record<string, string>
}

export type Decision =
  | { readonly carrier: Carrier; readonly changes: Changes }
  | { readonly carrier: 'none'; readonly reason: Reason; readonly warning?: string | undefined }

/** The body must be read (see {@link UNREAD}) before it can be decided on. */
export const READ_BODY = Symbol('read body')

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

/** Fetch refuses `keepalive` bodies above this size: {@link https://fetch.spec.whatwg.org/#http-network-or-cache-fetch} */
const MAX_KEEPALIVE_BYTES = 65_536

/** The decision table: which carrier the call takes and what changes in it for that, or why nothing does. */
export function correlate(
  request: OutgoingRequest,
  entry: Entry,
  identity: Identity,
  rumHeaders: RumHeaders,
): Decision | typeof READ_BODY {
  const { carrier } = entry
  const canSetHeaders = !request.limit && !request.noCors
  const isHeaderBeacon = request.limit === 'body' && carrier !== 'query'
  let decision: ReturnType<typeof inBody>
  if (carrier === 'baggage' && canSetHeaders) {
    decision = inBaggage(request, entry, identity, rumHeaders)
  } else if (carrier === 'trace-tags' && canSetHeaders) {
    decision = inTraceTags(request, entry, identity, rumHeaders)
  } else if (carrier === 'body' || isHeaderBeacon) {
    decision = inBody(request, entry, identity)
  }
  return decision ?? inQuery(request, entry, identity)
}

function inBody(
  request: OutgoingRequest,
  entry: Entry,
  { sessionId }: Identity,
): Decision | typeof READ_BODY | undefined {
  const { path } = entry
  const { body, url } = request
  const strictField = path.length === 1 && STRICT_APIS.get(url.hostname)
  if (strictField) {
    return none(
      'unknown_members_refused',
      `${url.hostname} answers 400 to members that it does not know: use field: '${strictField}'`,
    )
  }
  if (
    isSigned(request) ||
    request.locked ||
    body === undefined ||
    body === OPAQUE ||
    request.header('content-encoding') !== null
  ) {
    return undefined
  }
  const kind = kindOf(request.header('content-type') ?? request.bodyType ?? '')
  if (body === UNREAD) {
    const isBlob = request.bodyType !== undefined
    return kind === 'json' || (!isBlob && kind) ? READ_BODY : undefined
  }
  let added: Added<ChangedBody> | undefined
  if (typeof body === 'string') {
    if (kind === 'form') {
      added = addFormText(body, nameOf(entry), sessionId)
    } else if (kind) {
      added = addJsonField(body, path, sessionId, kind === 'text')
    }
  } else if (body instanceof Uint8Array) {
    added = kind === 'json' ? addJsonFieldToBytes(body, path, sessionId) : undefined
  } else {
    added = addFormField(body, nameOf(entry), sessionId)
  }
  if (!added) {
    return undefined
  }
  if (added.changed === undefined) {
    return already('body', added.present, sessionId, entry)
  }
  return request.keepalive && sizeOf(added.changed) > MAX_KEEPALIVE_BYTES
    ? undefined
    : carried('body', { body: added.changed })
}

function inQuery(request: OutgoingRequest, entry: Entry, { sessionId }: Identity): Decision {
  if (isSigned(request)) {
    return none('signed_request', "a signed request cannot be changed: use carrier: 'baggage'")
  }
  if (request.locked) {
    return none(request.locked)
  }
  const added = addQueryParam(request.url.href, nameOf(entry), sessionId)
  return added.changed === undefined
    ? already('query', added.present, sessionId, entry)
    : carried('query', { url: added.changed })
}

function inBaggage(request: OutgoingRequest, entry: Entry, identity: Identity, rumHeaders: RumHeaders) {
  const page = request.header(BAGGAGE) ?? ''
  const present = readBaggage(page, SESSION_MEMBER)
  if (present !== undefined && present !== identity.sessionId) {
    return already('baggage', present, identity.sessionId, entry)
  }
  if (rumHeaders.baggage) {
    return carried('baggage', {})
  }
  let header = addBaggage(page, SESSION_MEMBER, identity.sessionId)
  if (header === undefined) {
    return undefined
  }
  if (entry.propagateUser) {
    for (const [key, value] of [
      ['user.id', identity.userId],
      ['account.id', identity.accountId],
    ] as const) {
      header = value === undefined ? header : (addBaggage(header, key, value) ?? header)
    }
  }
  return carried('baggage', header === page ? {} : { headers: { [BAGGAGE]: header } })
}

function inTraceTags(request: OutgoingRequest, entry: Entry, { sessionId }: Identity, rumHeaders: RumHeaders) {
  const page = request.header(TRACE_TAGS) ?? ''
  const present = readTraceTag(page)
  if (present !== undefined) {
    return already('trace-tags', present, sessionId, entry)
  }
  const header = addTraceTag(page, sessionId)
  if (header === undefined) {
    return undefined
  }
  const hasIds = rumHeaders.traceIds || request.header('x-datadog-trace-id') !== null
  return carried('trace-tags', { headers: { ...(hasIds ? {} : newTraceIds()), [TRACE_TAGS]: header } })
}

/** Name of the query parameter and of the form field. */
function nameOf({ path }: Entry) {
  return path[path.length - 1] as string
}

function carried(carrier: Carrier, changes: Changes): Decision {
  return { carrier, changes }
}

function none(reason: Reason, warning?: string): Decision {
  return { carrier: 'none', reason, warning }
}

/** A value that the page itself set always wins. It may well be the session id, set by hand. */
function already(carrier: Carrier, value: unknown, sessionId: string, { path }: Entry): Decision {
  if (value === sessionId) {
    return carried(carrier, {})
  }
  const [place, remedy] =
    carrier === 'body' || carrier === 'query'
      ? [`'${path.join('.')}'`, ": use 'field' to name another one"]
      : [
          carrier === 'baggage'
            ? `'${SESSION_MEMBER}' in the ${BAGGAGE} header`
            : `the session in the ${TRACE_TAGS} header`,
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
    (authorization && /^\s*AWS4-/i.test(authorization)) ||
    (url.search && /[?&]x-amz-signature=/i.test(url.search)) ||
    SIGNATURE_HEADERS.some((name) => header(name) !== null)
  )
}

/** Bytes that a body takes on the wire; for a multipart form an upper estimate. */
function sizeOf(body: ChangedBody): number {
  if (typeof body === 'string') {
    return body.length * 3 <= MAX_KEEPALIVE_BYTES ? body.length : new TextEncoder().encode(body).length
  }
  if (body instanceof Uint8Array) {
    return body.length
  }
  if (isInstance<URLSearchParams>(body, 'URLSearchParams')) {
    return String(body).length
  }
  let size = 0
  body.forEach((value, name) => {
    size += 256 + 3 * name.length + (typeof value === 'string' ? 3 * value.length : value.size + 3 * value.name.length)
  })
  return size
}
