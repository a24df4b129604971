import { decodeURIComponent } from '../lib/globals.js'
import { encode } from './encode.js'

/** Name of the header, and of the member that carries the session id, as the RUM SDK has them. */
export const BAGGAGE = 'baggage'
export const SESSION_MEMBER = 'session.id'

const MEMBER = /^\s*([^=;\s]+)\s*=\s*([^;\s]*)/
const MAX_MEMBERS = 64
const MAX_BYTES = 8192

/** Reads the decoded value of a member of a {@link https://www.w3.org/TR/baggage/ | W3C `baggage`} header, of several the first. */
export function readBaggage(header: string, key: string): string | undefined {
  // Not by index: of an empty list it may be inherited.
  const [first] = readAllBaggage(header, key)
  return first
}

/** Reads the decoded values of all members of that name. Malformed members are passed over. */
export function readAllBaggage(header: string, key: string): string[] {
  const values: string[] = []
  if (header.includes(key)) {
    for (const member of header.split(',')) {
      const [, name, value = ''] = MEMBER.exec(member) ?? []
      if (name === key) {
        try {
          values.push(decodeURIComponent(value))
        } catch {
          values.push(value)
        }
      }
    }
  }
  return values
}

/**
 * Adds a member to a `baggage` header by the rules of W3C Baggage:
 *
 * 1. Members that are there, their properties and their order stay as they are.
 * 2. No key stands twice: a member that is there already wins, and the header is returned as it was.
 * 3. The whole header keeps within 64 members and 8192 bytes. Where the member does not fit: `undefined`.
 */
export function addBaggage(header: string, key: string, value: string): string | undefined {
  if (readBaggage(header, key) !== undefined) {
    return header
  }
  const added = `${header}${header.trim() && ','}${key}=${encode(value)}`
  return added.length <= MAX_BYTES && added.split(',').length <= MAX_MEMBERS ? added : undefined
}

/** A `baggage` header without the members of that name. The others stay as they are. */
export function removeBaggage(header: string, key: string): string {
  return header.includes(key)
    ? header
        .split(',')
        .filter((member) => MEMBER.exec(member)?.[1] !== key)
        .join()
    : header
}
