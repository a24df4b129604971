/**
 * The global functions and constructors of the page, as they were when the package was loaded.
 * Import this file as a namespace: `import * as natives from '…/defence/natives.js'`.
 *
 * A page may replace any of them later: a `var URL` in a classic script is enough. Some do not
 * exist on a server, and are undefined there. README.md in this folder says why this is needed.
 */
export const {
  Array,
  ArrayBuffer,
  Blob,
  FormData,
  Headers,
  JSON,
  Map,
  Object,
  Promise,
  Proxy,
  Reflect,
  RegExp,
  Request,
  Symbol,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  Uint8Array,
  WeakMap,
  decodeURIComponent,
  encodeURIComponent,
  performance,
} = globalThis

/** The global object. A page may replace its name, `globalThis`, like any other. */
export const globalObject = globalThis

/** RUM and the page may patch the console. They must not report what this package prints. */
export const { error, log, warn } = console

export const { random } = Math

const { addEventListener, clearInterval, setInterval } = globalThis
type Timer = ReturnType<typeof setInterval>

// Browsers throw if these get another `this` than the global object, and so must not be methods.

export function onPageHide(run: () => void): void {
  addEventListener('pagehide', run)
}

export function startTimer(run: () => void, millis: number): Timer {
  return setInterval(run, millis)
}

export function stopTimer(timer: Timer): void {
  clearInterval(timer)
}
