import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request'
import { type SpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web'

/** In a module of a page: starts OpenTelemetry, whose spans of XHRs are noted, as they start and as they end. */
export function start(): void {
  window.noted = []
  const nothing = () => Promise.resolve()
  const noting: SpanProcessor = {
    onStart: () => void noted.push('started'),
    onEnd: ({ attributes }) => void noted.push(attributes['url.full'] ?? attributes['http.url']),
    forceFlush: nothing,
    shutdown: nothing,
  }
  new WebTracerProvider({ spanProcessors: [noting] }).register()
  registerInstrumentations({ instrumentations: [new XMLHttpRequestInstrumentation()] })
}
