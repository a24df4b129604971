import { attempt } from './attempt.js'

/** Whose bodies are looked at: those of all requests, or of the requests whose path begins with one of these. */
export type BodyPaths = 'all' | readonly string[]

/** What the `body` option of some options asks for. Anything but `false` or a list of path prefixes means all. */
export function bodyPathsOf(options: { readonly body?: unknown } | undefined): BodyPaths {
  const body = attempt(() => options?.body)
  if (body === false) {
    return []
  }
  return Array.isArray(body) ? body.filter((prefix) => typeof prefix === 'string' && prefix !== '').map(asPath) : 'all'
}

/** The `body` option that a text in the environment stands for: `0`, or path prefixes with commas between them. */
export function bodyOptionIn(text = ''): boolean | string[] {
  const words = text.split(',').map((word) => word.trim())
  if (words.length === 1 && /^(?:1|true|0|false|)$/i.test(words[0] as string)) {
    return !/^(?:0|false)$/i.test(words[0] as string)
  }
  return words
}

/** What two calls ask for together. */
export function bothPaths(some: BodyPaths, others: BodyPaths): BodyPaths {
  return some === 'all' || others === 'all' ? 'all' : [...new Set([...some, ...others])]
}

/** Whether the body of a request to this URL is to be looked at. A prefix ends where a segment of the path ends. */
export function takesPath(paths: BodyPaths, url: string): boolean {
  if (paths === 'all') {
    return true
  }
  const [path = ''] = url.replace(ORIGIN, '').split(/[?#]/, 1)
  return paths.some((prefix) => path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`))
}

/** Clients of a proxy may send an absolute URL. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i

function asPath(prefix: string): string {
  return prefix.startsWith('/') ? prefix : `/${prefix}`
}
