import { expect } from 'vitest'
import type { CapturedRequest } from '../support/captureServer.js'
import { placesOf } from '../support/rumSdks.js'
import type { World } from './world.js'

/** Of the connection and the body's length, RUM's own cookie, and a signature's time. */
const VARYING = new Set(['connection', 'sec-websocket-key', 'content-length', 'cookie', 'x-amz-date', 'authorization'])
const TIMES: Array<[RegExp, string]> = [
  [/\b1[6-9]\d{11}\b/g, 'TIME'],
  [/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME'],
  [/&t=\w+/g, '&t=TIME'],
  [/&sid=[\w-]+/g, '&sid=SID'],
  [/----WebKitFormBoundary\w+/g, 'BOUNDARY'],
]

/** The text without what differs between two runs of the same code. */
export const comparable = (world: World, text: string) =>
  TIMES.reduce((all, [pattern, name]) => all.replaceAll(pattern, name), world.comparable(text))

/** A request as data: what it was but for what differs between two runs. */
export interface Comparable {
  line: string
  headers: Array<[string, string]>
  body: string
}

export const comparableRequest = (world: World, request: CapturedRequest): Comparable => ({
  line: comparable(world, `${request.method} ${request.url}`),
  headers: request.rawHeaders
    .map(([name, value]): [string, string] => [name.toLowerCase(), comparable(world, value)])
    .filter(([name]) => !VARYING.has(name)),
  body: comparable(world, request.text),
})

/** Where the session id stands in a request; fails unless it stands in exactly one place. */
export function placeOf(request: CapturedRequest, id: string): string {
  const places = placesOf(request, id)
  expect(places, `places of the id in ${request.method} ${request.url} ${request.text}`).toHaveLength(1)
  const [place] = places
  if (place === 'query') {
    const [name] = [...new URLSearchParams(request.query)].find(([, value]) => value === id) ?? []
    return `query ${name}`
  }
  if (place === 'body') {
    return `body ${nameInForm(request.text, id) ?? pathTo(JSON.parse(request.text), id)?.join('.')}`
  }
  expect(request.header(place as string)).toBe(`session.id=${id}`)
  return `header ${place}`
}

function nameInForm(text: string, value: string): string | undefined {
  const before = text.slice(0, text.indexOf(value))
  const [, part, pair] = /form-data; name="([^"]*)"\r\n\r\n$|(?:^|&)(\w+)=$/.exec(before) ?? []
  return part ?? pair
}

function pathTo(value: unknown, wanted: string): string[] | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === wanted) {
      return [name]
    }
    const path = pathTo(member, wanted)
    if (path !== undefined) {
      return [name, ...path]
    }
  }
  return undefined
}

/** What the request may have been before the id came to this place. */
export function* withoutId(request: Comparable, place: string, id: string): Generator<Comparable> {
  const [kind, name = ''] = place.split(' ')
  if (kind === 'header') {
    yield { ...request, headers: request.headers.filter(([header]) => header !== name) }
    return
  }
  const part = kind === 'query' ? 'line' : 'body'
  const texts =
    kind === 'query'
      ? [`?${name}=${id}`, `&${name}=${id}`]
      : [...members(name, id), field(name, id), `${name}=${id}&`, `&${name}=${id}`]
  for (const text of texts) {
    const at = request[part].indexOf(text)
    if (at >= 0) {
      yield { ...request, [part]: request[part].slice(0, at) + request[part].slice(at + text.length) }
    }
  }
}

const field = (name: string, id: string) =>
  `--BOUNDARY\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${id}\r\n`

/** The member of a JSON object, with each number of the objects that it stands in. */
function* members(path: string, id: string): Generator<string> {
  let text = JSON.stringify(id)
  for (const name of path.split('.').reverse()) {
    const member = `${JSON.stringify(name)}:${text}`
    yield `${member},`
    yield member
    text = `{${member}}`
  }
}
