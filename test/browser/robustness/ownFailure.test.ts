/** @module-tag quick */
import { describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'

/** In the page: a call of each kind, to a path. */
function makeCalls() {
  const headers = { 'content-type': 'application/json' }
  return [
    (path: string) => fetch(path, { method: 'POST', headers, body: '{"a":1,"session_id":"x"}' }),
    (path: string) => fetch(path, { method: 'POST', headers, body: new Uint8Array([0x7b, 0x7d]) }),
    (path: string) => fetch(path, { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) }),
    (path: string) => fetch(new Request(path, { method: 'POST', body: '{"a":1}' })),
    (path: string) => fetch(path),
    (path: string) =>
      new Promise<XMLHttpRequest>((resolve) => {
        const xhr = new XMLHttpRequest()
        xhr.open('POST', path)
        xhr.setRequestHeader('content-type', 'application/json')
        xhr.onloadend = () => resolve(xhr)
        xhr.send('{"a":1}')
      }),
  ]
}

describe("when something the plugin works with fails, the page's call goes out once, and is answered", () => {
  it.each<[name: string, fail: (t: { fault: () => never }) => unknown]>([
    ['getInternalContext throws', ({ fault }) => Object.assign(DD_RUM, { getInternalContext: fault })],
    ['getInternalContext gives nonsense', () => Object.assign(DD_RUM, { getInternalContext: () => 7 })],
    [
      'the session id is no string',
      () => Object.assign(DD_RUM, { getInternalContext: () => ({ session_id: { a: 1 } }) }),
    ],
    ['URL is gone', () => Reflect.deleteProperty(window, 'URL')],
    [
      'URL throws',
      ({ fault }) => {
        window.URL = class {
          constructor() {
            fault()
          }
        } as never
      },
    ],
    ['URLSearchParams is gone', () => Reflect.deleteProperty(window, 'URLSearchParams')],
    ['Headers is gone', () => Reflect.deleteProperty(window, 'Headers')],
    ['FormData is gone', () => Reflect.deleteProperty(window, 'FormData')],
    [
      'TextDecoder and TextEncoder are gone',
      () => ['TextDecoder', 'TextEncoder'].map((name) => Reflect.deleteProperty(window, name)),
    ],
    ['JSON throws', ({ fault }) => Object.assign(JSON, { parse: fault, stringify: fault })],
    [
      'a Headers cannot be read',
      ({ fault }) => Object.assign(Headers.prototype, { get: fault, forEach: fault, has: fault, entries: fault }),
    ],
    [
      'a Blob cannot be read',
      () => {
        const reject = () => Promise.reject(new Error('on purpose'))
        Object.assign(Blob.prototype, { text: reject, arrayBuffer: reject })
      },
    ],
    [
      'Array methods of the page are odd',
      () => {
        Object.assign(Array.prototype, { odd() {} })
        Object.assign(Object.prototype, { odd: 1 })
      },
    ],
    [
      'the console throws',
      ({ fault }) => Object.assign(console, { log: fault, warn: fault, error: fault, debug: fault, info: fault }),
    ],
  ])('%s', async (name, fail) => {
    if (name === 'JSON throws') {
      skipIn('webkit', "its driver needs the page's JSON")
    }
    for (const carrier of ['body', 'query', 'baggage'] as const) {
      const page = await openPage({ plugin: { origins: ['/agent'], carrier, debug: true } })
      await page.sessionId()
      const path = `/agent/own-failure/${name.replace(/\W/g, '')}/${carrier}`
      const statuses = await page.run(
        async ({ fail, makeCalls, path }) => {
          fail({
            fault() {
              throw new Error('on purpose')
            },
          })
          const statuses: number[] = []
          for (const [index, call] of makeCalls().entries()) {
            statuses.push((await call(`${path}/${index}`)).status)
          }
          return statuses
        },
        { fail, makeCalls, path },
      )
      expect(statuses).toEqual([200, 200, 200, 200, 200, 200])
      for (const index of statuses.keys()) {
        const request = await servers.site.only(`${path}/${index}`)
        expect(request.method).toBe(index === 4 ? 'GET' : 'POST')
        expect(request.text.endsWith(['"x"}', '}', '"a":1}', '"a":1}', '', '"a":1}'][index] as string)).toBe(true)
      }
      expect(page.errors).toEqual([])
      await page.close()
    }
  })
})

it('an XHR that cannot be opened with the changed URL goes out as the page made it', async () => {
  const page = await openPage({
    before: () => {
      const { open } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.open = function (...args: unknown[]) {
        if (String(args[1]).includes('session_id=')) throw new Error('on purpose')
        return Reflect.apply(open, this, args)
      }
    },
    plugin: { origins: ['/agent'], carrier: 'query' },
  })
  await page.sessionId()
  const path = '/agent/own-failure/open'
  await page.run(
    ({ path }) =>
      new Promise((resolve) => {
        const xhr = new XMLHttpRequest()
        xhr.open('POST', path)
        xhr.setRequestHeader('x-one', '1')
        xhr.setRequestHeader('x-two', '2')
        xhr.onloadend = resolve
        xhr.send('text')
      }),
    { path },
  )
  const request = await servers.site.only(path)
  expect(request).toMatchObject({ url: path, text: 'text' })
  expect([request.header('x-one'), request.header('x-two')]).toEqual(['1', '2'])
  expect(page.errors).toEqual([])
  await page.close()
})
