import { expect } from 'vitest'
import type { CapturedRequest } from './captureServer.js'

/** The ways in which a page makes a request with a method, headers and a body. */
export const FETCH_CLIENTS = [
  'fetch(string, init)',
  'fetch(URL, init)',
  'fetch(Request)',
  'fetch(Request, {})',
  'fetch(Request, init)',
] as const
export const XHR_CLIENTS = ['XHR', 'sync XHR'] as const
export const CLIENTS = [...FETCH_CLIENTS, ...XHR_CLIENTS] as const
export type Client = (typeof CLIENTS)[number]

export const isXhr = (client: Client) => client.includes('XHR')
/** Whether the body is part of a Request when `fetch` gets it, so that it can only be told by its content type. */
export const hidesBody = (client: Client) => client === 'fetch(Request)' || client === 'fetch(Request, {})'

/** A body, as data that can be handed to a page; `send` makes it what `as` names. */
export type Body =
  | { as: 'string' | 'ReadableStream' | 'XMLDocument'; text: string }
  /** `text` is padded with spaces to the element size; `type` is the media type of a Blob or File. */
  | { as: BufferKind; text: string; type?: string }
  | { as: BufferKind; bytes: number[]; type?: string }
  | { as: 'URLSearchParams'; entries: Array<[string, string]> }
  | { as: 'FormData'; entries: Array<[string, string | { fileName: string; type: string; text: string }]> }
  | { as: 'null' }
export type BufferKind =
  | 'ArrayBuffer'
  | 'DataView'
  | 'Blob'
  | 'File'
  | 'Int8Array'
  | 'Uint8Array'
  | 'Uint8ClampedArray'
  | 'Uint16Array'
  | 'Int32Array'
  | 'Float64Array'
  | 'BigUint64Array'
  /** Part of a larger buffer. */
  | 'Uint8Array view'
  | 'DataView view'

export interface Call {
  client: Client
  url: string
  method?: string
  headers?: Record<string, string>
  headersAs?: 'object' | 'Headers' | 'tuples' | 'iterable'
  body?: Body
  /** Further members of `init`, for fetch only. */
  init?: Record<string, unknown>
}

/** Makes the call in the page that it is evaluated in, and waits for its answer. Refers to nothing outside itself. */
export async function send(call: Call): Promise<void> {
  const makeBody = (body: Body): unknown => {
    switch (body.as) {
      case 'null':
        return null
      case 'string':
        return body.text
      case 'XMLDocument':
        return new DOMParser().parseFromString(body.text, 'application/xml')
      case 'ReadableStream':
        return new Blob([body.text]).stream()
      case 'URLSearchParams':
        return new URLSearchParams(body.entries)
      case 'FormData': {
        const form = new FormData()
        for (const [name, value] of body.entries) {
          typeof value === 'string'
            ? form.append(name, value)
            : form.append(name, new File([value.text], value.fileName, { type: value.type }))
        }
        return form
      }
    }
    const [kind, view] = body.as.split(' ') as [string, string | undefined]
    const size = { Uint16Array: 2, Int32Array: 4, Float64Array: 8, BigUint64Array: 8 }[kind] ?? 1
    const content = 'bytes' in body ? body.bytes : [...new TextEncoder().encode(body.text)]
    while (content.length % size !== 0) {
      content.push(0x20)
    }
    const margin = view === undefined ? 0 : 7
    const bytes = new Uint8Array(content.length + 2 * margin).fill(0x23)
    bytes.set(content, margin)
    const options = body.type === undefined ? {} : { type: body.type }
    switch (kind) {
      case 'ArrayBuffer':
        return bytes.buffer
      case 'Blob':
        return new Blob([bytes], options)
      case 'File':
        return new File([bytes], 'file', options)
    }
    const View = (
      globalThis as unknown as Record<string, new (buffer: ArrayBuffer, at: number, length: number) => unknown>
    )[kind]
    return View && new View(bytes.buffer, margin, content.length / size)
  }

  const { client, method = 'GET' } = call
  const url = new URL(call.url, location.href).href
  const body = call.body && makeBody(call.body)
  if (client === 'XHR' || client === 'sync XHR') {
    const xhr = new XMLHttpRequest()
    const isAsync = client === 'XHR'
    xhr.open(method, url, isAsync)
    for (const [name, value] of Object.entries(call.headers ?? {})) {
      xhr.setRequestHeader(name, value)
    }
    const done = new Promise<void>((resolve, reject) => {
      if (isAsync) {
        xhr.onload = () => resolve()
        xhr.onerror = () => reject(new Error(`XHR to ${url} failed`))
      } else {
        resolve()
      }
    })
    call.body === undefined ? xhr.send() : xhr.send(body as XMLHttpRequestBodyInit)
    return done
  }

  const init: RequestInit & { duplex?: 'half' } = { method, ...call.init }
  if (call.body !== undefined) {
    init.body = body as BodyInit
    if (call.body.as === 'ReadableStream') {
      init.duplex = 'half'
    }
  }
  if (call.headers !== undefined) {
    const tuples = Object.entries(call.headers)
    switch (call.headersAs) {
      case 'Headers':
        init.headers = new Headers(tuples)
        break
      case 'tuples':
        init.headers = tuples
        break
      case 'iterable':
        init.headers = new Map(tuples) as unknown as HeadersInit
        break
      default:
        init.headers = call.headers
    }
  }
  const response = await {
    'fetch(string, init)': () => fetch(url, init),
    'fetch(URL, init)': () => fetch(new URL(url), init),
    'fetch(Request)': () => fetch(new Request(url, init)),
    'fetch(Request, {})': () => fetch(new Request(url, init), {}),
    'fetch(Request, init)': () => fetch(new Request(url, call.headers && { headers: { 'x-replaced': '1' } }), init),
  }[client]()
  await response.text()
}

