import { expect, it } from 'vitest'
import type { Carrier } from '../../../src/index.js'
import { openPage } from '../../support/openPage.js'

/** Starts OpenTelemetry's instrumentations, and then, or before, RUM with the plugin. */
function moduleOf(carrier: Carrier, order: 'before' | 'after'): string {
  const start =
    'registerInstrumentations({ instrumentations: [new FetchInstrumentation(), new XMLHttpRequestInstrumentation()] })'
  const init = `DD_RUM.init({
    applicationId: '00000000-0000-4000-8000-000000000000',
    clientToken: 'pub00000000000000000000000000000000',
    proxy: location.origin + '/rum-intake',
    telemetrySampleRate: 0,
    plugins: [DD_LLM_CORRELATION.llmCorrelation([{ match: '/agent', carrier: '${carrier}' }])],
  })`
  return `
    import { registerInstrumentations } from '@opentelemetry/instrumentation'
    import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
    import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request'
    import { WebTracerProvider } from '@opentelemetry/sdk-trace-web'
    new WebTracerProvider().register()
    ${order === 'before' ? `${start};${init}` : `${init};${start}`}
    window.isReady = true`
}

it.each<[Carrier, 'before' | 'after', number]>([
  ['baggage', 'before', 1],
  ['trace-tags', 'before', 1],
  ['body', 'before', 0],
  ['query', 'before', 0],
  ['baggage', 'after', 0],
  ['trace-tags', 'after', 0],
])('with %s, OpenTelemetry %s RUM: %i warnings', async (carrier, order, count) => {
  const page = await openPage({ callInit: false, module: moduleOf(carrier, order) })
  await page.waitFor('window.isReady')
  await page.sessionId()
  const warnings = page.console.filter((line) => line.includes('OpenTelemetry was started before RUM'))
  expect(warnings).toHaveLength(count)
  await page.close()
})
