import { performance, String, TextEncoder, Uint8Array } from '../lib/globals.js'
import { isInstance } from '../lib/isInstance.js'
import type { ChangedBody } from './outgoingRequest.js'

/** Bytes that the bodies of all calls in flight which may outlive the page may have together: {@link https://fetch.spec.whatwg.org/#http-network-or-cache-fetch} */
const QUOTA = 65_536

/** Milliseconds that a call counts as being in flight. Its promise cannot be asked: a handler on it would hide that it failed. */
const FLIGHT = 10_000

let flights: Array<{ readonly until: number; readonly bytes: number }> = []

/** How many bytes the body of one more such call may have, as far as the calls that the plugin knows of tell. */
export function keepaliveRoom(): number {
  const now = performance.now()
  flights = flights.filter(({ until }) => until > now)
  return flights.reduce((room, { bytes }) => room - bytes, QUOTA)
}

/** To be told of each such call. */
export function takeKeepaliveRoom(body: ChangedBody): void {
  flights.push({ until: performance.now() + FLIGHT, bytes: sizeOf(body) })
}

/** Bytes that a body takes on the wire; for a multipart form an upper estimate. */
export function sizeOf(body: ChangedBody): number {
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
