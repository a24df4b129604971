import { register } from 'node:module'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { RumSessionSpanProcessor } from 'rum-llm-correlation/otel'
import { sendSpansOf } from './memory.mjs'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)

export function startNodeSdk(...instrumentations) {
  const exporter = new InMemorySpanExporter()
  new NodeSDK({
    spanProcessors: [new RumSessionSpanProcessor(), new SimpleSpanProcessor(exporter)],
    instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation(), ...instrumentations],
  }).start()
  sendSpansOf(exporter)
}
