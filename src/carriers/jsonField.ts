import { hasOwn } from '../defence/inherited.js'
import * as natives from '../defence/natives.js'
import { decodeUtf8 } from '../lib/decodeUtf8.js'
import { isObject } from '../lib/isObject.js'
import { skipSpace } from '../lib/skipSpace.js'
import { type Added, alreadyThere, changedTo } from './added.js'

export interface JsonOptions {
  /** Whether to parse the text in any case, because only the text can tell that it is JSON. */
  readonly isUncertain: boolean
}

/** Where the new member goes: behind the brace at `at`, with the first `depth` names of the path. */
interface Place {
  readonly at: number
  readonly depth: number
}

const CERTAIN: JsonOptions = { isUncertain: false }

const quote: (text: string) => string = natives.JSON.stringify

/** Reads a field of a parsed JSON body. `undefined` if the path leads to nothing. */
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
 * Adds a field to the text of a JSON object. It does not serialize the object again, so the rest
 * of the text stays as it is: white space, big integers, duplicate keys.
 *
 * It parses the text only if one of the names may be in it. Otherwise the first and the last
 * characters tell an object from other JSON.
 *
 * @param path - The name of the field, or the names on the way to it. Missing objects are created.
 * @returns The changed text, or the value that is there already. `undefined` if the text is not a
 * JSON object, if something on the path is not an object, or if the field would become a member of
 * a JSON-RPC envelope.
 */
export function addJsonField(
  text: string,
  path: readonly string[],
  value: string,
  { isUncertain }: JsonOptions = CERTAIN,
): Added<string> | undefined {
  const at = skipSpace(text, 0)
  if (!looksLikeObject(text, at)) {
    return undefined
  }
  let place: Place | undefined = { at, depth: 0 }
  const [first = ''] = path
  if (isUncertain || needsParser(first).test(text)) {
    const body = parse(text)
    if (path.length === 1 && hasMember(body, 'jsonrpc')) {
      return undefined
    }
    const present = readJsonField(body, path)
    if (present !== undefined) {
      return alreadyThere(present)
    }
    place = findPlace(text, at, body, path)
  }
  return place && changedTo(insert(text, place, path, value))
}

/**
 * The same for UTF-8 bytes; other bytes are not JSON
 * ({@link https://www.rfc-editor.org/rfc/rfc8259#section-8.1 | RFC 8259}).
 */
export function addJsonFieldToBytes(
  bytes: Uint8Array,
  path: readonly string[],
  value: string,
): Added<Uint8Array> | undefined {
  const text = decodeUtf8(bytes)
  const added = text ? addJsonField(text, path, value) : undefined
  return added?.changed === undefined ? added : changedTo(new natives.TextEncoder().encode(added.changed))
}

/** Whether a text begins and ends like a JSON object. Anything may be in between. */
function looksLikeObject(text: string, at: number): boolean {
  const afterBrace = text[skipSpace(text, at + 1)]
  const last = text[skipSpace(text, text.length - 1, -1)]
  return text[at] === '{' && (afterBrace === '"' || afterBrace === '}') && last === '}'
}

/**
 * Finds what needs a parser: the name, a JSON-RPC envelope, or an escape sequence that may stand for
 * a character of either. One RegExp is faster than three searches for text.
 */
function needsParser(name: string): RegExp {
  const isPlain = /^[\w-]*$/.test(name)
  return isPlain ? new natives.RegExp(`"(${name}|jsonrpc)"|\\\\u00`) : /^/
}

/** The parsed text; `undefined`, which no JSON text stands for, if it is not JSON. */
function parse(text: string): unknown {
  try {
    return natives.JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Follows the path as far as it is there. `undefined` if it ends at something else than an object. */
function findPlace(text: string, start: number, body: unknown, path: readonly string[]): Place | undefined {
  let at = start
  let depth = 0
  let parent = body
  for (const name of path) {
    if (!hasMember(parent, name)) {
      break
    }
    parent = parent[name]
    at = lastValueOf(text, at, name)
    depth += 1
  }
  return isObject(parent) ? { at, depth } : undefined
}

/** The text with the rest of the path, and the value at its end, as the first member. */
function insert(text: string, { at, depth }: Place, path: readonly string[], value: string): string {
  const [name = '', ...inner] = path.slice(depth)
  const nested = inner.reduceRight((member, key) => `{${quote(key)}:${member}}`, quote(value))
  const isEmpty = text[skipSpace(text, at + 1)] === '}'
  return `${text.slice(0, at + 1)}${quote(name)}:${nested}${isEmpty ? '' : ','}${text.slice(at + 1)}`
}

function hasMember(value: unknown, name: string): value is Record<string, unknown> {
  return isObject(value) && hasOwn(value, name)
}

/**
 * The place of a member's value, in the text of the object that opens at `at`. If the name comes
 * several times, the last one counts, as for `JSON.parse`. The text must be valid JSON, and the
 * object must have the member.
 */
function lastValueOf(text: string, at: number, name: string): number {
  let level = 0
  let value = at
  let next = at
  do {
    const token = next
    const character = text[token] as string
    next += 1
    if (character === '"') {
      next = endOfString(text, token)
      if (level === 1 && isKey(text, token, next, name)) {
        value = skipSpace(text, skipSpace(text, next) + 1)
      }
    } else if (character === '{' || character === '[') {
      level += 1
    } else if (character === '}' || character === ']') {
      level -= 1
    }
  } while (level)
  return value
}

/** The place behind the string that begins at `at`. Its last quote has an even number of backslashes before it. */
function endOfString(text: string, at: number): number {
  let end = at
  let last: number
  do {
    end = text.indexOf('"', end + 1)
    last = end - 1
    while (text[last] === '\\') {
      last -= 1
    }
  } while ((end - last) % 2 === 0)
  return end + 1
}

/** Whether the string in a text is the key of a member of this name. */
function isKey(text: string, start: number, end: number, name: string): boolean {
  return text[skipSpace(text, end)] === ':' && natives.JSON.parse(text.slice(start, end)) === name
}
