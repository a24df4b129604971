export interface BaggageMember {
  key: string
  value: string
  properties: string[]
}

/** Parses a `baggage` header by the rules of the W3C recommendation. Throws if it breaks them. */
export function parseBaggage(header: string): BaggageMember[] {
  return header.split(',').map((member) => {
    const [pair = '', ...properties] = member.split(';').map((part) => part.trim())
    const match = /^([!#$%&'*+\-.^_`|~\w]+)[ \t]*=[ \t]*([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*)$/.exec(pair)
    if (match === null) {
      throw new Error(`Not a baggage member: ${JSON.stringify(member)}`)
    }
    return { key: match[1] as string, value: decodeURIComponent(match[2] as string), properties }
  })
}

/** The header's members as `key=value` texts with their properties, in order. */
export const membersOf = (header: string | undefined): string[] =>
  parseBaggage(header ?? '').map(({ key, value, properties }) => [`${key}=${value}`, ...properties].join(';'))
