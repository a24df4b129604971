import { readTraceParent, TRACE_PARENT } from '../carriers/traceParent.js'
import { readTraceState, TRACE_STATE } from '../carriers/traceState.js'
import { PARENT_ID, readTraceTag, TRACE_ID, TRACE_TAGS } from '../carriers/traceTags.js'
import { type Place, takesTrace } from './tracer.js'

/** A request's headers as Node has them: by lower-case name, lines of the same name joined. */
export type InboundHeaders = Record<string, unknown>

/** {@link https://github.com/openzipkin/b3-propagation} */
const B3_HEADERS = ['b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled', 'x-b3-flags']

const MAX_ID = 0xffff_ffff_ffff_ffffn

/** The text of a header. Empty if it is missing. */
export function textOf(headers: InboundHeaders, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/**
 * The trace that Datadog's own headers name, as a decimal number. `undefined` if the parent id is missing, or if the trace id
 * is not a number of 64 bits. dd-trace turns such a text into one number for all such requests.
 */
export function datadogTraceId(headers: InboundHeaders): string | undefined {
  const text = textOf(headers, TRACE_ID)
  const traceId = /^\d{1,20}$/.test(text) && textOf(headers, PARENT_ID) ? BigInt(text) : 0n
  return traceId && traceId <= MAX_ID ? String(traceId) : undefined
}

/** The trace that `traceparent` names, as a decimal number. `undefined` if the tracers take none from it. */
export function w3cTraceId(headers: InboundHeaders): string | undefined {
  const traceId = readTraceParent(textOf(headers, TRACE_PARENT))
  return traceId && String(BigInt(`0x${traceId}`))
}

/** Where the trace headers of a request have a session. `undefined` if the tracers read none there. */
export function placeOfSession(headers: InboundHeaders): Place | undefined {
  const isW3c = w3cTraceId(headers) !== undefined
  if (datadogTraceId(headers) !== undefined) {
    const place = isW3c ? 'tags beside traceparent' : 'tags'
    return readTraceTag(textOf(headers, TRACE_TAGS)) ? place : undefined
  }
  return isW3c && readTraceState(textOf(headers, TRACE_STATE)) ? 'tracestate' : undefined
}

/**
 * Whether the tracer continues the trace of B3 headers, as it does only if it is set to. The ids of a new trace beside them
 * would cut that trace.
 */
export function continuesB3Trace(headers: InboundHeaders): boolean {
  const b3 = Object.fromEntries(B3_HEADERS.map((name) => [name, textOf(headers, name)]).filter(([, text]) => text))
  return Object.keys(b3).length > 0 && (takesTrace(b3) ?? /\bb3/i.test(stylesOfEnvironment()))
}

/** What the tracer will be set to by the environment, if it has not been started yet. */
function stylesOfEnvironment(): string {
  const env = globalThis.process?.env ?? {}
  return env.DD_TRACE_PROPAGATION_STYLE_EXTRACT ?? env.DD_TRACE_PROPAGATION_STYLE ?? env.OTEL_PROPAGATORS ?? ''
}
