import { encode } from './encode.js'

/** What adding the session id came to: the changed value, or the value that the page had already set. */
export type Added<T> = { readonly changed: T } | { readonly present: unknown }

/**
 * Adds a query parameter to a serialized URL. Existing parameters, their order and encoding, and the hash stay as they are.
 * A parameter of that name that is there already wins.
 */
export function addQueryParam(url: string, name: string, value: string): Added<string> {
  const hashAt = url.indexOf('#')
  const beforeHash = hashAt < 0 ? url : url.slice(0, hashAt)
  const queryAt = beforeHash.indexOf('?')
  const query = queryAt < 0 ? undefined : beforeHash.slice(queryAt + 1)
  const added = addFormText(query ?? '', name, value)
  return 'present' in added
    ? added
    : {
        changed: `${query === undefined ? beforeHash : beforeHash.slice(0, queryAt)}?${added.changed}${url.slice(beforeHash.length)}`,
      }
}

/**
 * Adds a pair to `application/x-www-form-urlencoded` text, behind the pairs that are there.
 * {@link https://url.spec.whatwg.org/#application/x-www-form-urlencoded}
 */
export function addFormText(text: string, name: string, value: string): Added<string> {
  const present = text ? new URLSearchParams(text).get(name) : null
  return present !== null
    ? { present }
    : { changed: `${text}${text && !text.endsWith('&') ? '&' : ''}${encode(name)}=${encode(value)}` }
}
