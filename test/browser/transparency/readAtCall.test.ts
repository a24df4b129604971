import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page } from '../../support/openPage.js'
import { placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

let calls = 0
const newPath = () => `/agent/read/${++calls}`

describe.each(['body', 'query', 'baggage'] as const)('with carrier %s', (carrier) => {
  let page: Page
  beforeAll(async () => {
    page = await openPage({ plugin: { origins: ['/agent'], carrier } })
    await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each<[name: string, initOf: (members: Record<string, unknown>) => RequestInit]>([
    ['a prototype', (members) => Object.create(members)],
    [
      'getters of a class',
      (members) => {
        class Init {
          get all() {
            return members
          }
          get method() {
            return this.all.method as string
          }
          get headers() {
            return this.all.headers as HeadersInit
          }
          get body() {
            return this.all.body as string
          }
        }
        return new Init()
      },
    ],
    [
      'members that are not enumerable',
      (members) => {
        const hidden = Object.entries(members).map(([name, value]) => [name, { value }])
        return Object.defineProperties({}, Object.fromEntries(hidden))
      },
    ],
    [
      'one that is not, among others that are',
      ({ method, ...others }) => Object.defineProperty(others, 'method', { value: method }),
    ],
    ['an object without a prototype', (members) => Object.assign(Object.create(null), members)],
  ])('fetch takes method, headers and body from %s', async (_, initOf) => {
    const path = newPath()
    await page.run(
      ({ path, initOf }) => {
        const headers = { 'x-mine': '1', 'content-type': 'application/json' }
        return fetch(path, initOf({ method: 'PATCH', headers, body: '{"a":1}' })).then(({ status }) => status)
      },
      { path, initOf },
    )
    const request = await servers.site.only(path)
    expect([request.method, request.header('x-mine'), request.text.endsWith('"a":1}')]).toEqual(['PATCH', '1', true])
  })

  it.each<
    [name: string, argumentsOf: (path: string, headers: Record<string, string>) => [RequestInfo | URL, RequestInit?]]
  >([
    [
      'that must read a Blob',
      (path, headers) => {
        const body = new Blob(['{"a":1}'], { type: 'application/json' })
        return [path, { method: 'POST', headers, body }]
      },
    ],
    ['that must read a Request', (path, headers) => [new Request(path, { method: 'POST', headers, body: '{"a":1}' })]],
    [
      'with a URL object',
      (path, headers) => [new URL(path, location.href), { method: 'POST', headers, body: '{"a":1}' }],
    ],
    [
      'with a Headers object',
      (path, headers) => {
        const body = new Blob(['{"a":1}'], { type: 'application/json' })
        return [path, { method: 'POST', headers: new Headers(headers), body }]
      },
    ],
  ])('a fetch %s goes out as it was when it was called', async (_, argumentsOf) => {
    const path = newPath()
    await page.run(
      async ({ path, argumentsOf }) => {
        const [input, init] = argumentsOf(path, { 'x-state': 'called' })
        const promise = fetch(input, init)
        if (input instanceof URL) {
          input.pathname = '/agent/changed'
        }
        if (input instanceof Request) {
          input.headers.set('x-state', 'changed')
        }
        if (init) {
          init.headers instanceof Headers
            ? init.headers.set('x-state', 'changed')
            : Object.assign(init.headers as object, { 'x-state': 'changed' })
          Object.assign(init, { method: 'PUT', body: 'changed' })
        }
        return (await promise).text()
      },
      { path, argumentsOf },
    )
    const request = await servers.site.only(path)
    expect([request.method, request.header('x-state')]).toEqual(['POST', 'called'])
    expect(request.text).toContain('"a":1}')
    expect(placesOf(request, await page.sessionId())).toHaveLength(1)
  })
})
