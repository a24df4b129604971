import * as natives from '../../defence/natives.js'
import { classOf } from '../../lib/classOf.js'
import type { NetworkUrl } from '../call.js'
import { matchesUrl, patternOf, type UrlOption } from '../match.js'

/** The options of the RUM SDK that say by URL what it does with a call. */
const URL_OPTIONS = ['allowedTracingUrls', 'excludedActivityUrls', 'allowedGraphQlUrls'] as const

export type UrlPatternConfiguration = {
  readonly [Name in (typeof URL_OPTIONS)[number]]?: readonly UrlOption[] | undefined
}

/**
 * Finds a RegExp in the RUM SDK's options that takes a URL, but not the one that the call goes to instead.
 *
 * @returns The name of the option, and the RegExp.
 */
export function lostPattern(
  configuration: UrlPatternConfiguration,
  { href, base }: NetworkUrl,
  changedUrl: string,
): string | undefined {
  for (const name of URL_OPTIONS) {
    for (const option of configuration[name] ?? []) {
      const match = patternOf(option)
      const isLost = () => !matchesUrl(match, new natives.URL(changedUrl, base || href).href)
      if (classOf(match) === 'RegExp' && matchesUrl(match, href) && isLost()) {
        return `${name} (${match})`
      }
    }
  }
  return undefined
}
