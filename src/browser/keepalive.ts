import { performance, String, TextEncoder, Uint8Array } from '../lib/globals.js'
import { isInstance } from '../lib/isInstance.js'
import type { ChangedBody, RequestBody } from './outgoingRequest.js'

/**
 * The bodies of all calls that may outlive the page may together have 65,536 bytes
 * ({@link https://fetch.spec.whatwg.org/#http-network-or-cache-fetch}). Those of calls that no entry takes count, too, and of what
 * comes next nobody knows: a body grows only as long as most of that is free.
 */
const MAX_GROWN = 16_000

/** Milliseconds that a call counts as being in flight. Its promise cannot be asked: a handler on it would hide that it failed. */
const FLIGHT = 10_000

let flights: Array<{ readonly until: number; readonly bytes: number }> = []

/** Whether a body that the session id was added to leaves room enough for others. */
export function leavesRoom(body: ChangedBody): boolean {
  const now = performance.now()
  flights = flights.filter(({ until }) => until > now)
  return flights.reduce((sum, { bytes }) => sum + bytes, sizeOf(body)) <= MAX_GROWN
}

/** To be told of the body of each such call. One of unknown size may fill all. */
export function takeRoom(body: Exclude<RequestBody, undefined>): void {
  flights.push({ until: performance.now() + FLIGHT, bytes: typeof body === 'symbol' ? MAX_GROWN : sizeOf(body) })
}

/** Bytes that a body takes on the wire; for a multipart form an upper estimate. */
function sizeOf(body: ChangedBody): number {
  if (typeof body === 'string') {
    return new TextEncoder().encode(body).length
  }
  if (body instanceof Uint8Array) {
    return body.length
  }
  if (isInstance<URLSearchParams>(body, 'URLSearchParams')) {
    return String(body).length
  }
  let size = 0
  body.forEach((value, name) => {
    size += 256 + 3 * name.length + (typeof value === 'string' ? 3 * value.length : value.size + 3 * value.name.length)
  })
  return size
}
