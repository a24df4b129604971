// @ts-check
// The options of RUM and of the plugin: the same with script tags and with npm imports.
const { agentUrl, rum } = window.DEMO

/** @type {import('@datadog/browser-rum').RumInitConfiguration} */
window.DEMO.rum = {
  ...rum,
  service: 'coffee-shop',
  env: 'demo',
  sessionSampleRate: 100,
  sessionReplaySampleRate: 0,
  trackResources: true,
  trackUserInteractions: true,
  defaultPrivacyLevel: 'mask-user-input',
  // The panels around the chat stand for Datadog's own screens, so clicks there are not actions of
  // this page.
  beforeSend: (event, context) =>
    event.type !== 'action' ||
    !('events' in context) ||
    !context.events ||
    context.events.some(({ target }) => target instanceof Element && target.closest('#log, .ask')),
}

/** @type {import('rum-llm-correlation').OriginOptions[]} */
window.DEMO.origins = [
  { match: `${agentUrl}/body`, carrier: 'body' },
  { match: `${agentUrl}/query`, carrier: 'query' },
  { match: `${agentUrl}/baggage`, carrier: 'baggage', propagateUser: true },
  { match: `${agentUrl}/trace-tags`, carrier: 'trace-tags' },
]
