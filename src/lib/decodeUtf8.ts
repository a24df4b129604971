import * as natives from '../defence/natives.js'

/** Decodes UTF-8. Returns `undefined` for other bytes; keeps a byte order mark. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new natives.TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
