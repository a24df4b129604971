import { Object } from './globals.js'

/**
 * The class of a platform object, of this page's realm or another one's (an iframe's `Request` is one for `fetch`, too), by its
 * {@link https://webidl.spec.whatwg.org/#js-class-string | class string}; empty for everything else.
 */
export function classOf(value: unknown): string {
  // A plain object, as most are, is told at once.
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== Object.prototype
    ? Object.prototype.toString.call(value).slice(8, -1)
    : ''
}

export function isForm(value: unknown): value is FormData | URLSearchParams {
  return /^(FormData|URLSearchParams)$/.test(classOf(value))
}

export function isHeaders(value: unknown): value is Headers {
  return classOf(value) === 'Headers'
}

export function isBlob(value: unknown): value is Blob {
  return /^(Blob|File)$/.test(classOf(value))
}
