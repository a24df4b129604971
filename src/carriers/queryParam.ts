import * as natives from '../defence/natives.js'
import { type Added, changedTo } from './added.js'
import { addFormText, readFormText } from './formText.js'

/** Reads all values of a query parameter. The URL may be relative. */
export function readQueryParams(url: string, name: string): string[] {
  // Most URLs do not have the parameter. A search for its name takes a tenth of the time of parsing.
  return url.includes('?') && (url.includes(name) || ENCODED_NAME.test(url))
    ? new natives.URLSearchParams(`&${partsOf(url).query}`).getAll(name)
    : []
}

/** Reads all values of a name in `application/x-www-form-urlencoded` text, however long it is. */
export function readAllFormText(text: string, name: string): string[] {
  const pairs = `&${text}`
  return pairs.includes(name) || ENCODED_NAME.test(pairs) ? new natives.URLSearchParams(pairs).getAll(name) : []
}

/** A query in which the name of a parameter has an encoded character. */
const ENCODED_NAME = /[?&][^=&#?%+]*[%+]/

/**
 * Adds a query parameter to the text of a URL, which may be relative. The rest of the text stays
 * as it is. If the URL has a parameter of that name, that one wins.
 */
export function addQueryParam(url: string, name: string, value: string): Added<string> {
  const { path, query, hash } = partsOf(url)
  const added = addFormText(query, name, value)
  return added.changed === undefined ? added : changedTo(`${path}?${added.changed}${hash}`)
}

/**
 * Replaces the value of a query parameter in the text of a URL, if it is one of the old ones. Returns
 * `undefined` if it is not.
 */
export function replaceQueryParam(
  url: string,
  name: string,
  { old, value }: { readonly old: readonly string[]; readonly value: string },
): string | undefined {
  // Most URLs have none of them, and need no parser.
  if (!old.some((id) => url.includes(id))) {
    return undefined
  }
  const { path, query, hash } = partsOf(url)
  const present = readFormText(query, name)
  if (present === undefined || !old.includes(present)) {
    return undefined
  }
  const replaced = query
    .split('&')
    .map((pair) => (readFormText(pair, name) === present ? addFormText('', name, value).changed : pair))
  return `${path}?${replaced.join('&')}${hash}`
}

interface UrlParts {
  /** All that comes before the query. */
  readonly path: string
  readonly query: string
  /** The fragment with its `#`. */
  readonly hash: string
}

function partsOf(url: string): UrlParts {
  const [, path = '', query = '', hash = ''] = /^([^?#]*)\??([^#]*)(.*)$/s.exec(url) ?? []
  return { path, query, hash }
}