/** A call that an entry matches, and the same call to a path that none matches. */
export interface Pair {
  agent: CapturedRequest
  plain: CapturedRequest
}

export interface Change {
  body?: string | Buffer
  query?: string
  /** Headers that are added or replaced. */
  headers?: Record<string, string>
}

/** Of the path, of the connection, of the body's length and multipart boundary, and RUM's own cookie with its times. */
const VARYING = new Set([':path', ':authority', 'host', 'connection', 'content-length', 'cookie'])

const boundaryOf = (request: CapturedRequest) => /boundary=(\S+)/.exec(request.header('content-type') ?? '')?.[1]

/** The text with the browser's random multipart boundary replaced by a fixed one. */
export function textOf(request: CapturedRequest): string {
  const boundary = boundaryOf(request)
  return boundary === undefined ? request.text : request.text.replaceAll(boundary, 'BOUNDARY')
}

function comparableHeaders(request: CapturedRequest): Record<string, string> {
  const boundary = boundaryOf(request)
  return Object.fromEntries(
    request.rawHeaders
      .map(([name, value]): [string, string] => [
        name.toLowerCase(),
        boundary === undefined ? value : value.replace(boundary, 'BOUNDARY'),
      ])
      .filter(([name]) => !VARYING.has(name)),
  )
}

/** Asserts that the matching call arrived as the other one did, but for this change. */
export function expectOnly({ agent, plain }: Pair, change: Change = {}): void {
  expect(agent.method).toBe(plain.method)
  expect(agent.query).toBe(change.query ?? plain.query)
  expect(comparableHeaders(agent)).toEqual({ ...comparableHeaders(plain), ...change.headers })
  if (change.body === undefined && boundaryOf(plain) === undefined) {
    expect(agent.body.equals(plain.body), `body ${agent.text} is ${plain.text}`).toBe(true)
  } else if (Buffer.isBuffer(change.body)) {
    expect(agent.body.toString('latin1')).toBe(change.body.toString('latin1'))
  } else {
    expect(textOf(agent)).toBe(change.body ?? textOf(plain))
  }
}

/** The JSON object text with the field as its first member, and every other byte where it was. */
export function withField(body: Buffer, id: string, field = 'session_id'): Buffer {
  const at = body.indexOf('{') + 1
  const isEmpty = body.subarray(at).toString('latin1').trimStart().startsWith('}')
  const member = `${JSON.stringify(field)}:${JSON.stringify(id)}${isEmpty ? '' : ','}`
  return Buffer.concat([body.subarray(0, at), Buffer.from(member), body.subarray(at)])
}
