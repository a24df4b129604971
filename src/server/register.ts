import { Object, Reflect, Symbol } from '../lib/globals.js'
import { attempt } from './attempt.js'
import { DEFAULT_FIELD, givenField, parameterOf } from './field.js'
import { applyChanges, handOver, sessionToHandOver, traceOfOwnSession } from './handOver.js'
import { sayTrace, type TimedResponse } from './serverTiming.js'
import { shareInBaggage } from './sessionBaggage.js'
import type { InboundHeaders } from './traceContext.js'

/** Options of {@link register}. */
export interface RegisterOptions {
  /**
   * Name of the query parameter that brings the session id: the page's `field`, or the last part of its dotted path. It
   * replaces the default.
   *
   * @defaultValue `'session_id'`
   */
  readonly field?: string | undefined
  /**
   * Whether answers name their trace if the request brought a session id: `Server-Timing: dd-llm-trace;desc="<trace id>"`.
   * The page's plugin reads it. From another origin it may do so only if the answer has a `Timing-Allow-Origin` header.
   *
   * @defaultValue `false`
   */
  readonly serverTiming?: boolean | undefined
}

/**
 * The one registration of this process. It lives on the global object: an app may load several copies of this package (ESM
 * and CommonJS, bundled, two versions), and each request must be handed over once.
 */
interface Registration {
  /** All fields that calls of `register` have given. Version 1.0.0 does not have it. */
  readonly fields?: string[]
  /** The query parameters that are looked for. */
  readonly parameters: string[]
  serverTiming: boolean
  end(): void
}

const REGISTRATION = Symbol.for('rum-llm-correlation.server')

/**
 * Hands the RUM session id of each request to Datadog's tracer. All LLM Observability spans of the request then have it as
 * their session, those of auto-instrumented clients included. A session that code gives explicitly wins for its span and
 * those below.
 *
 * It holds for all `node:http` and `node:https` servers of this process. The session id is read from `baggage`
 * (`session.id`), then from the query. It is written into the `baggage` that OpenTelemetry reads, too.
 *
 * Call it any time before the requests, before or after the tracer is loaded: it rewrites the request's headers before the
 * tracer reads them. On a page and in an edge runtime, which have no diagnostics channels, it does nothing. It never throws.
 *
 * What several calls ask for adds up. A field that is given replaces the default.
 *
 * @returns A function that ends the registration, whichever of the calls it came from.
 *
 * @example
 * ```ts
 * import { register } from 'rum-llm-correlation/server'
 *
 * register({ field: 'rum_session' })
 * ```
 */
export function register(options?: RegisterOptions): () => void {
  const registration = registered() ?? subscribe()
  if (!registration) {
    return () => {}
  }
  const field = givenField(options)
  if (field !== undefined) {
    addField(registration, field)
  }
  registration.serverTiming ||= attempt(() => options?.serverTiming) === true
  return () => registration.end()
}

function addField({ fields = [], parameters }: Registration, field: string) {
  if (!fields.length && parameters.includes(DEFAULT_FIELD)) {
    parameters.splice(parameters.indexOf(DEFAULT_FIELD), 1)
  }
  addOnce(fields, field)
  addOnce(parameters, parameterOf(field))
}

function addOnce(values: string[], value: string) {
  if (!values.includes(value)) {
    values.push(value)
  }
}

/** Whether answers are to name their trace. */
export function saysTrace(): boolean {
  return registered()?.serverTiming === true
}

function registered(): Registration | undefined {
  return (globalThis as { [REGISTRATION]?: Registration })[REGISTRATION]
}

/** The message that Node publishes before it emits `request`. */
interface RequestStart {
  readonly request: { readonly headers: InboundHeaders; readonly url?: string }
  readonly response: TimedResponse
}

/** {@link https://nodejs.org/api/diagnostics_channel.html#http} */
const REQUEST_START = 'http.server.request.start'

function subscribe(): Registration | undefined {
  // An import would break bundles for pages and edge runtimes, which do not have the module. Next.js's edge runtime has a
  // `getBuiltinModule` that throws.
  const channels = attempt(() => globalThis.process?.getBuiltinModule?.('node:diagnostics_channel'))
  if (!channels?.subscribe) {
    return undefined
  }
  const registration: Registration = {
    fields: [],
    parameters: [DEFAULT_FIELD],
    serverTiming: false,
    end() {
      channels.unsubscribe(REQUEST_START, onRequestStart)
      if (registered() === registration) {
        Reflect.deleteProperty(globalThis, REGISTRATION)
      }
    },
  }

  // Node drops the request if a subscriber throws.
  const onRequestStart = (message: unknown) => attempt(() => correlate(message as RequestStart, registration))
  channels.subscribe(REQUEST_START, onRequestStart)
  Object.defineProperty(globalThis, REGISTRATION, { value: registration, configurable: true })
  return registration
}

function correlate({ request, response }: RequestStart, { parameters, serverTiming }: Registration) {
  const { headers, url = '' } = request
  const sessionId = sessionToHandOver(headers, url, parameters)
  let traceId: string | undefined
  if (sessionId) {
    const handedOver = handOver(headers, sessionId)
    applyChanges(headers, handedOver.changes)
    traceId = handedOver.traceId
  } else if (serverTiming) {
    traceId = traceOfOwnSession(headers)
  }
  shareInBaggage(headers, sessionId)
  if (traceId && serverTiming) {
    sayTrace(response, traceId)
  }
}
