// What the page gives to RUM and to the plugin, however it loads them.
const { agentUrl, rum } = window.DEMO

window.DEMO.rum = {
  ...rum,
  service: 'coffee-shop',
  env: 'demo',
  sessionSampleRate: 100,
  sessionReplaySampleRate: 0,
  trackResources: true,
  trackUserInteractions: true,
  defaultPrivacyLevel: 'mask-user-input',
  // What is around the chat stands for Datadog's own screens: clicks there are no actions of the page.
  beforeSend: (event, { events }) =>
    event.type !== 'action' || !events || events.some(({ target }) => target.closest?.('#log, .ask')),
}

window.DEMO.origins = [
  { match: `${agentUrl}/body`, carrier: 'body' },
  { match: `${agentUrl}/query`, carrier: 'query' },
  { match: `${agentUrl}/baggage`, carrier: 'baggage', propagateUser: true },
  { match: `${agentUrl}/trace-tags`, carrier: 'trace-tags' },
]
