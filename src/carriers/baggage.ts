import * as natives from '../defence/natives.js'
import { encode } from './encode.js'

/** The header, and the name of its member that carries the session id. The RUM SDK uses the same. */
export const BAGGAGE = 'baggage'
export const SESSION_MEMBER = 'session.id'

const MAX_MEMBERS = 64
const MAX_BYTES = 8192

/**
 * Reads a member of a {@link https://www.w3.org/TR/baggage/ | W3C `baggage`} header, decoded. If
 * there are several of that name, the first counts.
 */
export function readBaggage(header: string, key: string): string | undefined {
  const [first] = readAllBaggage(header, key)
  return first
}

/**
 * Reads all members of that name, decoded. A member without `=` does not count. A value with white
 * space inside is malformed, and reads as empty.
 */
export function readAllBaggage(header: string, key: string): string[] {
  const values: string[] = []
  if (header.includes(key)) {
    for (const member of header.split(',')) {
      const [, name, text = ''] = /^([^=;]+)=([^;]*)/.exec(member) ?? []
      if (name?.trim() === key) {
        values.push(decoded(text.trim()))
      }
    }
  }
  return values
}

function decoded(value: string): string {
  try {
    return /\s/.test(value) ? '' : natives.decodeURIComponent(value)
  } catch {
    return value
  }
}

/**
 * Adds a member to a `baggage` header by the rules of W3C Baggage:
 *
 * 1. Existing members, their properties and their order stay as they are.
 * 2. No key comes twice. If the member exists, it wins: returns the header unchanged.
 * 3. The header has at most 64 members and 8192 bytes. Returns `undefined` if the member does not
 *    fit.
 */
export function addBaggage(header: string, key: string, value: string): string | undefined {
  if (readBaggage(header, key) !== undefined) {
    return header
  }
  const added = `${header}${header.trim() && ','}${key}=${encode(value)}`
  return added.length <= MAX_BYTES && added.split(',').length <= MAX_MEMBERS ? added : undefined
}
