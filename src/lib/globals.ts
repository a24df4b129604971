/**
 * What the package uses of the global object at each call, as it was when the package was loaded: a page may replace any of it
 * later, by no more than a `var URL` in a classic script. Where there is no such thing (on a server), it is undefined.
 */
export const {
  Array,
  ArrayBuffer,
  BigInt,
  Blob,
  FormData,
  Headers,
  JSON,
  Map,
  Number,
  Object,
  Promise,
  Proxy,
  Reflect,
  RegExp,
  Request,
  Set,
  String,
  Symbol,
  TextDecoder,
  TextEncoder,
  URL,
  URLSearchParams,
  Uint32Array,
  Uint8Array,
  WeakMap,
  addEventListener,
  clearInterval,
  crypto,
  decodeURIComponent,
  encodeURIComponent,
  performance,
  queueMicrotask,
  setInterval,
} = globalThis

/** Its own name may be replaced as any other. */
export const globalObject = globalThis
