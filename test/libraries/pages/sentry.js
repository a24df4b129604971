import * as Sentry from '@sentry/browser'
import { makeCall, until } from './calls.js'

// RUM sends its own events, which are no calls of the page.
const isOfPage = (text) => !text?.includes('rum-intake')
let crumbs = []
let spans = []
const client = Sentry.init({
  dsn: 'https://public@sentry.example/1',
  defaultIntegrations: false,
  tracesSampleRate: 1,
  tracePropagationTargets: [location.origin],
  integrations: [
    Sentry.breadcrumbsIntegration({ console: false, dom: false, history: false }),
    Sentry.browserTracingIntegration({
      instrumentPageLoad: false,
      instrumentNavigation: false,
      shouldCreateSpanForRequest: isOfPage,
    }),
  ],
  beforeBreadcrumb: ({ category, data, level }) => {
    if (isOfPage(data.url))
      crumbs.push({ category, level, method: data.method, status: data.status_code, url: data.url })
    return null
  },
  transport: () => ({ send: () => Promise.resolve({}), flush: () => Promise.resolve(true) }),
})
let started = 0
client.on('spanStart', () => {
  started += 1
})
client.on('spanEnd', (span) => {
  const { name, status, attributes } = Sentry.spanToJSON(span)
  spans.push({ name, status, op: attributes['sentry.op'], code: attributes['http.response.status_code'] })
})

window.library = {
  async call(call) {
    crumbs = []
    spans = []
    started = 0
    const result = await Sentry.startSpan({ name: 'page', op: 'page' }, () => makeCall(call))
    await until(() => spans.length === started && crumbs.length > 0)
    return result
  },
  take: () => ({ crumbs, spans, started }),
}
