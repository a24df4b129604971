/**
 * Whether a value is an instance of a platform class, of this page's realm or another one's (an iframe's `Request` is one
 * for `fetch`, too), by the name that the {@link https://webidl.spec.whatwg.org/#js-class-string | class string} gives it.
 */
export function isInstance<T>(value: unknown, ...names: string[]): value is T {
  return (
    typeof value === 'object' && value !== null && names.includes(Object.prototype.toString.call(value).slice(8, -1))
  )
}

/**
 * The URL that the page passed to a transport, without running code of the page: objects other than a URL (or, for fetch,
 * a Request) are left for the browser to convert.
 */
export function urlOf(input: unknown): string | undefined {
  return typeof input === 'string' ? input : isInstance<URL>(input, 'URL') ? input.href : undefined
}
