import * as natives from '../defence/natives.js'
import { memoize } from '../lib/memoize.js'
import type { NetworkUrl } from './call.js'

/**
 * A URL that the parser returns as it is written. Host: lower case, neither numeric nor punycode, a
 * port of four digits. Path: no dot segments, nothing to encode. Without an origin, it is a path of
 * the document's origin.
 */
const PLAIN =
  /^(?:https?:\/\/(?:(?!xn--)[a-z\d-]+\.)*(?!xn--)[a-z][a-z\d-]*(?::[1-9]\d{3})?|(?!\/\/))(?:\/(?!\.)[!$&-.0-;=@-Z_a-z~]*)+(?:\?[!$-&(-;=?-~]+)?$/

/**
 * Creates a parser of URLs, which may be relative to the document. It returns `undefined` for other
 * schemes than `http(s)` and `ws(s)`.
 */
export function createUrlParser(): (input: string) => NetworkUrl | undefined {
  let base: string
  let root: string | undefined
  let parse: (input: string) => NetworkUrl | undefined

  return (input) => {
    // Parsing takes longer than everything else about a call, and most URLs need none of it.
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

/** Parses a URL. Returns `undefined` for one that browsers refuse, and for other schemes. */
export function parseUrl(input: string, base: string): NetworkUrl | undefined {
  try {
    const { href } = new natives.URL(input, base)
    if (!isNetworkUrl(href) || isDanglingMarkup(input)) {
      return undefined
    }
    // The URL parser drops the same characters. A RegExp that looks for spaces at the end takes quadratic time.
    const [trimmed = ''] = /[^\0- ](.*[^\0- ])?/s.exec(input) ?? []
    const text = trimmed.replace(/[\t\n\r]/g, '')
    // An empty text means the base with its query, so a parameter cannot be added to the text.
    const meansBase = /^(https?:)?(#|$)/i.test(text)
    return { href, text: meansBase ? href : text, base }
  } catch {
    return undefined
  }
}

/**
 * Whether a URL may be contacted: HTTP or WebSocket, without credentials. `fetch` refuses
 * credentials with a message that has the whole URL, and so would have the id.
 */
function isNetworkUrl(href: string): boolean {
  return /^(https?|wss?):\/\/[^/@]*\//.test(href)
}

/**
 * Whether browsers refuse the text of a URL because it may come from markup that was left open.
 * {@link https://fetch.spec.whatwg.org/#concept-main-fetch}
 */
function isDanglingMarkup(input: string): boolean {
  return /[\t\n\r]/.test(input) && input.includes('<')
}

/**
 * The same URL, to be used now. If the document has another base by now, the text is the whole URL:
 * a relative text would mean another one.
 */
export function sinceThen(url: NetworkUrl): NetworkUrl {
  return url.text === url.href || url.base === document.baseURI ? url : { ...url, text: url.href }
}

/** A URL without its query and its fragment. */
export function endpointOf(url: string): string {
  return url.replace(/[?#].*/, '')
}
