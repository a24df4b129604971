import { isSafari } from '@datadog/browser-core'
import { copyForm } from '../../carriers/formField.js'
import { isInstance } from '../../lib/isInstance.js'
import { type Changes, type Decision, type Identity, READ_BODY } from '../correlate.js'
import { OPAQUE, type OutgoingRequest, type RequestUrl, readerOf, UNREAD } from '../outgoingRequest.js'
import { createPatch, type Patch } from '../patch.js'
import { ANNOTATION, annotationOf } from '../rum/annotation.js'
import type { Target, Targets } from '../targets.js'
import { describeBody } from './body.js'
import { urlOf } from './urlOf.js'

/** What the page passed to `fetch`, read once and independent of it. */
interface FetchCall {
  readonly input: unknown
  readonly request: Request | undefined
  readonly init: Init
}

interface Init {
  method?: unknown
  headers?: HeadersInit
  body?: unknown
  mode?: unknown
  keepalive?: unknown
  signal?: AbortSignal | null
  [name: PropertyKey]: unknown
}
type Arguments = unknown[]

/** The members of `RequestInit` that a Request has, too: {@link https://fetch.spec.whatwg.org/#requestinit} */
const REQUEST_MEMBERS = [
  'method',
  'headers',
  'mode',
  'credentials',
  'cache',
  'redirect',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
  'signal',
] as const
const INIT_MEMBERS = [...REQUEST_MEMBERS, 'body', 'duplex', 'priority', 'window'] as const

/**
 * Patches `fetch`. A call that needs nothing asynchronous stays synchronous up to the original; three cases wait: a
 * Request whose own body has to be read, a Blob that may hold JSON, and a call made while RUM starts.
 */
export function patchFetch(targets: Targets): Patch {
  return createPatch(globalThis, 'fetch', (forward, args) => {
    let outcome: Arguments | Promise<Arguments> | undefined
    try {
      outcome = correlateCall(args, targets)
    } catch {
      // The call goes out as the page made it, and the browser says what is wrong with it.
    }
    return isLater(outcome) ? outcome.then(forward) : forward(outcome ?? args)
  })
}

/** Not by `instanceof`: libraries replace the global Promise, which those of async functions are no instances of. */
function isLater(outcome: Arguments | Promise<Arguments> | undefined): outcome is Promise<Arguments> {
  return outcome !== undefined && !Array.isArray(outcome)
}

function correlateCall(args: Arguments, targets: Targets): Arguments | Promise<Arguments> | undefined {
  const [input] = args
  const url = isInstance<Request>(input, 'Request') ? input.url : urlOf(input)
  const target = url === undefined ? undefined : targets.find(url)
  if (!target) {
    return undefined
  }
  const { correlator, entry } = target
  const identity = correlator.identify(entry)
  const startup = identity ? undefined : correlator.startup()
  if (!identity && !startup) {
    correlator.skip(target.url, () => methodOf(readCall(args)))
    return undefined
  }
  const call = readCall(args)
  const signal = signalOf(call)
  if (signal?.aborted) {
    return undefined
  }
  const outcome = identity ? correlateFetch(call, target, identity) : correlateLater(call, target, startup)
  return isLater(outcome) ? abortable(outcome, signal) : outcome
}

function correlateLater(called: FetchCall, target: Target, startup: Promise<void> | undefined): Promise<Arguments> {
  const call = snapshot(called, target.url)
  return Promise.resolve(startup)
    .then(() => {
      const identity = target.correlator.identify(target.entry)
      if (identity) {
        return correlateFetch(call, target, identity)
      }
      target.correlator.skip(target.url, () => methodOf(call))
      return [call.input, call.init]
    })
    .catch(() => [call.input, call.init])
}

function readCall([input, init]: Arguments): FetchCall {
  return { input, request: isInstance<Request>(input, 'Request') ? input : undefined, init: copyInit(init) }
}

/** Reads a `RequestInit` as WebIDL does: members may be inherited, and a getter runs once. */
function copyInit(init: unknown): Init {
  if (init === undefined || init === null) {
    return {}
  }
  if (typeof init !== 'object' && typeof init !== 'function') {
    throw new TypeError('init is no object')
  }
  const members = init as Record<string, unknown>
  const copy: Init = isPlain(members) ? { ...members } : copyInherited(members)
  const { headers } = copy
  if (typeof headers === 'object' && !isInstance(headers, 'Headers') && Symbol.iterator in headers) {
    // An iterable may give its headers only once.
    copy.headers = Array.from(headers as Iterable<Iterable<string>>, (header) => [...header] as [string, string])
  }
  return copy
}

