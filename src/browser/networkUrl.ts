import { globalObject, URL } from '../lib/globals.js'
import { memoize } from '../lib/memoize.js'

/** The URL of a call, read once: the accessors of a URL object cost more than all else about it. */
export interface NetworkUrl {
  /** As the browser will contact it. */
  readonly href: string
  /** As the page wrote it, relative to {@link base}: what is added to it leaves the rest to the browser. */
  readonly text: string
  readonly base: string
}

/**
 * A URL that the parser returns as it is written: host in lower case, neither numeric nor punycode, port of four digits;
 * path without dot segments; nothing to encode. The origin may be missing: a path alone is one of the document's origin.
 */
const PLAIN =
  /^(?:https?:\/\/(?:(?!xn--)[a-z\d-]+\.)*(?!xn--)[a-z][a-z\d-]*(?::[1-9]\d{3})?|(?!\/\/))(?:\/(?!\.)[!$&-.0-;=@-Z_a-z~]*)+(?:\?[!$-&(-;=?-~]+)?$/

/** Creates a parser of `http(s)` and `ws(s)` URLs, those relative to the document included; of other URLs it makes nothing. */
export function createUrlParser(): (input: string) => NetworkUrl | undefined {
  let base: string
  let root: string | undefined
  let parse: (input: string) => NetworkUrl | undefined

  return (input) => {
    // Parsing is the larger part of all that happens to a call, and most URLs need none; those that are whole need no base either.
    const isPlain = PLAIN.test(input)
    if (isPlain && input[0] !== '/') {
      return { href: input, text: input, base: '' }
    }
    if (document.baseURI !== base) {
      base = document.baseURI
      root = parseUrl('/', base)?.href.slice(0, -1)
      parse = memoize((text) => parseUrl(text, base))
    }
    return isPlain && root ? { href: root + input, text: input, base } : parse(input)
  }
}

export function parseUrl(input: string, base: string): NetworkUrl | undefined {
  try {
    const { href } = new URL(input, base)
    // `fetch` refuses a URL with credentials, in words that show it whole. Browsers refuse one whose text may be markup left open
    // (https://fetch.spec.whatwg.org/#concept-main-fetch).
    if (!/^(https?|wss?):\/\/[^/@]*\//.test(href) || (/[\t\n\r]/.test(input) && input.includes('<'))) {
      return undefined
    }
    // Browsers ignore what is dropped here. What is left may mean the base itself, with its query, to which nothing can be added.
    const text = input.replace(/^[\0- ]+|[\0- ]+$|[\t\n\r]/g, '')
    return { href, text: /^(https?:)?(#|$)/i.test(text) ? href : text, base }
  } catch {
    return undefined
  }
}

/** A URL that was found before, to be written now: relative to what the page has as its base by now, it may mean another one. */
export function sinceThen(url: NetworkUrl): NetworkUrl {
  return url.text === url.href || url.base === document.baseURI ? url : { ...url, text: url.href }
}

/** A URL without its query and its fragment. */
export function endpointOf(url: string): string {
  return url.replace(/[?#].*/, '')
}

const firstOrigin = (() => {
  try {
    return globalObject.origin
  } catch {
    // A getter of the page's own.
    return undefined
  }
})()

/**
 * The origin of the page's own paths. `window.origin` counts only where the document has none of its own to tell, and as it was at
 * first: a page may replace it.
 */
export function pageOrigin(): string | undefined {
  const own = globalObject.location?.origin
  return own === 'null' ? firstOrigin : own
}
