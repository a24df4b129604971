import { describe, expect, it } from 'vitest'
import { openPage } from '../../support/openPage.js'

const POSTS = { match: '/agent', methods: ['post'] }

let count = 0

/** In the page: calls whose method is GET, if nothing else is said. */
const GETS = {
  'fetch of a text': (url: string) => fetch(url),
  'fetch of a URL': (url: string) => fetch(new URL(url, location.href), { headers: { 'x-own': '1' } }),
  'fetch with an inherited method': (url: string) => fetch(url, Object.create({ method: 'GET' })),
  'fetch of a Request': (url: string) => fetch(new Request(url)),
  'fetch of a Request whose method the init replaces': (url: string) =>
    fetch(new Request(url, { method: 'POST' }), { method: 'GET' }),
  XHR: (url: string) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('get', url)
      xhr.onloadend = resolve
      xhr.send()
    }),
  EventSource: (url: string) =>
    new Promise<void>((resolve) => {
      const source = new EventSource(url)
      source.onerror = () => {
        source.close()
        resolve()
      }
    }),
  WebSocket: (url: string) =>
    new Promise<void>((resolve) => {
      const socket = new WebSocket(new URL(url, location.href.replace('http', 'ws')))
      socket.onopen = () => {
        socket.close()
        resolve()
      }
    }),
}

const POST_CALLS = {
  fetch: (url: string) => fetch(url, { method: 'Post', body: '{}' }),
  'fetch of a Request': (url: string) =>
    fetch(new Request(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })),
  'fetch of a Request whose method the init replaces': (url: string) =>
    fetch(new Request(url), { method: 'POST', body: '{}' }),
  XHR: (url: string) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', url)
      xhr.onloadend = resolve
      xhr.send('{}')
    }),
  sendBeacon: async (url: string) => navigator.sendBeacon(url, '{}'),
}

describe("an entry with `methods: ['post']`", () => {
  it.each(Object.entries(GETS))('leaves a GET as it is: %s', async (_, call) => {
    const page = await openPage({ plugin: { origins: [POSTS], debug: true } })
    await page.sessionId()
    const path = `/agent/history/${++count}`
    await page.run(async ({ call, url }) => void (await call(url)), { call, url: `${path}?a=1` })
    expect((await page.server.only(path)).query).toBe('a=1')
    expect(page.console.filter((line) => line.includes(path))).toEqual([
      expect.stringContaining(`${path}: no entry takes it`),
    ])
    await page.close()
  })

  it.each(Object.entries(POST_CALLS))('takes a POST: %s', async (_, call) => {
    const page = await openPage({ plugin: [POSTS] })
    const id = await page.sessionId()
    const path = `/agent/chat/${++count}`
    await page.run(async ({ call, url }) => void (await call(url)), { call, url: path })
    const { query, text } = await page.server.only(path)
    expect({ query, text }).toEqual({ query: undefined, text: `{"session_id":"${id}"}` })
    await page.close()
  })

  it('leaves a call to the next entry that takes it', async () => {
    const page = await openPage({
      plugin: [POSTS, { match: '/agent', methods: ['GET', 'PUT'], carrier: 'baggage' }],
    })
    const id = await page.sessionId()
    await page.run((url: string) => fetch(url).then(({ status }) => status), '/agent/both')
    const request = await page.server.only('/agent/both')
    expect(request.query).toBeUndefined()
    expect(request.header('baggage')).toContain(`session.id=${id}`)
    await page.close()
  })

  it.each(['GET', 'POST'])('has the page code of a call run once: %s', async (method) => {
    const page = await openPage({ plugin: [POSTS], sdk: 'stub' })
    const done = await page.expectSame(async (method: string) => {
      const order: string[] = []
      const spied = (name: string, value: unknown) => ({
        enumerable: true,
        get() {
          order.push(name)
          return value
        },
      })
      const init = Object.defineProperties({}, { method: spied('method', method), mode: spied('mode', 'cors') })
      await fetch('/agent/getters', init)
      const xhr = new XMLHttpRequest()
      const named = { toString: () => `${order.push('toString') && method}` }
      xhr.open(named as unknown as string, '/agent/converted')
      return order.sort()
    }, method)
    expect(done).toEqual(['method', 'mode', 'toString'])
    await page.close()
  })

  it('hands on the very objects of a call that it does not take', async () => {
    const page = await openPage({
      plugin: [POSTS],
      before: () => {
        const native = fetch
        window.noted = []
        window.fetch = (...args) => {
          window.noted.push(args)
          return native(...args)
        }
      },
    })
    await page.sessionId()
    const isSame = await page.run(async () => {
      const [input, init] = [new URL('/agent/same', location.href), { method: 'GET', headers: {} }]
      await fetch(input, init)
      const [one, other] = window.noted.at(-1) as unknown[]
      return [one === input, other === init]
    })
    expect(isSame).toEqual([true, true])
    await page.close()
  })
})

describe("a RegExp in RUM's options that takes a URL without the query parameter only", () => {
  const warned = (lines: string[]) => lines.filter((line) => line.includes('llmCorrelation'))

  it.each([
    ['allowedTracingUrls', [/\/history$/]],
    ['allowedTracingUrls', [{ match: /\/history$/, propagatorTypes: ['datadog'] }]],
    ['excludedActivityUrls', [/never/, /\/history$/g]],
  ])('is named once: %s', async (name, value) => {
    const page = await openPage({ plugin: ['/agent'], init: { [name]: value } })
    await page.sessionId()
    await page.run(async () => {
      for (const path of ['history', 'history', 'old/history', 'other']) {
        await fetch(`/agent/${path}`)
      }
    })
    expect(warned(page.console)).toEqual([expect.stringMatching(`${name}.*history.*methods`)])
    await page.close()
  })

  it.each<[string, object, object]>([
    ['it takes both', {}, { excludedActivityUrls: [/\/history/] }],
    ['it takes neither', {}, { excludedActivityUrls: [/\/poll$/] }],
    ['the entry leaves the call alone', { methods: ['POST'] }, { excludedActivityUrls: [/\/history$/] }],
    ['the carrier is a header', { carrier: 'baggage' }, { excludedActivityUrls: [/\/history$/] }],
    ['it is no RegExp', {}, { excludedActivityUrls: ['https://other.test', () => false] }],
  ])('is not named if %s', async (_, options, init) => {
    const page = await openPage({ plugin: [{ match: '/agent', ...options }], init })
    await page.sessionId()
    await page.run(() => fetch('/agent/history').then(({ status }) => status))
    expect(warned(page.console)).toEqual([])
    await page.close()
  })
})
