import { isInstance } from '../../lib/isInstance.js'

/**
 * The URL that the page passed to a transport, without running code of the page: objects other than a URL (or, for fetch,
 * a Request) are left for the browser to convert.
 */
export function urlOf(input: unknown): string | undefined {
  return typeof input === 'string' ? input : isInstance<URL>(input, 'URL') ? input.href : undefined
}
