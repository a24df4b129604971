import { browserTracingIntegration, init } from '@sentry/browser'
import { AGENT_ORIGIN } from './session.js'

// Without a page-load span, so that calls are what they are some seconds after the page was loaded: propagation alone.
init({
  dsn: 'https://key@sentry.example.com/1',
  tracesSampleRate: 1,
  tracePropagationTargets: [AGENT_ORIGIN],
  integrations: [browserTracingIntegration({ instrumentPageLoad: false, instrumentNavigation: false })],
  transport: () => ({ send: () => Promise.resolve({}), flush: () => Promise.resolve(true) }),
})
