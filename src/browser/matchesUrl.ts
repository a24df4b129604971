import type { MatchOption } from '@datadog/browser-core'
import { classOf } from '../lib/classOf.js'

/**
 * Whether a match option of the RUM SDK takes a URL: the beginning of it, a RegExp (whose `lastIndex` is neither used nor moved),
 * or a function. One that throws takes nothing, and neither does what is none of them.
 */
export function matchesUrl(match: MatchOption, url: string, report?: (message: string) => void): boolean {
  try {
    return typeof match === 'function'
      ? match(url)
      : typeof match === 'string'
        ? url.startsWith(match)
        : classOf(match) === 'RegExp' && url.search(match) >= 0
  } catch (error) {
    // With its stack, for the console.
    report?.(error as string)
    return false
  }
}
