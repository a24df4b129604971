import type { Variant } from './call.js'

export const NAMES: Record<Variant, string> = {
  none: 'nothing',
  identity: 'identity wrapper',
  handWritten: 'written by hand at each call',
  'plugin-body': 'this plugin, body',
  'plugin-query': 'this plugin, query',
  'plugin-baggage': 'this plugin, baggage',
  'plugin-trace-tags': 'this plugin, trace-tags',
  posthog: 'PostHog tracing headers',
  opentelemetry: 'OpenTelemetry fetch + XHR',
  sentry: 'Sentry tracing',
  rum: 'RUM SDK',
  'rum-tracer': 'RUM SDK with its tracer',
  'rum-plugin': 'RUM SDK with this plugin, body',
}
