import { classOf } from '../../lib/classOf.js'

/**
 * The text of a URL that the page passed to a transport. Returns `undefined` for other objects: the
 * browser converts them, which may run code of the page, and so must happen only once.
 */
export function urlOf(input: unknown): string | undefined {
  if (typeof input === 'string') {
    return input
  }
  return classOf(input) === 'URL' ? `${input}` : undefined
}
