import { browserTracingIntegration, init } from '@sentry/browser'
import { AGENT_ORIGIN } from './session.js'

// Without a page-load span: some seconds after a page has loaded, Sentry only propagates.
init({
  dsn: 'https://key@sentry.example.com/1',
  tracesSampleRate: 1,
  tracePropagationTargets: [AGENT_ORIGIN],
  integrations: [browserTracingIntegration({ instrumentPageLoad: false, instrumentNavigation: false })],
  transport: () => ({ send: () => Promise.resolve({}), flush: () => Promise.resolve(true) }),
})
