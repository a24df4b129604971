import { Object, Reflect, Symbol } from '../lib/globals.js'
import { attempt } from './attempt.js'
import { fieldOf, parameterOf } from './field.js'
import { applyChanges, handOver, sessionToHandOver, traceOfOwnSession } from './handOver.js'
import { sayTrace, type TimedResponse } from './serverTiming.js'
import type { InboundHeaders } from './traceContext.js'

/** Options of {@link register}. */
export interface RegisterOptions {
  /**
   * Name of the query parameter that brings the session id, as the page's `field` has it; of a dotted path, the last part.
   *
   * @defaultValue `'session_id'`
   */
  readonly field?: string
  /**
   * Whether the answers of requests that brought a session id say their trace: `Server-Timing: dd-llm-trace;desc="<trace id>"`. The
   * page's plugin reads it; across origins that needs a `Timing-Allow-Origin` header.
   *
   * @defaultValue `false`
   */
  readonly serverTiming?: boolean
}

/**
 * The one registration of this process. It lives on the global object: an application may load several copies of this package (ESM
 * and CommonJS, bundled, two versions), and a request must be handed over once.
 */
interface Registration {
  /** All query parameters that were asked for. */
  readonly parameters: string[]
  serverTiming: boolean
  end(): void
}

const REGISTRATION = Symbol.for('rum-llm-correlation.server')

/**
 * From now on each request that a `node:http` or `node:https` server of this process gets, and that brings a RUM session id in
 * `baggage` (`session.id`) or in the query, hands it to Datadog's tracer: all LLM Observability spans of the request have it as their
 * session, those of auto-instrumented clients included. A session that code gives explicitly wins for its span and those below.
 *
 * It rewrites the request's headers before the tracer reads them, so it must be called before the request, no matter whether before
 * or after the tracer. Where Node's diagnostics channels are missing (on a page, in an edge runtime) it does nothing. It never throws.
 *
 * Calling it again is calling it once: what the calls asked for adds up.
 *
 * @returns A function that ends it, whichever of the calls it came from.
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
  const parameter = parameterOf(fieldOf(options))
  if (!registration.parameters.includes(parameter)) {
    registration.parameters.push(parameter)
  }
  registration.serverTiming ||= options?.serverTiming === true
  return () => registration.end()
}

/** Whether answers are to say their trace. */
export function saysTrace(): boolean {
  return registered()?.serverTiming === true
}

function registered(): Registration | undefined {
  return (globalThis as { [REGISTRATION]?: Registration })[REGISTRATION]
}

/** What Node publishes before it emits `request`. */
interface RequestStart {
  readonly request: { readonly headers: InboundHeaders; readonly url?: string }
  readonly response: TimedResponse
}

/** {@link https://nodejs.org/api/diagnostics_channel.html#http} */
const REQUEST_START = 'http.server.request.start'

function subscribe(): Registration | undefined {
  // Not imported: neither a page nor an edge runtime has the module, and bundlers for them would stumble over its name. That of
  // Next.js has a function that throws.
  const channels = attempt(() => globalThis.process?.getBuiltinModule?.('node:diagnostics_channel'))
  if (!channels?.subscribe) {
    return undefined
  }
  const registration: Registration = {
    parameters: [],
    serverTiming: false,
    end() {
      channels.unsubscribe(REQUEST_START, onRequestStart)
      if (registered() === registration) {
        Reflect.deleteProperty(globalThis, REGISTRATION)
      }
    },
  }

  // An exception would make Node drop the request.
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
  if (traceId && serverTiming) {
    sayTrace(response, traceId)
  }
}
