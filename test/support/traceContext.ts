import { createRequire } from 'node:module'
import type { CapturedRequest } from './captureServer.js'

/** What a Datadog tracer reads from the headers of a request. */
export interface TraceContext {
  traceId: string
  spanId: string
  origin: string | undefined
  priority: number | undefined
  /** The session that every LLM Observability span of the trace will have. */
  session: string | undefined
}

interface SpanContext {
  toTraceId(): string
  toSpanId(): string
  _trace: { origin?: string; tags: Record<string, string> }
  _sampling?: { priority?: number }
}

// Uses the tracer's propagator without a tracer.
const TextMapPropagator = createRequire(import.meta.url)(
  'dd-trace/packages/dd-trace/src/opentracing/propagation/text_map.js',
) as new (
  config: object,
) => { extract(carrier: Record<string, string>): SpanContext | null }

const propagator = new TextMapPropagator({
  // The default styles, and B3, which servers can configure.
  tracePropagationStyle: { extract: ['datadog', 'tracecontext', 'b3multi', 'b3 single header'], inject: [] },
  DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: 'continue',
  DD_TRACE_PROPAGATION_EXTRACT_FIRST: false,
  DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH: 512,
})

/**
 * The trace that a backend continues, as dd-trace reads it, or `undefined` if it starts a new one.
 */
export function traceContextOf(request: CapturedRequest): TraceContext | undefined {
  // Node.js joins a header's lines in the same way, and writes its name in lower case.
  const names = new Set(request.rawHeaders.map(([name]) => name.toLowerCase()))
  const context = propagator.extract(
    Object.fromEntries([...names].map((name) => [name, request.header(name) as string])),
  )
  return context
    ? {
        traceId: context.toTraceId(),
        spanId: context.toSpanId(),
        origin: context._trace.origin,
        priority: context._sampling?.priority,
        session: context._trace.tags['_dd.p.llmobs_sid'],
      }
    : undefined
}
