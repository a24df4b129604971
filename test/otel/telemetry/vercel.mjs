import { register } from 'node:module'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { registerOTel } from '@vercel/otel'
import { RumSessionSpanProcessor } from 'rum-llm-correlation/otel'
import { sendSpansOf } from './memory.mjs'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
const exporter = new InMemorySpanExporter()
registerOTel({
  serviceName: 'agent',
  // It hands a trace and its baggage on to no other service than those named.
  instrumentationConfig: { fetch: { propagateContextUrls: [process.env.NEXT].filter(Boolean) } },
  spanProcessors: [new RumSessionSpanProcessor(), new SimpleSpanProcessor(exporter)],
  instrumentations: ['fetch', new HttpInstrumentation()],
})
sendSpansOf(exporter)
