import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page } from '../../support/openPage.js'
import { placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

const CARRIERS = ['body', 'query', 'baggage'] as const

/** In the page: freezes the value and all that it holds. */
function deepFreeze<T extends object>(value: T): T {
  for (const key of Reflect.ownKeys(value)) {
    const member = Reflect.get(value, key)
    if (typeof member === 'object' && member !== null && !ArrayBuffer.isView(member)) {
      deepFreeze(member)
    }
  }
  return Object.freeze(value)
}

/** In the page: all that can be told of the value, as data. */
async function snapshot(value: unknown): Promise<unknown> {
  if (value instanceof Request) {
    const { url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = value
    const headers = [...value.headers]
    return [url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive, headers]
  }
  if (value instanceof Blob) {
    return [value.type, await value.text()]
  }
  if (value instanceof ArrayBuffer) {
    return [...new Uint8Array(value)]
  }
  if (ArrayBuffer.isView(value)) {
    return [value.byteOffset, value.byteLength, [...new Uint8Array(value.buffer)]]
  }
  if (value instanceof URL || typeof value !== 'object' || value === null) {
    return String(value)
  }
  if (Symbol.iterator in value) {
    return [...(value as Iterable<[string, unknown]>)].map(([key, entry]) => [key, String(entry)])
  }
  const members = Reflect.ownKeys(value).map(async (key) => {
    const isGetter = Object.getOwnPropertyDescriptor(value, key)?.get !== undefined
    return [String(key), isGetter ? 'getter' : await snapshot(Reflect.get(value, key))]
  })
  return Promise.all(members)
}

/** What functions of the page are given to make the arguments of a call with. */
interface Parts {
  path: string
  headers: Record<string, string>
  deepFreeze: typeof deepFreeze
}
const headers = { 'content-type': 'application/json', baggage: 'a=1' }

/** In the page: arguments of `fetch`. */
type ArgumentsOf = (parts: Parts) => [input: RequestInfo | URL, init?: RequestInit]

const OBJECTS: Array<[name: string, argumentsOf: ArgumentsOf]> = [
  [
    'a frozen init',
    ({ path, headers, deepFreeze }) => [path, deepFreeze({ method: 'POST', headers, body: '{"a":1}' })],
  ],
  [
    'frozen tuples',
    ({ path, headers, deepFreeze }) => [
      path,
      deepFreeze({ method: 'POST', headers: Object.entries(headers), body: '{"a":1}' }),
    ],
  ],
  [
    'a Headers object',
    ({ path, headers }) => [path, { method: 'POST', headers: new Headers(headers), body: '{"a":1}' }],
  ],
  [
    'a Map of headers',
    ({ path, headers }) => [
      path,
      { method: 'POST', headers: new Map(Object.entries(headers)) as unknown as HeadersInit, body: '{"a":1}' },
    ],
  ],
  ['an init without headers', ({ path }) => [path, Object.freeze({ method: 'POST', body: '{"a":1}' })]],
  ['an empty init', ({ path }) => [path, Object.freeze({})]],
  ['a URL object', ({ path }) => [new URL(`${path}?x=1#h`, location.href)]],
  ['URLSearchParams', ({ path }) => [path, { method: 'POST', body: new URLSearchParams('a=1') }]],
  [
    'FormData',
    ({ path }) => {
      const body = new FormData()
      body.append('a', '1')
      return [path, { method: 'POST', body }]
    },
  ],
  [
    'an ArrayBuffer',
    ({ path, headers }) => [path, { method: 'POST', headers, body: new TextEncoder().encode('{"a":1}').buffer }],
  ],
  [
    'a view',
    ({ path, headers }) => [
      path,
      { method: 'POST', headers, body: new TextEncoder().encode('{{"a":1}}').subarray(1, 8) },
    ],
  ],
  ['a Blob', ({ path }) => [path, { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) }]],
  ['a Request without a body', ({ path, headers }) => [new Request(path, { method: 'POST', headers })]],
  [
    'a Request and a frozen init',
    ({ path, headers, deepFreeze }) => [
      new Request(path, { headers }),
      deepFreeze({ method: 'POST', body: '{"a":1}' }),
    ],
  ],
  [
    'getters',
    ({ path, headers }) => {
      const init = {
        get method() {
          return 'POST'
        },
        get headers() {
          return { ...headers }
        },
        get body() {
          return '{"a":1}'
        },
      }
      return [path, init]
    },
  ],
  [
    'a class instance',
    ({ path, headers }) => {
      class Init {
        get method() {
          return 'POST'
        }
        get headers() {
          return { ...headers }
        }
        get body() {
          return '{"a":1}'
        }
      }
      return [path, new Init()]
    },
  ],
  ['inherited members', ({ path, headers }) => [path, Object.create({ method: 'POST', headers, body: '{"a":1}' })]],
  [
    'headers of a class',
    ({ path, headers }) => {
      class Own extends Headers {}
      return [path, { method: 'POST', headers: new Own(headers), body: '{"a":1}' }]
    },
  ],
  ['a Request as init', ({ path, headers }) => [path, new Request('/other', { method: 'PUT', headers })]],
]

let calls = 0
const newPath = () => `/agent/objects/${++calls}`

describe.each(CARRIERS)('with carrier %s', (carrier) => {
  let page: Page
  beforeAll(async () => {
    page = await openPage({ plugin: { origins: ['/agent'], carrier } })
    await page.sessionId()
  })
  afterAll(() => page?.close())

  /** How often the id is in each call that arrived. */
  async function timesCarried(path: string): Promise<number[]> {
    const id = await page.sessionId()
    return servers.site.requestsTo(path).map((request) => placesOf(request, id).length)
  }

  it.each(OBJECTS)(
    'fetch changes nothing of %s, which serves twice, each time with the id once',
    async (_, argumentsOf) => {
      const path = newPath()
      const [before, between, after] = await page.run(
        async ({ argumentsOf, snapshot, ...parts }) => {
          const [input, init] = argumentsOf(parts)
          const state = async () => JSON.stringify([await snapshot(input), await snapshot(init)])
          const before = await state()
          await fetch(input, init)
          const between = await state()
          await fetch(input, init)
          return [before, between, await state()]
        },
        { argumentsOf, snapshot, path, headers, deepFreeze },
      )
      expect(between).toEqual(before)
      expect(after).toEqual(before)
      expect(await timesCarried(path)).toEqual([1, 1])
      const [first, second] = servers.site.requestsTo(path)
      const form = /boundary=(.*)/
      const text = (request = first) =>
        request?.text.replaceAll(form.exec(request.header('content-type') ?? '')?.[1] ?? '\0', '')
      expect(text(second)).toBe(text(first))
      expect([second?.method, second?.url, second?.header('baggage')]).toEqual([
        first?.method,
        first?.url,
        first?.header('baggage'),
      ])
    },
  )

  it('fetch of a Request leaves it as native fetch does', async () => {
    const path = newPath()
    const [before, after, isUsed] = await page.run(
      async ({ path, headers, snapshot }) => {
        const settings = { referrerPolicy: 'origin', credentials: 'include' } as const
        const request = new Request(`${path}?a=1#h`, { method: 'PUT', headers, body: '{"a":1}', ...settings })
        const before = await snapshot(request)
        await fetch(request)
        return [before, await snapshot(request), request.bodyUsed]
      },
      { path, headers, snapshot },
    )
    expect(after).toEqual(before)
    expect(isUsed).toBe(true)
    expect(await timesCarried(path)).toEqual([1])
  })

  it.each<[name: string, bodyOf: () => XMLHttpRequestBodyInit, headers?: Record<string, string>]>([
    ['URLSearchParams', () => new URLSearchParams('a=1')],
    [
      'FormData',
      () => {
        const form = new FormData()
        form.append('a', '1')
        return form
      },
    ],
    ['bytes', () => new TextEncoder().encode('{{"a":1}}').subarray(1, 8), { 'content-type': 'application/json' }],
    ['an ArrayBuffer', () => new TextEncoder().encode('{"a":1}').buffer, { 'content-type': 'application/json' }],
    ['a Blob', () => new Blob(['{"a":1}'], { type: 'application/json' })],
  ])('XHR changes nothing of %s, which serves twice, each time with the id once', async (_, bodyOf, headers = {}) => {
    const path = newPath()
    const [before, after] = await page.run(
      async ({ bodyOf, headers, path, snapshot }) => {
        const body = bodyOf()
        const before = await snapshot(body)
        const xhr = new XMLHttpRequest()
        for (let i = 0; i < 2; i++) {
          xhr.open('POST', path)
          for (const [name, value] of Object.entries(headers)) {
            xhr.setRequestHeader(name, value)
          }
          const done = new Promise((resolve) => {
            xhr.onloadend = resolve
          })
          xhr.send(body)
          await done
        }
        return [before, await snapshot(body)]
      },
      { bodyOf, headers, path, snapshot },
    )
    expect(after).toEqual(before)
    expect(await timesCarried(path)).toEqual([1, 1])
  })
})
