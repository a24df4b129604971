import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request'
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web'
import { AGENT_ORIGIN } from './session.js'

// Without a span processor: this costs only the spans, and the propagation of their context.
new WebTracerProvider().register()
const propagateTraceHeaderCorsUrls = [new RegExp(`^${AGENT_ORIGIN}`)]
registerInstrumentations({
  instrumentations: [
    new FetchInstrumentation({ propagateTraceHeaderCorsUrls }),
    new XMLHttpRequestInstrumentation({ propagateTraceHeaderCorsUrls }),
  ],
})
