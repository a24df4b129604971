import { classOf } from '../../lib/classOf.js'

/**
 * The text that the browser makes of the URL that the page passed to a transport. What is neither a string nor a URL, and
 * may run code of the page when it is converted, is left to the browser.
 */
export function urlOf(input: unknown): string | undefined {
  return typeof input === 'string' ? input : classOf(input) === 'URL' ? `${input}` : undefined
}
