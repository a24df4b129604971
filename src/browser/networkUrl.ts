import { globalObject, URL } from '../lib/globals.js'

/** The URL of a call, read once: the accessors of a URL object cost more than all else about it. */
export interface NetworkUrl {
  /** As the browser will contact it. */
  readonly href: string
  readonly protocol: string
  readonly host: string
  readonly hostname: string
  readonly pathname: string
  readonly search: string
  /** As the page wrote it, relative to {@link base}: what is added to it leaves the rest to the browser. */
  readonly text: string
  readonly base: string
}

/**
 * A URL that the parser returns as it is written: host in lower case, neither numeric nor punycode, port of four or five digits;
 * path without dot segments; nothing to encode. Either may be missing: a path alone is one of the document's origin.
 */
const PLAIN =
  /^(?:(https?:)\/\/((?:(?!xn--)[a-z\d-]+\.)*(?!xn--)[a-z][a-z\d-]*)(:(?:[1-5]\d{4}|[1-9]\d{3}))?(?=\/)|(?=\/[^/]|\/$))((?:\/(?!\.)[\w.~!$&'()*+,;=:@-]*)*)(\?[!$-&(-;=?-~]+)?$/

/** Creates a parser of `http(s)` and `ws(s)` URLs, relative ones included; of other URLs it makes nothing. */
export function createUrlParser(base: string): (input: string) => NetworkUrl | undefined {
  const page = parse(base, base)

  /** Parsing is the larger part of all that happens to a call, and most URLs need none. */
  function readPlain(input: string): NetworkUrl | undefined {
    const [, protocol, name, port = '', pathname = '', search = ''] = (page && PLAIN.exec(input)) ?? []
    if (!page || !pathname) {
      return undefined
    }
    const parts = { pathname, search, text: input, base }
    if (protocol && name) {
      return { ...parts, href: input, protocol, hostname: name, host: name + port }
    }
    const { protocol: scheme, hostname, host } = page
    return { ...parts, href: `${scheme}//${host}${input}`, protocol: scheme, hostname, host }
  }

  return (input) => readPlain(input) ?? parse(input, base)
}

function parse(input: string, base: string): NetworkUrl | undefined {
  try {
    const { href, protocol, host, hostname, pathname, search, username, password } = new URL(input, base)
    // `fetch` refuses a URL with credentials, in words that show it whole. Browsers refuse one whose text may be markup left open
    // (https://fetch.spec.whatwg.org/#concept-main-fetch).
    if (!/^(https?|wss?):$/.test(protocol) || username || password || (/[\t\n\r]/.test(input) && input.includes('<'))) {
      return undefined
    }
    // Browsers ignore what is trimmed here. What is left may mean the base itself, with its query, to which nothing can be added.
    const text = input.replace(/^[\0- ]+|[\0- ]+$/g, '')
    return { href, protocol, host, hostname, pathname, search, text: /^(#|$)/.test(text) ? href : text, base }
  } catch {
    return undefined
  }
}

/** A URL that was found before, to be written now: relative to what the page has as its base by now, it may mean another one. */
export function sinceThen(url: NetworkUrl): NetworkUrl {
  const base = document.baseURI
  return base === url.base ? url : { ...url, text: url.href, base }
}

/** The scheme that the handshake of a WebSocket uses, or the scheme itself. */
export function httpProtocol(protocol: string) {
  return protocol.replace(/^ws/, 'http')
}

export function originOf({ protocol, host }: Pick<NetworkUrl, 'protocol' | 'host'>) {
  return `${httpProtocol(protocol)}//${host}`
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
