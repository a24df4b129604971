import * as natives from '../defence/natives.js'

/**
 * The name of a platform object's class; empty for everything else. It also knows objects of
 * another realm: `fetch` takes the `Request` of an iframe like any other.
 * {@link https://webidl.spec.whatwg.org/#js-class-string}
 */
export function classOf(value: unknown): string {
  // Most objects are plain, and this is the fast way to tell.
  return typeof value === 'object' &&
    value !== null &&
    natives.Object.getPrototypeOf(value) !== natives.Object.prototype
    ? natives.Object.prototype.toString.call(value).slice(8, -1)
    : ''
}

export function isForm(value: unknown): value is FormData | URLSearchParams {
  return /^(FormData|URLSearchParams)$/.test(classOf(value))
}

export function isHeaders(value: unknown): value is Headers {
  return classOf(value) === 'Headers'
}

export function isRequest(value: unknown): value is Request {
  return classOf(value) === 'Request'
}

export function isBlob(value: unknown): value is Blob {
  return /^(Blob|File)$/.test(classOf(value))
}
