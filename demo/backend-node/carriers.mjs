import tracer from 'dd-trace'

/**
 * How each path of the agent finds the RUM session id of the page that called it: one entry per carrier.
 *
 * EventSource and WebSocket can carry nothing but the query parameter, and a beacon no header, so where code reads the
 * id it looks there next.
 */
export const sessionIdFrom = {
  body: ({ body, query }) => body.session_id ?? query.get('session_id'),

  query: ({ query }) => query.get('session_id'),

  baggage: ({ body, query }) => tracer.getBaggageItem('session.id') ?? query.get('session_id') ?? body.session_id,

  // No code: dd-trace takes the id from the x-datadog-tags header by itself.
  'trace-tags': () => undefined,
}

/** The user and account that the RUM SDK knows, under the names that Datadog gives them on spans. */
export function userTags() {
  return definedOnly({
    'usr.id': tracer.getBaggageItem('user.id'),
    'usr.account_id': tracer.getBaggageItem('account.id'),
  })
}

function definedOnly(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}
