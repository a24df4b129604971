import { createMatcher } from '../../browser/match.js'
import { type Finding, failed, ok } from '../report.js'

interface Sides {
  /** The URL that the page calls. */
  readonly url: string
  /** The page's origin. */
  readonly page: string
  /** The line of `origins` that takes the URL. */
  readonly line: string
}

/** Says of an entry of `origins` whether it takes the URL, by the plugin's own rules, and if not, why. */
export function inspectEntry(entry: string, { url, page, line }: Sides): Finding {
  const isPath = entry.startsWith('/')
  const whole = isPath ? page + entry : entry
  const matcher = createMatcher(whole, () => undefined)
  const subject = `'${entry}'`
  const todo = `Write: ${line}`
  if (!matcher?.prefix) {
    return failed(
      subject,
      "is no entry: an entry is an origin, the beginning of a URL, or a path of the page's origin",
      todo,
    )
  }
  return matcher.matches({ href: url })
    ? ok(subject, 'takes the URL')
    : failed(subject, `does not take the URL: ${difference(new URL(whole), new URL(url), isPath)}`, todo)
}

function difference(entry: URL, url: URL, isPath: boolean): string {
  const parts = [
    entry.protocol !== url.protocol && 'its scheme',
    entry.hostname !== url.hostname && 'its host',
    portOf(entry) !== portOf(url) && 'its port',
  ].filter((part) => part !== false)
  const [last, ...others] = parts.reverse()
  if (!last) {
    return 'its path is neither that of the URL nor one above it'
  }
  const names = others.length ? `${others.reverse().join(', ')} and ${last}` : last
  const verb = others.length ? 'are not those' : 'is not that'
  return `${names} ${verb} of the URL${isPath ? ", for it means the page's own origin" : ''}`
}

function portOf({ port, protocol }: URL) {
  return port || (protocol === 'https:' ? '443' : '80')
}