/** Whether an object has no members but enumerable ones of its own. Most are such, and are copied much faster. */
function isPlain(object: object) {
  return (
    Object.getPrototypeOf(object) === Object.prototype &&
    Object.getOwnPropertyNames(object).length === Object.keys(object).length
  )
}

function copyInherited(members: Record<string, unknown>): Init {
  const copy: Init = {}
  for (const name in members) {
    copy[name] = members[name]
  }
  for (const name of INIT_MEMBERS as readonly string[]) {
    if (!(name in copy) && members[name] !== undefined) {
      copy[name] = members[name]
    }
  }
  return copy
}

/** What later changes of the page's own objects do not reach. */
function snapshot({ request, init, input }: FetchCall, url: RequestUrl): FetchCall {
  if (request) {
    // As native `fetch` does: it takes over the body, so that `bodyUsed` of the page's Request reads true.
    const copy = new Request(request, { ...keptReferrer(request, init), ...(init as RequestInit) })
    return { input: copy, request: copy, init: {} }
  }
  const { headers } = init
  const { body } = describeBody(init.body)
  return {
    input: typeof input === 'string' ? url.href : new URL(url.href),
    request,
    init: {
      ...init,
      ...(headers && { headers: setHeaders(headers, {}) }),
      ...(typeof body === 'object' && { body: copyBody(body) }),
    },
  }
}

function copyBody(body: Uint8Array | FormData | URLSearchParams) {
  return body instanceof Uint8Array ? body.slice() : copyForm(body)
}

function correlateFetch(call: FetchCall, target: Target, identity: Identity): Arguments | Promise<Arguments> {
  const { correlator, entry, url } = target
  const outgoing = describe(call, url)
  const decision = correlator.decide(outgoing, entry, identity)
  const annotates = correlator.annotates()
  if (decision !== READ_BODY) {
    return hasOwnBody(call, outgoing) && 'changes' in decision && decision.changes.url
      ? readBody(call, url, (own, bytes) => change(own, decision, annotates, bytes))
      : change(call, decision, annotates)
  }
  return readBody(call, url, (own, bytes) => {
    // A Request does not tell text from bytes; a Blob is bytes.
    const body = own.request && !isBlob(own.init.body) ? (decodeUtf8(bytes) ?? bytes) || undefined : bytes
    const laterIdentity = correlator.identify(entry)
    const laterDecision = laterIdentity && correlator.decide({ ...describe(own, url), body }, entry, laterIdentity)
    return change(own, laterDecision === READ_BODY ? undefined : laterDecision, annotates, bytes)
  })
}

/** Whether the body comes from a Request, and not from the `init` beside it. */
function hasOwnBody({ request, init }: FetchCall, outgoing: OutgoingRequest) {
  return request && (init.body === undefined || init.body === null) && outgoing.body !== undefined
}

/** Reads the body of a call that goes out later, and as it was when the page made it. */
function readBody(
  call: FetchCall,
  url: RequestUrl,
  then: (own: FetchCall, bytes: Uint8Array) => Arguments,
): Promise<Arguments> {
  const own = snapshot(call, url)
  const body = isBlob(own.init.body) ? own.init.body : (own.request as Request)
  return body
    .arrayBuffer()
    .then((buffer) => then(own, new Uint8Array(buffer)))
    .catch(() => [own.input, own.init])
}

function describe({ request, init }: FetchCall, url: RequestUrl): OutgoingRequest {
  const method = methodOf({ request, init }).toUpperCase()
  const headers = init.headers ?? request?.headers
  const keepalive = !!(init.keepalive ?? request?.keepalive)
  const { body, bodyType } = describeBody(init.body, true)
  const noCors = (init.mode ?? request?.mode) === 'no-cors'
  const outgoing: OutgoingRequest = { method, url, header: headerReader(headers), keepalive, noCors, body, bodyType }
  if (!request || outgoing.body !== undefined || isBodyless(request.method)) {
    return outgoing
  }
  const described = describeRequestBody(request, outgoing)
  if (isBodyless(method) && described.body !== undefined) {
    throw new TypeError('a GET has no body')
  }
  return { ...outgoing, ...described }
}

function isBodyless(method: string) {
  return /^(get|head)$/i.test(method)
}

function methodOf({ request, init }: Pick<FetchCall, 'request' | 'init'>) {
  return String(init.method ?? request?.method ?? 'GET')
}

