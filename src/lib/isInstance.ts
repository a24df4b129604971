import { Object } from './globals.js'

/**
 * Whether a value is an instance of a platform class, of this page's realm or another one's (an iframe's `Request` is one
 * for `fetch`, too), by the name that the {@link https://webidl.spec.whatwg.org/#js-class-string | class string} gives it.
 */
export function isInstance<T>(value: unknown, ...names: string[]): value is T {
  return (
    typeof value === 'object' &&
    value !== null &&
    // A plain object, as most are, is told at once.
    Object.getPrototypeOf(value) !== Object.prototype &&
    names.includes(Object.prototype.toString.call(value).slice(8, -1))
  )
}
