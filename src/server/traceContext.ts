import { readTraceParent, TRACE_PARENT } from '../carriers/traceParent.js'
import { PARENT_ID, TRACE_ID } from '../carriers/traceTags.js'

/** A request's headers as Node has them: by lower-case name, lines of the same name joined. */
export type InboundHeaders = Record<string, unknown>

const B3_HEADERS = ['b3', 'x-b3-traceid', 'x-b3-sampled', 'x-b3-flags']

const MAX_ID = 0xffff_ffff_ffff_ffffn

/** The text of a header; empty where there is none. */
export function textOf(headers: InboundHeaders, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

/**
 * The trace that Datadog's own headers name, as a decimal number. `undefined` where the tracers take none from them: without a
 * parent id, or with what is no number of 64 bits, of which dd-trace makes one that all such requests share.
 */
export function datadogTraceId(headers: InboundHeaders): string | undefined {
  const text = textOf(headers, TRACE_ID)
  const traceId = /^\d{1,20}$/.test(text) && textOf(headers, PARENT_ID) ? BigInt(text) : 0n
  return traceId && traceId <= MAX_ID ? String(traceId) : undefined
}

/** The trace that `traceparent` names, as the tracers have it in decimal. `undefined` where they take none from it. */
export function w3cTraceId(headers: InboundHeaders): string | undefined {
  const traceId = readTraceParent(textOf(headers, TRACE_PARENT))
  return traceId && String(BigInt(`0x${traceId}`))
}

/**
 * Whether the tracer takes a trace from the headers of B3, as it does only where the environment says so: next to Datadog's ids that
 * trace would be left.
 */
export function continuesB3Trace(headers: InboundHeaders): boolean {
  return B3_HEADERS.some((name) => textOf(headers, name)) && /\bb3/i.test(extractedStyles())
}

function extractedStyles(): string {
  const env = globalThis.process?.env ?? {}
  return env.DD_TRACE_PROPAGATION_STYLE_EXTRACT ?? env.DD_TRACE_PROPAGATION_STYLE ?? env.OTEL_PROPAGATORS ?? ''
}
