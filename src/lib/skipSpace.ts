/**
 * The place of the next character, or with a `step` of -1 the previous one, that is no white space of JSON
 * ({@link https://www.rfc-editor.org/rfc/rfc8259#section-2 | RFC 8259}), which is also what browsers drop at the ends of a header's value
 * ({@link https://fetch.spec.whatwg.org/#concept-header-value-normalize}).
 */
export function skipSpace(text: string, from: number, step = 1): number {
  let at = from
  while (' \n\r\t'.includes(text[at] ?? '.')) {
    at += step
  }
  return at
}
