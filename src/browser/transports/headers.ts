import { skipSpace } from '../../lib/skipSpace.js'
import type { Call } from '../call.js'

export type HeaderList = ReadonlyArray<readonly [name: string, value: string]>

/**
 * Reads a list of headers, with names in any case. It trims and joins the values of one name as
 * browsers do. A call asks for few names, and most of them are missing: to compare lengths first is
 * faster than an index.
 */
export function readerOf(headers: HeaderList): Call['header'] {
  return (name) => {
    let joined: string | null = null
    for (const header of headers) {
      if (header[0].length === name.length && header[0].toLowerCase() === name) {
        const trimmed = trim(header[1])
        joined = joined === null ? trimmed : `${joined}, ${trimmed}`
      }
    }
    return joined
  }
}

/** Reads the names of a list of headers, in lower case. */
export function namesOf(headers: HeaderList): readonly string[] {
  return headers.map(([name]) => name.toLowerCase())
}

function trim(value: string): string {
  return value.slice(skipSpace(value, 0), skipSpace(value, value.length - 1, -1) + 1)
}
