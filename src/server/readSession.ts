import { BAGGAGE, readAllBaggage } from '../carriers/baggage.js'
import { readTraceState, TRACE_STATE } from '../carriers/traceState.js'
import { readTraceTag, TRACE_TAGS } from '../carriers/traceTags.js'
import { isObject } from '../lib/isObject.js'
import { attempt } from './attempt.js'
import { sessionInBody } from './bodySession.js'
import { fieldOf, parameterOf } from './field.js'
import { sessionInBaggage } from './handOver.js'
import type { InboundRequest } from './inboundRequest.js'
import { sessionInQuery } from './querySession.js'
import { isTagValue, USER_TAGS } from './userTags.js'
import { sessionIdIn } from './uuid.js'

/** What a request says of the RUM session of the page that sent it. */
export interface RumSession {
  /** The RUM session id, a UUID. Missing if the request brings none. */
  readonly sessionId?: string
  /**
   * `usr.id` and `usr.account_id` for LLM Observability spans, if the request's baggage has user
   * and account. The client may write anything there: use them as tags, not for decisions.
   */
  readonly tags: Record<string, string>
}

/** Options of {@link rumSessionOf} and `rumSession`. */
export interface RumSessionOptions {
  /**
   * The page's `field`: the name of the body field and of the query parameter. A dotted path
   * (`metadata.session_id`) reaches into a JSON body. Its last part names the query parameter and
   * the form field.
   *
   * @defaultValue `'session_id'`
   */
  readonly field?: string
}

/**
 * Reads the RUM session, user and account from a request. Use it where `register` does not reach:
 * for WebSocket upgrades, on other servers, and in handlers that need the id.
 *
 * The session id is looked for in the body, then in `baggage` (`session.id`), the query, `x-datadog-tags` and `tracestate`. What is no
 * UUID counts as none. It never throws, whatever the client sent.
 *
 * @param request - Node's `IncomingMessage` (Express, Fastify, Koa's `ctx.req`), a web `Request`, an event of AWS Lambda, or
 * anything with `headers` and `url`.
 * @param body - The body as the server parsed it: an object, JSON text, `URLSearchParams`, `FormData`, what `@fastify/multipart`
 * attaches; or its text or bytes (`Uint8Array`, `ArrayBuffer`) as they came, JSON, urlencoded or multipart. What cannot have
 * the field is not parsed.
 *
 * @example
 * ```ts
 * const { sessionId, tags } = rumSessionOf(request, request.body)
 * llmobs.annotationContext({ tags }, () => llmobs.trace({ kind: 'agent', name: 'support', sessionId }, () => answer(request.body)))
 * ```
 */
export function rumSessionOf(request: InboundRequest, body?: unknown, options?: RumSessionOptions): RumSession {
  const field = fieldOf(options)
  const header = (name: string) => attempt(() => headerOf(request, name)) ?? ''
  const baggage = header(BAGGAGE)
  // A place that cannot be read must not hide the next one: getters and proxies may throw.
  const sessionId =
    attempt(() => sessionInBody(bodyAsSent(request, body), field, header('content-type'))) ??
    attempt(() => sessionInBaggage(baggage)) ??
    sessionInQuery(request, parameterOf(field)) ??
    attempt(() => sessionIdIn([readTraceTag(header(TRACE_TAGS))])) ??
    attempt(() => sessionIdIn([readTraceState(header(TRACE_STATE))]))
  const tags = attempt(() => tagsIn(baggage)) ?? {}
  return sessionId === undefined ? { tags } : { sessionId, tags }
}

/** A missing header may read as `null` or `undefined`, which no reader takes for a session. Several lines may come as a list. */
function headerOf({ headers, multiValueHeaders }: InboundRequest, name: string): string | undefined {
  const byName = (isObject(multiValueHeaders) ? multiValueHeaders : headers) as Record<string, unknown>
  if (typeof byName.get === 'function') {
    return String(byName.get(name))
  }
  const own = byName[name] === undefined ? Object.keys(byName).find((key) => key.toLowerCase() === name) : name
  return own && String(byName[own])
}

function bodyAsSent({ isBase64Encoded }: InboundRequest, body: unknown): unknown {
  return isBase64Encoded === true && typeof body === 'string' ? Buffer.from(body, 'base64') : body
}

function tagsIn(baggage: string): Record<string, string> {
  const tags: Record<string, string> = {}
  for (const [member, tag] of USER_TAGS) {
    const value = readAllBaggage(baggage, member).reverse().find(isTagValue)
    if (value !== undefined) {
      tags[tag] = value
    }
  }
  return tags
}
