/**
 * What the package uses of the global object at each call, as it was when the package was loaded: a page may replace any of it
 * later, by no more than a `var URL` in a classic script. Where there is no such thing (on a server), it is undefined.
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
  Request,
  String,
  Symbol,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  Uint8Array,
  WeakMap,
  addEventListener,
  clearInterval,
  decodeURIComponent,
  encodeURIComponent,
  performance,
  setInterval,
} = globalThis

/** Its own name may be replaced as any other. */
export const globalObject = globalThis
