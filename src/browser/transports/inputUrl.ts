import { Object, Reflect, Symbol } from '../../lib/globals.js'
import { isInstance } from '../../lib/isInstance.js'

/**
 * The URL that the browser will contact for what the page passed to a transport, without running code of the page. What the
 * browser converts by such code, and what is neither a string nor a URL, is left to it.
 */
export function urlOf(input: unknown): string | undefined {
  return typeof input === 'string' ? input : isInstance<URL>(input, 'URL') ? hrefOf(input) : undefined
}

/** Of this realm or another one's: the class that converts the URL is the one that also has its real `href`. */
function hrefOf(url: URL): string | undefined {
  let holder: object | null = url
  while (holder && !Object.getOwnPropertyDescriptor(holder, 'toString')) {
    holder = Object.getPrototypeOf(holder)
  }
  const href = holder && holder !== url && Object.getOwnPropertyDescriptor(holder, 'href')?.get
  return href && !(Symbol.toPrimitive in url) ? Reflect.apply(href, url, []) : undefined
}
