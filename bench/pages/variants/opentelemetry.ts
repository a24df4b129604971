import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request'
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web'
import { AGENT_ORIGIN } from './session.js'

// Without a span processor: only what it costs to make the spans and to propagate their context.
new WebTracerProvider().register()
const propagateTraceHeaderCorsUrls = [new RegExp(`^${AGENT_ORIGIN}`)]
registerInstrumentations({
  instrumentations: [
    new FetchInstrumentation({ propagateTraceHeaderCorsUrls }),
    new XMLHttpRequestInstrumentation({ propagateTraceHeaderCorsUrls }),
  ],
})
