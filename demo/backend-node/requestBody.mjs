// @ts-check
const maxBytes = 1024 * 1024

/**
 * Reads a JSON or urlencoded request body. `text` is the body as received, `fields` its members.
 *
 * @param {import('node:http').IncomingMessage} request
 */
export async function readBody(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > maxBytes) throw new BadRequest('The body is too large')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  return { text, fields: parseFields(text, request.headers['content-type'] ?? '') }
}

/**
 * @param {string} text
 * @param {string} contentType
 * @returns {Record<string, unknown>}
 */
function parseFields(text, contentType) {
  if (text === '') return {}
  if (contentType.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text))
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    throw new BadRequest('The body is neither JSON nor urlencoded')
  }
}

export class BadRequest extends Error {}
