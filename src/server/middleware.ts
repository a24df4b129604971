import { attempt } from './attempt.js'
import type { InboundRequest } from './inboundRequest.js'
import { noticeMissingLlmObs } from './notice.js'
import { type RumSessionOptions, rumSessionOf } from './readSession.js'
import { saysTrace } from './register.js'
import { sayTrace, type TimedResponse } from './serverTiming.js'
import { type InboundHeaders, placeOfSession } from './traceContext.js'
import { takesSession } from './tracer.js'
import { within } from './within.js'

/** The part of dd-trace's `tracer.llmobs` that {@link rumSession} uses. */
export interface LlmObs {
  annotationContext<T>(options: { tags: Record<string, string> }, handler: () => T): T
  trace<T>(
    options: { kind: 'workflow'; name: string; sessionId: string },
    handler: (span: LlmObsSpan, done: () => void) => T,
  ): T
}

/** The part of the tracer's span that {@link rumSession} uses. */
export interface LlmObsSpan {
  context(): { toTraceId(): string }
}

/** A request as Connect-style frameworks hand it to their middleware. */
export interface ConnectRequest extends InboundRequest {
  readonly method?: string | undefined
  /** The whole URL, if a router has cut `url`. */
  readonly originalUrl?: string | undefined
  /** As the body parser left it. */
  readonly body?: unknown
}

/** The part of a response that {@link rumSession} uses. Those of `node:http` have it. */
export interface ConnectResponse {
  readonly closed?: boolean
  once(event: 'finish' | 'close', listener: () => void): unknown
}

/**
 * A Connect-style middleware that does what `register` cannot. Use it behind the body parser.
 *
 * - If the request's baggage has a user or an account, the handlers run in an annotation context. Its tags `usr.id` and
 *   `usr.account_id` stand on all LLM Observability spans of the request.
 * - If the request brings a session id that nobody has handed over to the tracer, the handlers run in a span of kind
 *   `workflow`, named `METHOD /path`. It has the session, and ends with the response. That is so for a session in the body,
 *   without `register`, and on HTTP/2.
 *
 * No error of its own reaches the app: the handlers run all the same, once. What `next` throws reaches its caller.
 *
 * @param llmobs - dd-trace's `tracer.llmobs`.
 *
 * @example
 * ```ts
 * app.use(express.json(), rumSession(tracer.llmobs))
 * ```
 */
export function rumSession(
  llmobs: LlmObs,
  options?: RumSessionOptions,
): <T>(request: ConnectRequest, response: ConnectResponse, next: () => T) => T {
  if (attempt(() => typeof llmobs.trace !== 'function' || typeof llmobs.annotationContext !== 'function') !== false) {
    noticeMissingLlmObs()
  }
  return (request, response, next) => {
    const handler = () => next()
    const sessionId = attempt(() => sessionToSpan(request, options))
    const spanned =
      sessionId === undefined
        ? handler
        : () => within((run) => inWorkflow(llmobs, { request, response, sessionId }, run), handler)

    // A context without tags would hide those of the app's own contexts.
    const { tags } = rumSessionOf(request, undefined, options)
    return Object.keys(tags).length ? within((run) => llmobs.annotationContext({ tags }, run), spanned) : spanned()
  }
}

/** Requests that have their span, by their headers: Fastify hands out two objects for one request. */
const spannedRequests = new WeakSet<object>()

function identityOf(request: ConnectRequest): object {
  return attempt(() => request.headers) ?? request
}

/** The session that nobody has handed over. As with `register`, baggage and query come before the body. */
function sessionToSpan(request: ConnectRequest, options: RumSessionOptions | undefined): string | undefined {
  // Frameworks run a middleware again if two of its paths match, or if a router is mounted twice.
  if (spannedRequests.has(identityOf(request)) || isHandedOver(request)) {
    return undefined
  }
  return rumSessionOf(request, undefined, options).sessionId ?? rumSessionOf(request, request.body, options).sessionId
}

function isHandedOver({ headers }: ConnectRequest): boolean {
  const place = headers && placeOfSession(headers as InboundHeaders)
  return place !== undefined && takesSession(place) !== false
}

interface Workflow {
  readonly request: ConnectRequest
  readonly response: ConnectResponse
  readonly sessionId: string
}

function inWorkflow<T>(llmobs: LlmObs, { request, response, sessionId }: Workflow, run: () => T): T {
  return llmobs.trace({ kind: 'workflow', name: nameOf(request), sessionId }, (span, done) => {
    const endsLater = endWith(response, done)
    spannedRequests.add(identityOf(request))
    if (saysTrace()) {
      attempt(() => sayTrace(response as ConnectResponse & TimedResponse, span.context().toTraceId()))
    }
    try {
      return run()
    } finally {
      if (!endsLater) {
        done()
      }
    }
  })
}

/**
 * Calls `done` once: when the response has been sent, or when the client has gone.
 *
 * @returns Whether that is still to come.
 */
function endWith(response: ConnectResponse, done: () => void): boolean {
  if (response.closed || typeof response.once !== 'function') {
    return false
  }
  let isDone = false
  const end = () => {
    if (!isDone) {
      isDone = true
      attempt(done)
    }
  }
  response.once('finish', end)
  response.once('close', end)
  return true
}

function nameOf({ method, originalUrl, url }: ConnectRequest): string {
  const whole = String(originalUrl ?? url ?? '/')
  const [path = ''] = whole.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
  return `${method} ${path || '/'}`
}
