import { attempt } from './attempt.js'
import { type InboundRequest, type RumSessionOptions, rumSessionOf } from './readSession.js'
import { saysTrace } from './register.js'
import { sayTrace, type TimedResponse } from './serverTiming.js'
import { within } from './within.js'

/** What is used of dd-trace's `tracer.llmobs`. */
export interface LlmObs {
  annotationContext<T>(options: { tags: Record<string, string> }, handler: () => T): T
  trace<T>(
    options: { kind: 'workflow'; name: string; sessionId: string },
    handler: (span: LlmObsSpan, done: () => void) => T,
  ): T
}

/** What is used of the tracer's span. */
export interface LlmObsSpan {
  context(): { toTraceId(): string }
}

/** A request as Connect-style frameworks hand it to their middleware. */
export interface ConnectRequest extends InboundRequest {
  readonly method?: string | undefined
  /** The whole URL, where `url` is what a router has left of it. */
  readonly originalUrl?: string | undefined
  /** As the body parser left it. */
  readonly body?: unknown
}

/** What is used of a response: that of `node:http` has it. */
export interface ConnectResponse {
  readonly closed?: boolean
  once(event: 'finish' | 'close', listener: () => void): unknown
}

/**
 * A Connect-style middleware for what `register` cannot do: user and account on all LLM Observability spans of the request, and the
 * session of requests that bring it in the body. To be used behind the body parser.
 *
 * The handlers behind it run in an annotation context with the tags `usr.id` and `usr.account_id`, as far as the request's baggage has
 * them. Where only the body has the session id, they also run in a span of kind `workflow`, named `METHOD /path`, that has it and
 * ends with the response.
 *
 * An error in here reaches nobody: the handlers run all the same, once. What `next` throws reaches its caller.
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
  return (request, response, next) => {
    const { tags, sessionId } = rumSessionOf(request, undefined, options)
    const inBody =
      sessionId === undefined && !spanned.has(request)
        ? attempt(() => rumSessionOf(request, request.body, options).sessionId)
        : undefined
    const handler = () => next()
    return within(
      (run) => llmobs.annotationContext({ tags }, run),
      inBody === undefined ? handler : () => within((run) => inSpan(llmobs, request, response, inBody, run), handler),
    )
  }
}

/** Requests that have their span: frameworks run a middleware again where two of its paths match, or a router is mounted twice. */
const spanned = new WeakSet<ConnectRequest>()

function inSpan<T>(
  llmobs: LlmObs,
  request: ConnectRequest,
  response: ConnectResponse,
  sessionId: string,
  run: () => T,
): T {
  return llmobs.trace({ kind: 'workflow', name: nameOf(request), sessionId }, (span, done) => {
    const endsLater = endWith(response, done)
    spanned.add(request)
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
 * Calls `done` once, when the response has been sent, or never will be.
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
