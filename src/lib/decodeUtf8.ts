import { TextDecoder } from './globals.js'

/** The text of bytes; `undefined` where they are not UTF-8. A byte order mark is kept, for it is not ours to drop. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
