/** What follows a prefix in the first member of a list that begins with it. */
export function valueIn(list: string, separator: string, prefix: string): string | undefined {
  return list
    .split(separator)
    .map((member) => member.trim())
    .find((member) => member.startsWith(prefix))
    ?.slice(prefix.length)
}
