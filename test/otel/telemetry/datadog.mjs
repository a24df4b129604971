// dd-trace as the tracer of OpenTelemetry's API. Its spans show no attributes: they are its own tags.
import { createRequire } from 'node:module'
import { RumSessionSpanProcessor } from 'rum-llm-correlation/otel'
import { sendSpansOf } from './memory.mjs'

const spans = []
const keep = {
  onStart() {},
  onEnd(span) {
    const context = span._ddSpan.context()
    spans.push({ name: span.name, spanContext: () => span.spanContext(), attributes: { ...context._tags } })
  },
  async forceFlush() {},
  async shutdown() {},
}
const tracer = createRequire(import.meta.url)('dd-trace')
const provider = new tracer.TracerProvider()
provider.addSpanProcessor(new RumSessionSpanProcessor())
provider.addSpanProcessor(keep)
provider.register()
sendSpansOf({ getFinishedSpans: () => spans, reset: () => spans.splice(0) })
