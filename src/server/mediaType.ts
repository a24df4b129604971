/** The media type of a `Content-Type`, without its parameters. A RegExp that skips white space would take quadratic time. */
export function mediaTypeOf(contentType: string): string {
  const [type = ''] = contentType.split(';', 1)
  return type.trim().toLowerCase()
}
