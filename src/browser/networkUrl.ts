import * as natives from '../defence/natives.js'
import { memoize } from '../lib/memoize.js'
import type { NetworkUrl } from './call.js'

/**
 * Creates a parser of URLs, which may be relative to the document. It returns `undefined` for other
 * schemes than `http(s)` and `ws(s)`.
 */
export function createUrlParser(): (input: string) => NetworkUrl | undefined {
  let base: string
  let parse: (input: string) => NetworkUrl | undefined

  return (input) => {
    if (document.baseURI !== base) {
      base = document.baseURI
      parse = memoize((text) => parseUrl(text, base))
    }
    return parse(input)
  }
}

/** Parses a URL. Returns `undefined` for one that browsers refuse, and for other schemes. */
export function parseUrl(input: string, base: string): NetworkUrl | undefined {
  try {
    const { href } = new natives.URL(input, base)
    if (!isNetworkUrl(href) || isDanglingMarkup(input)) {
      return undefined
    }
    return { href, text: canTakeQuery(input) ? input : href, base }
  } catch {
    return undefined
  }
}

/**
 * Whether a parameter can be added to the text of a URL. The parser drops white space, and an empty
 * text means the base with its query.
 */
function canTakeQuery(input: string): boolean {
  return !/^[\0- ]|[\0- ]$|[\t\n\r]|^(https?:)?(#|$)/i.test(input)
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
