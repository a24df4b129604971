import { Map } from './globals.js'

const MAX_TEXTS = 500
const MAX_LENGTH = 500

/** Remembers what a function made of short texts, as long as there are not too many: calls bring the same few again and again. */
export function memoize<T>(compute: (text: string) => T): (text: string) => T {
  const results = new Map<string, T>()
  return (text) => {
    if (text.length > MAX_LENGTH) {
      return compute(text)
    }
    if (!results.has(text)) {
      if (results.size >= MAX_TEXTS) {
        results.clear()
      }
      results.set(text, compute(text))
    }
    return results.get(text) as T
  }
}
