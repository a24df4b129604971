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
    let result = results.get(text)
    if (result === undefined && !results.has(text)) {
      if (results.size >= MAX_TEXTS) {
        results.clear()
      }
      result = compute(text)
      results.set(text, result)
    }
    return result as T
  }
}
