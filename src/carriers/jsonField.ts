import { decodeUtf8 } from '../lib/decodeUtf8.js'
import { JSON, Object, TextEncoder } from '../lib/globals.js'
import { isObject } from '../lib/isObject.js'
import { memoize } from '../lib/memoize.js'
import { skipSpace } from '../lib/skipSpace.js'
import { type Added, alreadyThere, changedTo } from './added.js'

/** Reads a field of a parsed JSON body; `undefined` where a part of the path is missing or is no object. */
export function readJsonField(body: unknown, path: readonly string[]): unknown {
  let value = body
  for (const name of path) {
    if (!hasMember(value, name)) {
      return undefined
    }
    value = value[name]
  }
  return value
}

/**
 * Adds a field to the text of a JSON object, without serializing the object again: all that is there stays as it was, to the
 * last character (white space, big integers, duplicate keys).
 *
 * The text is parsed only where one of the names may occur in it, or on request; else its first and last characters tell
 * an object from other JSON text.
 *
 * @param path - Name of the field, or the names on the way to it; objects that are missing on the way are created.
 * @param parse - Whether to make sure that the text is JSON, for text that nothing else says so of.
 * @returns The changed text, the value that is there already, or `undefined`: the text is no JSON object, it is a JSON-RPC
 * envelope and the field would be a member of it, or something on the path is not an object.
 */
export function addJsonField(
  text: string,
  path: readonly string[],
  value: string,
  parse = false,
): Added<string> | undefined {
  let at = skipSpace(text, 0)
  const first = text[skipSpace(text, at + 1)]
  if (text[at] !== '{' || (first !== '"' && first !== '}') || text[skipSpace(text, text.length - 1, -1)] !== '}') {
    return undefined
  }
  const isMember = path.length === 1
  let depth = 0

  if (parse || mayHold(path[0] as string)(text) || mayHoldRpc(text) || text.includes(ESCAPE)) {
    let parent: unknown
    try {
      parent = JSON.parse(text)
    } catch {
      return undefined
    }
    if (isMember && hasMember(parent, 'jsonrpc')) {
      return undefined
    }
    while (hasMember(parent, path[depth] as string)) {
      const name = path[depth] as string
      parent = parent[name]
      depth += 1
      if (depth === path.length) {
        return alreadyThere(parent)
      }
      at = lastValueOf(text, at, name)
    }
    if (!isObject(parent)) {
      return undefined
    }
  }

  const isEmpty = text[skipSpace(text, at + 1)] === '}'
  let member = quote(value)
  for (let index = path.length - 1; index >= depth; index -= 1) {
    const pair = `${quote(path[index] as string)}:${member}`
    member = index > depth ? `{${pair}}` : pair
  }
  return changedTo(text.slice(0, at + 1) + (isEmpty ? member : `${member},`) + text.slice(at + 1))
}

/** The same for JSON in UTF-8; other bytes are none ({@link https://www.rfc-editor.org/rfc/rfc8259#section-8.1 | RFC 8259}). */
export function addJsonFieldToBytes(
  bytes: Uint8Array,
  path: readonly string[],
  value: string,
): Added<Uint8Array> | undefined {
  const text = decodeUtf8(bytes)
  const added = text ? addJsonField(text, path, value) : undefined
  return added?.changed === undefined ? added : changedTo(new TextEncoder().encode(added.changed))
}

/** How escape sequences begin that can spell names of the kind that is searched for. */
const ESCAPE = '\\u00'

const quote = memoize<string>(JSON.stringify)

/**
 * The test whether a name may occur in a JSON text, {@link ESCAPE | escape sequences} aside.
 *
 * Engines search a short text that begins with a rare character several times faster than a long one, or one that begins
 * with a quote, which JSON is full of. So the search is for a few characters from the rarest on.
 */
const mayHold = memoize((name): ((text: string) => boolean) => {
  if (/[^\w-]/.test(name)) {
    return () => true
  }
  const whole = `"${name}"`
  const rare = Math.max(whole.search(/[^a-z"]|[jqxz]/), 1)
  const needle = whole.slice(rare, rare + 5)
  return (text) => {
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
      if (text.startsWith(whole, at - rare)) {
        return true
      }
    }
    return false
  }
})

const mayHoldRpc = mayHold('jsonrpc')

function hasMember(value: unknown, name: string): value is Record<string, unknown> {
  // Object.hasOwn is missing in browsers that the RUM SDK supports.
  return isObject(value) && Object.getOwnPropertyDescriptor(value, name) !== undefined
}

/**
 * The place of a member's value in the text of the object that opens at `at`. Of duplicate keys the last one counts, as it
 * does for `JSON.parse`. The text has been parsed before, so it is known to be well formed and to have the member.
 */
function lastValueOf(text: string, at: number, name: string): number {
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g
  tokens.lastIndex = at
  let level = 0
  let value = at
  do {
    const [token] = tokens.exec(text) as unknown as [string]
    if (token.startsWith('"')) {
      const colon = skipSpace(text, tokens.lastIndex)
      if (level === 1 && text[colon] === ':' && JSON.parse(token) === name) {
        value = skipSpace(text, colon + 1)
      }
    } else {
      level += /[{[]/.test(token) ? 1 : -1
    }
  } while (level)
  return value
}
