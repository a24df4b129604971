/** A string as it arrives: a lone surrogate has no UTF-8 and becomes U+FFFD. */
export function wellFormed(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}
