/**
 * The place of the next character that is not white space of JSON; with a `step` of -1, of the
 * previous one. Browsers drop the same characters at the ends of a header's value.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc8259#section-2 | RFC 8259},
 * {@link https://fetch.spec.whatwg.org/#concept-header-value-normalize | Fetch}
 */
export function skipSpace(text: string, from: number, step = 1): number {
  let at = from
  while (' \n\r\t'.includes(text[at] ?? '.')) {
    at += step
  }
  return at
}
