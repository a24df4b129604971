import * as natives from '../defence/natives.js'
import { type Added, alreadyThere, changedTo } from './added.js'
import { encode } from './encode.js'

/**
 * Whether text is `application/x-www-form-urlencoded`. Some libraries send other text under that
 * media type: JSON, prose, Base64.
 */
export function isFormText(text: string, name: string): boolean {
  if (/[\s{<"]/.test(text)) {
    return false
  }
  const isBase64 = text.length % 4 === 0 && /^[\w+/-]+==?$/.test(text)
  const isPair = text === '' || /^&*[^=:/#'`&]+=/.test(text)
  return (isPair && !isBase64) || readFormText(text, name) !== undefined
}

/**
 * Reads the first value of a name in `application/x-www-form-urlencoded` text; `undefined` if it
 * is not there.
 */
export function readFormText(text: string, name: string): string | undefined {
  // URLSearchParams drops a leading question mark. Here it is part of the first name.
  return new natives.URLSearchParams(`&${text}`).get(name) ?? undefined
}

/**
 * Adds a pair to `application/x-www-form-urlencoded` text, after the existing pairs. If the text
 * has a pair of that name, that one wins.
 * {@link https://url.spec.whatwg.org/#application/x-www-form-urlencoded}
 */
export function addFormText(text: string, name: string, value: string): Added<string> {
  const present = text ? readFormText(text, name) : undefined
  if (present !== undefined) {
    return alreadyThere(present)
  }
  const separator = text && !text.endsWith('&') ? '&' : ''
  return changedTo(`${text}${separator}${encode(name)}=${encode(value)}`)
}
