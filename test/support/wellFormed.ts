/** A string as a server receives it. UTF-8 has no lone surrogates, so they become U+FFFD. */
export function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}
