import * as natives from '../defence/natives.js'

const MAX_TEXTS = 500
const MAX_LENGTH = 500

/**
 * Remembers the results of a function of short texts. Calls bring the same few texts again and
 * again. After 500 texts it forgets all; it never remembers a text of more than 500 characters.
 */
export function memoize<T>(compute: (text: string) => T): (text: string) => T {
  const results = new natives.Map<string, T>()
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