/** Describes the own body of a Request, which does not tell what it was made of. */
function describeRequestBody(request: Request, { header }: OutgoingRequest): Pick<OutgoingRequest, 'body' | 'locked'> {
  const type = header('content-type')
  if (isSafari()) {
    // WebKit breaks a keepalive Request whose `body` is touched, and cannot read a multipart body with a file at all.
    return { body: UNREAD, locked: type?.startsWith('multipart/') ? 'unreadable_body' : undefined }
  }
  // Some Firefox versions have no `Request.body`.
  if (type !== null || !('body' in request)) {
    return { body: UNREAD }
  }
  return request.body ? { body: OPAQUE, locked: 'stream_without_content_type' } : { body: undefined }
}

/** The arguments with which the call goes out; `read` is the body, where it had to be read. */
function change(call: FetchCall, decision: Decision | undefined, annotates: boolean, read?: Uint8Array): Arguments {
  const { input, request, init } = call
  const { url, body, headers }: Changes = decision && 'changes' in decision ? decision.changes : {}
  const changed: Init = { ...init }
  if (annotates && decision) {
    changed[ANNOTATION] = annotationOf(decision)
  }
  if (headers) {
    changed.headers = setHeaders(init.headers ?? request?.headers, headers)
  }
  if (read && !isBlob(init.body)) {
    // Bytes, for text would bring a content type of its own.
    changed.body = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? read)
  } else if (body !== undefined) {
    changed.body = isBlob(init.body) ? new Blob([body as Uint8Array<ArrayBuffer>], { type: init.body.type }) : body
  }

  if (!request) {
    return [url ?? input, changed]
  }
  if (!url && !changed.body) {
    return [request, headers ? { ...keptReferrer(request, init), ...changed } : changed]
  }
  return [
    new Request(url ?? request, {
      ...(url ? membersOf(request) : {}),
      ...keptReferrer(request, init),
      ...(changed as RequestInit),
    }),
    { [ANNOTATION]: changed[ANNOTATION] },
  ]
}

/** The referrer of a Request, which an `init` that has any member resets: the page's own `init` may do so, ours may not. */
function keptReferrer(request: Request, init: Init): Pick<RequestInit, 'referrer' | 'referrerPolicy'> {
  const isEmpty = !Object.keys(init).length
  return isEmpty ? { referrer: request.referrer, referrerPolicy: request.referrerPolicy } : {}
}

function membersOf(request: Request): RequestInit {
  const members: Record<string, unknown> = {}
  for (const name of REQUEST_MEMBERS) {
    if (!name.startsWith('referrer')) {
      members[name] = request[name]
    }
  }
  return members
}

/** Reads headers in whatever form the page chose; values of one name are joined as the browser joins them. */
function headerReader(headers: HeadersInit | undefined): OutgoingRequest['header'] {
  return isInstance<Headers>(headers, 'Headers') ? (name) => headers.get(name) : readerOf(entriesOf(headers))
}

/** A copy of headers with some set. Headers of the class stay such, all others become a list: browsers read it fastest. */
function setHeaders(headers: HeadersInit | undefined, set: Record<string, string>): HeadersInit {
  const names = Object.keys(set)
  if (isInstance<Headers>(headers, 'Headers')) {
    const copy = new Headers(headers)
    for (const name of names) {
      copy.set(name, set[name] as string)
    }
    return copy
  }
  const list: [string, string][] = []
  for (const header of entriesOf(headers)) {
    if (!names.includes(String(header[0]).toLowerCase())) {
      list.push(header)
    }
  }
  for (const name of names) {
    list.push([name, set[name] as string])
  }
  return list
}

function entriesOf(headers: HeadersInit | undefined): [string, string][] {
  return Array.isArray(headers) ? headers : Object.entries(headers ?? {})
}

function signalOf({ request, init }: FetchCall): AbortSignal | null | undefined {
  return init.signal === undefined ? request?.signal : init.signal
}

function isBlob(body: unknown): body is Blob {
  return isInstance(body, 'Blob', 'File')
}

/** Rejects as soon as the signal aborts, as native `fetch` does, however long the call still waits. */
function abortable(outcome: Promise<Arguments>, signal: AbortSignal | null | undefined): Promise<Arguments> {
  if (!signal) {
    return outcome
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    outcome.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** The text of bytes; `undefined` where they are not UTF-8. A byte order mark is kept, for it is not ours to drop. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
