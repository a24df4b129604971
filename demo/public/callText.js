// @ts-check
// What the page says of a call.

/** @import { Call, Client } from './page.js' */

const { backend } = window.DEMO

export const clientNames = { fetch: 'fetch', xhr: 'XHR', eventsource: 'EventSource', websocket: 'WebSocket' }

/** What a call brings, by carrier. */
export const brings = {
  body: 'a member of its JSON',
  query: 'a query parameter',
  baggage: 'a header',
  'trace-tags': 'a header for tracers',
}

/**
 * What the server's handler must do for a call. The server's start has one line in any case.
 *
 * @param {Client} client
 */
export function handlerCode(client) {
  // Node.js makes no request, and so no trace, of the upgrade to a WebSocket.
  return client === 'websocket' && backend === 'node' ? 'one call' : 'nothing'
}

/**
 * What the page's own code passes to the browser.
 *
 * @param {Pick<Call, 'carrier' | 'client' | 'message'>} call
 */
export function whatThePageWrites({ carrier, client, message }) {
  const path = `/${carrier}/chat`
  if (client === 'websocket') return { by: 'new WebSocket', text: path }
  if (client === 'eventsource') return { by: 'new EventSource', text: `${path}?message=${encodeURIComponent(message)}` }
  return { by: `${clientNames[client]}, POST ${path}`, text: JSON.stringify({ message }) }
}
