import type { MatchOption } from '@datadog/browser-core'
import { pageOrigin } from '../defence/pageOrigin.js'
import { classOf } from '../lib/classOf.js'
import { isObject } from '../lib/isObject.js'
import type { Matcher } from './entry.js'
import { parseUrl } from './networkUrl.js'

type Report = (failure: unknown) => void

/** Turns the `match` of an entry into a test on URLs. Returns `undefined` for an invalid one. */
export function createMatcher(match: unknown, report: Report): Matcher | undefined {
  if (typeof match === 'string') {
    return createPrefixMatcher(match)
  }
  if (classOf(match) === 'RegExp' || typeof match === 'function') {
    return {
      matches: ({ href }) => matchesUrl(match as MatchOption, href, report),
      prefix: undefined,
    }
  }
  return undefined
}

/** A URL option of the RUM SDK: the pattern itself, or an object that has the pattern as `match`. */
export type UrlOption = MatchOption | { readonly match?: MatchOption }

/** The pattern in a URL option of the RUM SDK. A RegExp is an object too, but has no `match`. */
export function patternOf(option: UrlOption): MatchOption {
  const { match = option as MatchOption } = (isObject(option) ? option : {}) as { readonly match?: MatchOption }
  return match
}

/**
 * Tests a URL as the RUM SDK does with its own options: by the start of the URL, a RegExp or a
 * function. It neither uses nor moves the `lastIndex` of a RegExp. It returns `false` for other
 * values, and if the function throws.
 */
export function matchesUrl(match: MatchOption, url: string, report?: Report): boolean {
  try {
    if (typeof match === 'function') {
      return match(url)
    }
    if (typeof match === 'string') {
      return url.startsWith(match)
    }
    return classOf(match) === 'RegExp' && url.search(match) >= 0
  } catch (failure) {
    report?.(failure)
    return false
  }
}

function createPrefixMatcher(prefix: string): Matcher | undefined {
  const [text, slash] = /^(?:(\/)(?![/\\])|(?:https?|wss?):\/\/)[^?#*]*$/i.exec(prefix) ?? []
  const url = text ? parseUrl(text, 'https://page.invalid') : undefined
  // Some browsers take characters that cannot be part of a host, or encode them.
  const [, origin, path] = /^(\w+:\/\/[\w.:[\]-]+)(\/.*)/.exec(url?.href ?? '') ?? []
  if (!origin) {
    return undefined
  }
  const whole = `${slash ? pageOrigin() : origin}${path}`
  // A WebSocket begins as a request to the same server.
  const ofSocket = whole.replace(/^http/, 'ws')
  return {
    prefix: whole,
    matches: ({ href }) => isAtOrBelow(href, whole) || isAtOrBelow(href, ofSocket),
  }
}

/** Whether a URL is the given one, with or without a query, or one below it. */
function isAtOrBelow(url: string, whole: string): boolean {
  return url.startsWith(whole) && (whole.endsWith('/') || '/?#'.includes(url.charAt(whole.length)))
}
