import { createRequire } from 'node:module'

interface SpanContext {
  toTraceId(): string
  _trace: { tags: Record<string, string> }
}

const require = createRequire(import.meta.url)
// The tracer's own propagator, without the tracer around it, set as the tracer is by default.
const TextMapPropagator = require('dd-trace/packages/dd-trace/src/opentracing/propagation/text_map.js') as new (
  config: object,
) => { extract(carrier: Record<string, string>): SpanContext | null }
const { getAllBaggageItems } = require('dd-trace/packages/dd-trace/src/baggage.js') as {
  getAllBaggageItems(): Record<string, string>
}
const propagator = new TextMapPropagator({
  tracePropagationStyle: { extract: ['datadog', 'tracecontext', 'baggage'], inject: [] },
  DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: 'continue',
  DD_TRACE_PROPAGATION_EXTRACT_FIRST: false,
  DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH: 512,
  baggageMaxItems: 64,
  baggageMaxBytes: 8192,
  baggageTagKeys: [],
})

/** What Datadog's tracer takes from the headers of a request. */
export function extract(headers: Record<string, string>) {
  const context = propagator.extract(headers)
  const tags = context?._trace.tags ?? {}
  return { traceId: context?.toTraceId(), session: tags['_dd.p.llmobs_sid'], tags, baggage: getAllBaggageItems() }
}
