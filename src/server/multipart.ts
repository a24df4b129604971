/** Finds the name of a part in its `Content-Disposition`. */
const NAME = /^content-disposition:[^\r\n]*?;[ \t]*name=("?)([^";\r\n]*)\1/im
const FILE = /;[ \t]*filename\*?=/i

/** Whether a text is a `multipart/form-data` body: its first line is a delimiter. */
export function isMultipart(text: string): boolean {
  return DELIMITER.test(text)
}

const DELIMITER = /^--([^\r\n]{1,70})\r\n/

/**
 * Reads all values that a name has in the text of a `multipart/form-data` body. Files do not count. The first line gives the
 * delimiter, so nothing but the body has to be known.
 * {@link https://www.rfc-editor.org/rfc/rfc7578}
 */
export function readMultipartFields(text: string, name: string): string[] {
  const boundary = DELIMITER.exec(text)?.[1]?.trimEnd()
  const [, ...parts] = boundary === undefined ? [] : `\r\n${text}`.split(`\r\n--${boundary}`)
  return parts.flatMap((part) => {
    const end = part.indexOf('\r\n\r\n')
    const head = part.slice(0, Math.max(end, 0))
    return NAME.exec(head)?.[2] === name && !FILE.test(head) ? [part.slice(end + 4)] : []
  })
}
