// @ts-check
/**
 * Returns the parts of the raw request that contain the session id. Only the demo's page needs
 * them.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {string} [bodyText]
 */
export function carriedBy({ url = '', rawHeaders }, bodyText = '') {
  /** @type {{ in: string, text: string }[]} */
  const carried = []
  if (url.includes('session_id=')) carried.push({ in: 'query', text: url })
  if (bodyText.includes('session_id')) carried.push({ in: 'body', text: bodyText })
  // The page sent these headers. `register` has changed `request.headers` for the tracer.
  rawHeaders.forEach((name, index) => {
    const header = name.toLowerCase()
    if (index % 2 === 0 && (header === 'baggage' || header === 'x-datadog-tags')) {
      carried.push({ in: header, text: rawHeaders[index + 1] ?? '' })
    }
  })
  return carried.map((part) => ({ ...part, text: part.text.slice(0, 600) }))
}

/** @typedef {ReturnType<typeof carriedBy>} Carried */
