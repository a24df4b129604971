import { register } from 'node:module'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai'
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { RumSessionSpanProcessor } from 'rum-llm-correlation/otel'
import { sendSpansOf } from '../telemetry/memory.mjs'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
const exporter = new InMemorySpanExporter()
new NodeSDK({
  spanProcessors: [new RumSessionSpanProcessor(), new SimpleSpanProcessor({ exporter })],
  instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation(), new OpenAIInstrumentation()],
}).start()
sendSpansOf(exporter)
