/**
 * What a call carried on the wire: the parts of the raw request in which the session id stands. Only there so that the
 * demo page can show it.
 */
export function carriedBy({ url, headers = {} }, bodyText = '') {
  const carried = []
  const query = url.search.slice(1)
  if (query.includes('session_id=')) carried.push({ in: 'query', text: url.pathname + url.search })
  if (bodyText.includes('session_id')) carried.push({ in: 'body', text: bodyText })
  for (const name of ['baggage', 'x-datadog-tags']) {
    if (headers[name]) carried.push({ in: name, text: headers[name] })
  }
  return carried.map((part) => ({ ...part, text: part.text.slice(0, 600) }))
}
