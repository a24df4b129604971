import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request'
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web'
import { makeCall, until } from './calls.js'

let started = 0
let spans = []
const nothing = () => Promise.resolve()
const provider = new WebTracerProvider({
  spanProcessors: [
    {
      onStart: () => {
        started += 1
      },
      onEnd: ({ name, kind, status, attributes, ended }) => {
        const url = attributes['url.full'] ?? attributes['http.url']
        const code = attributes['http.response.status_code'] ?? attributes['http.status_code']
        const hasSize = 'http.response_content_length' in attributes || 'http.response.body.size' in attributes
        spans.push({ name, kind, status, url, code, ended, hasSize })
      },
      forceFlush: nothing,
      shutdown: nothing,
    },
  ],
})
provider.register()
const propagateTraceHeaderCorsUrls = [/./]
// RUM sends its own events, which are no calls of the page.
const ignoreUrls = [/rum-intake/]
registerInstrumentations({
  instrumentations: [
    new FetchInstrumentation({ propagateTraceHeaderCorsUrls, ignoreUrls }),
    new XMLHttpRequestInstrumentation({ propagateTraceHeaderCorsUrls, ignoreUrls }),
  ],
})

window.library = {
  async call(call) {
    started = 0
    spans = []
    const result = await makeCall(call)
    await until(() => started > 0 && spans.length === started)
    return result
  },
  take: () => ({ started, spans }),
}
