import { beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import type { Source, TestPage } from '../../support/page.js'
import { times, useStage } from '../../support/stage.js'

const stage = useStage()
const CARRIERS = ['body', 'query', 'baggage'] as const
type Carrier = (typeof CARRIERS)[number]
const pages = {} as Record<Carrier, { page: TestPage; id: string }>

beforeAll(async () => {
  await Promise.all(
    CARRIERS.map(async (carrier) => {
      const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
      pages[carrier] = { page, id: await page.sessionId() }
      await page.evaluate(HELPERS)
    }),
  )
})

const HELPERS: Source = `
  window.deepFreeze = (value) => {
    for (const key of Reflect.ownKeys(value)) {
      const member = value[key]
      if (typeof member === 'object' && member !== null && !ArrayBuffer.isView(member)) deepFreeze(member)
    }
    return Object.freeze(value)
  }
  window.snapshot = async (value) => {
    if (value instanceof Request) {
      const { url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive } = value
      return { url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive, headers: [...value.headers] }
    }
    if (value instanceof Blob) return [value.type, await value.text()]
    if (value instanceof ArrayBuffer) return [...new Uint8Array(value)]
    if (ArrayBuffer.isView(value)) return [value.byteOffset, value.byteLength, [...new Uint8Array(value.buffer)]]
    if (value instanceof URL || typeof value !== 'object' || value === null) return String(value)
    if (typeof value[Symbol.iterator] === 'function') return [...value].map(([key, entry]) => [key, String(entry)])
    return Promise.all(Reflect.ownKeys(value).map(async (key) => [String(key), Object.getOwnPropertyDescriptor(value, key).get ? 'getter' : await snapshot(value[key])]))
  }
  undefined`

/** How often the id is in what arrived: in the URL, the baggage header and the body together. */
async function arrivals(path: string, id: string): Promise<number[]> {
  return stage.site
    .requestsTo(path)
    .map(({ url, text, header }) => `${url} ${header('baggage') ?? ''} ${text}`.split(id).length - 1)
}

let calls = 0

describe.each(CARRIERS)('with carrier %s', (carrier) => {
  const JSON_HEADERS = "{ 'content-type': 'application/json', baggage: 'a=1' }"

  it.each<[name: string, input: (path: string) => Source, init: Source]>([
    [
      'a frozen init',
      (path) => `'${path}'`,
      `deepFreeze({ method: 'POST', headers: ${JSON_HEADERS}, body: '{"a":1}' })`,
    ],
    [
      'frozen tuples',
      (path) => `'${path}'`,
      `deepFreeze({ method: 'POST', headers: Object.entries(${JSON_HEADERS}), body: '{"a":1}' })`,
    ],
    [
      'a Headers object',
      (path) => `'${path}'`,
      `{ method: 'POST', headers: new Headers(${JSON_HEADERS}), body: '{"a":1}' }`,
    ],
    [
      'a Map of headers',
      (path) => `'${path}'`,
      `{ method: 'POST', headers: new Map(Object.entries(${JSON_HEADERS})), body: '{"a":1}' }`,
    ],
    ['an init without headers', (path) => `'${path}'`, `Object.freeze({ method: 'POST', body: '{"a":1}' })`],
    ['an empty init', (path) => `'${path}'`, 'Object.freeze({})'],
    ['a URL object', (path) => `new URL('${path}?x=1#h', location)`, 'undefined'],
    ['URLSearchParams', (path) => `'${path}'`, `{ method: 'POST', body: new URLSearchParams('a=1') }`],
    [
      'FormData',
      (path) => `'${path}'`,
      `(() => { const body = new FormData(); body.append('a', '1'); return { method: 'POST', body } })()`,
    ],
    [
      'an ArrayBuffer',
      (path) => `'${path}'`,
      `{ method: 'POST', headers: ${JSON_HEADERS}, body: new TextEncoder().encode('{"a":1}').buffer }`,
    ],
    [
      'a view',
      (path) => `'${path}'`,
      `{ method: 'POST', headers: ${JSON_HEADERS}, body: new TextEncoder().encode('{{"a":1}}').subarray(1, 8) }`,
    ],
    ['a Blob', (path) => `'${path}'`, `{ method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) }`],
    [
      'a Request without a body',
      (path) => `new Request('${path}', { method: 'POST', headers: ${JSON_HEADERS} })`,
      'undefined',
    ],
    [
      'a Request and a frozen init',
      (path) => `new Request('${path}', { headers: ${JSON_HEADERS} })`,
      `deepFreeze({ method: 'POST', body: '{"a":1}' })`,
    ],
    [
      'getters',
      (path) => `'${path}'`,
      `{ get method() { return 'POST' }, get headers() { return ${JSON_HEADERS} }, get body() { return '{"a":1}' } }`,
    ],
    [
      'a class instance',
      (path) => `'${path}'`,
      `new (class { get method() { return 'POST' } get headers() { return ${JSON_HEADERS} } get body() { return '{"a":1}' } })()`,
    ],
    [
      'inherited members',
      (path) => `'${path}'`,
      `Object.create({ method: 'POST', headers: ${JSON_HEADERS}, body: '{"a":1}' })`,
    ],
    [
      'headers of a class',
      (path) => `'${path}'`,
      `{ method: 'POST', headers: new (class extends Headers {})(${JSON_HEADERS}), body: '{"a":1}' }`,
    ],
    ['a Request as init', (path) => `'${path}'`, `new Request('/other', { method: 'PUT', headers: ${JSON_HEADERS} })`],
  ])('fetch changes nothing of %s, which serves twice, each time with the id once', async (_, input, init) => {
    const { page, id } = pages[carrier]
    const path = `/agent/objects/${++calls}`
    const [before, after, between] = await page.evaluate<unknown[]>(`(async () => {
      const input = ${input(path)}
      const init = ${init}
      const state = async () => JSON.stringify([await snapshot(input), await snapshot(init)])
      const before = await state()
      await fetch(input, init)
      const between = await state()
      await fetch(input, init)
      return [before, await state(), between]
    })()`)
    expect(between).toEqual(before)
    expect(after).toEqual(before)
    expect(await arrivals(path, id)).toEqual([1, 1])
    const [first, second] = stage.site.requestsTo(path)
    const form = /boundary=(.*)/
    const text = (request = first) =>
      request?.text.replaceAll(form.exec(request.header('content-type') ?? '')?.[1] ?? '\0', '')
    expect(text(second)).toBe(text(first))
    expect([second?.method, second?.url, second?.header('baggage')]).toEqual([
      first?.method,
      first?.url,
      first?.header('baggage'),
    ])
  })

  it.each<[name: string, init: (members: Source) => Source]>([
    ['a prototype', (members) => `Object.create(${members})`],
    [
      'getters of a class',
      (members) =>
        `new (class { get method() { return this.all.method } get headers() { return this.all.headers } get body() { return this.all.body } get all() { return ${members} } })()`,
    ],
    ['members that are not enumerable', (members) => `hidden(${members}, {})`],
    [
      'one that is not, among others that are',
      (members) => `hidden({ method: 'PATCH' }, (({ method, ...others }) => others)(${members}))`,
    ],
    ['an object without a prototype', (members) => `Object.assign(Object.create(null), ${members})`],
  ])('fetch takes method, headers and body from %s', async (_, init) => {
    const { page } = pages[carrier]
    const path = `/agent/objects/${++calls}`
    await page.evaluate(`{
      const hidden = (members, init) => {
        for (const name in members) Object.defineProperty(init, name, { value: members[name] })
        return init
      }
      fetch('${path}', ${init(`{ method: 'PATCH', headers: { 'x-mine': '1', 'content-type': 'application/json' }, body: '{"a":1}' }`)})
    }`)
    const request = await stage.site.only(path)
    expect([request.method, request.header('x-mine'), request.text.endsWith('"a":1}')]).toEqual(['PATCH', '1', true])
  })

  it('fetch of a Request leaves it as native fetch does', async () => {
    const { page, id } = pages[carrier]
    const path = `/agent/objects/${++calls}`
    const [before, after, used] = await page.evaluate<unknown[]>(`(async () => {
      const request = new Request('${path}?a=1#h', { method: 'PUT', headers: ${JSON_HEADERS}, body: '{"a":1}', referrerPolicy: 'origin', credentials: 'include' })
      const before = await snapshot(request)
      await fetch(request)
      return [before, await snapshot(request), request.bodyUsed]
    })()`)
    expect(after).toEqual(before)
    expect(used).toBe(true)
    expect(await arrivals(path, id)).toEqual([1])
  })

  it.each<[name: string, body: Source]>([
    ['URLSearchParams', "new URLSearchParams('a=1')"],
    ['FormData', "(() => { const form = new FormData(); form.append('a', '1'); return form })()"],
    ['bytes', `new TextEncoder().encode('{{"a":1}}').subarray(1, 8)`],
    ['an ArrayBuffer', `new TextEncoder().encode('{"a":1}').buffer`],
    ['a Blob', `new Blob(['{"a":1}'], { type: 'application/json' })`],
  ])('XHR changes nothing of %s, which serves twice, each time with the id once', async (name, body) => {
    const { page, id } = pages[carrier]
    const path = `/agent/objects/${++calls}`
    const [before, after] = await page.evaluate<unknown[]>(`(async () => {
      const body = ${body}
      const before = await snapshot(body)
      const xhr = new XMLHttpRequest()
      for (let i = 0; i < 2; i++) {
        xhr.open('POST', '${path}')
        ${name.includes('yte') || name.includes('uffer') ? "xhr.setRequestHeader('content-type', 'application/json')" : ''}
        const done = new Promise((resolve) => { xhr.onloadend = resolve })
        xhr.send(body)
        await done
      }
      return [before, await snapshot(body)]
    })()`)
    expect(after).toEqual(before)
    expect(await arrivals(path, id)).toEqual([1, 1])
  })

  it.each<[name: string, input: (path: string) => Source, init: Source]>([
    [
      'that must read a Blob',
      (path) => `'${path}'`,
      `{ method: 'POST', headers: { 'x-state': 'called' }, body: new Blob(['{"a":1}'], { type: 'application/json' }) }`,
    ],
    [
      'that must read a Request',
      (path) => `new Request('${path}', { method: 'POST', headers: { 'x-state': 'called' }, body: '{"a":1}' })`,
      'undefined',
    ],
    [
      'with a URL object',
      (path) => `new URL('${path}', location)`,
      `{ method: 'POST', headers: { 'x-state': 'called' }, body: '{"a":1}' }`,
    ],
    [
      'with a Headers object',
      (path) => `'${path}'`,
      `{ method: 'POST', headers: new Headers({ 'x-state': 'called' }), body: new Blob(['{"a":1}'], { type: 'application/json' }) }`,
    ],
  ])('a fetch %s goes out as it was when it was called', async (_, input, init) => {
    const { page, id } = pages[carrier]
    const path = `/agent/objects/${++calls}`
    await page.evaluate(`(() => {
      const input = ${input(path)}
      const init = ${init}
      const promise = fetch(input, init)
      if (input instanceof URL) input.pathname = '/agent/changed'
      if (input instanceof Request) input.headers.set('x-state', 'changed')
      if (init) {
        init.headers instanceof Headers ? init.headers.set('x-state', 'changed') : (init.headers['x-state'] = 'changed')
        init.method = 'PUT'
        init.body = 'changed'
      }
      return promise.then((response) => response.text())
    })()`)
    const request = await stage.site.only(path)
    expect([request.method, request.header('x-state')]).toEqual(['POST', 'called'])
    expect(request.text).toContain('"a":1}')
    expect(await arrivals(path, id)).toEqual([1])
  })
})

describe('what a call is set to do, it does', () => {
  /** Kept by the innermost fetch: the request as the browser is to make it. */
  const SPY: Source = `
    window.seen = []
    const native = fetch
    window.fetch = function (input, init) {
      const request = new Request(input instanceof Request ? input.clone() : input, init)
      if (!request.url.includes('rum-intake')) {
        const { method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, isHistoryNavigation } = request
        // In Firefox a copy of a Request is never keepalive, so this one tells nothing.
        const keepalive = ${ENGINE === 'firefox'} ? undefined : request.keepalive
        seen.push({ method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive, isHistoryNavigation })
      }
      return native.apply(this, arguments)
    }`
  const own = {} as Record<Carrier, TestPage>
  beforeAll(async () => {
    for (const carrier of CARRIERS) {
      own[carrier] = await stage.open({ before: SPY, correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
      await own[carrier].sessionId()
    }
  })

  it.each(
    times(CARRIERS, [
      "mode: 'same-origin'",
      "mode: 'cors'",
      "mode: 'no-cors'",
      "credentials: 'omit'",
      "credentials: 'include'",
      "credentials: 'same-origin'",
      "cache: 'no-store'",
      "cache: 'reload'",
      "cache: 'no-cache'",
      "cache: 'force-cache'",
      "mode: 'same-origin', cache: 'only-if-cached'",
      "redirect: 'error'",
      "redirect: 'manual'",
      "referrer: ''",
      "referrer: '/elsewhere'",
      "referrer: 'about:client'",
      "referrerPolicy: 'no-referrer'",
      "referrerPolicy: 'unsafe-url'",
      "referrer: '/elsewhere', referrerPolicy: 'origin'",
      "integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
      'keepalive: true',
      "priority: 'high'",
      "mode: 'cors', credentials: 'omit', cache: 'no-store', redirect: 'error', referrer: '/elsewhere', referrerPolicy: 'unsafe-url', keepalive: true",
    ]),
  )('%s: %s', async (carrier, attributes) => {
    const fetches = [
      `fetch(URL, { method: METHOD, body, ${attributes} })`,
      `fetch(new Request(URL, { method: METHOD, body, ${attributes} }))`,
      `fetch(new Request(URL, { method: METHOD, body, ${attributes} }), {})`,
      `fetch(new Request(URL, { ${attributes} }), { method: METHOD, body })`,
      `fetch(new Request(URL, { ${attributes} }), { method: METHOD, body, headers: { baggage: 'a=1' } })`,
      `fetch(new Request(URL, { method: METHOD }), { body, ${attributes} })`,
    ]
    // Other URLs for each row, lest the browser's cache answers one of them.
    calls++
    const run = (base: string) =>
      own[carrier].evaluate<Array<[string, unknown, string]>>(`(async () => {
        const results = []
        for (const [METHOD, body] of [['GET'], ['POST', '{}']]) {
          const URL = '${base}/attributes/${calls}/' + METHOD
          for (const make of [${fetches.map((call) => `() => ${call}`).join(', ')}]) {
            const outcome = await (async () => make())().then((response) => response.type, (error) => error.name)
            results.push([METHOD + ' ' + make, seen.pop(), outcome])
          }
        }
        return results
      })()`)
    const plain = await run('/plain')
    expect(plain).toHaveLength(2 * fetches.length)
    expect(await run('/agent')).toEqual(plain)
  })

  it.each(CARRIERS)('with carrier %s, referrer and credentials are on the wire as they would be', async (carrier) => {
    await own[carrier].evaluate(`(async () => {
      document.cookie = 'mine=1'
      for (const base of ['/plain', '/agent']) {
        const options = { method: 'POST', body: '{}', referrer: '/elsewhere?a=1', referrerPolicy: 'unsafe-url' }
        await fetch(base + '/wire/${carrier}/include', { ...options, credentials: 'include' })
        await fetch(new Request(base + '/wire/${carrier}/omit', { ...options, credentials: 'omit' }))
      }
    })()`)
    for (const kind of ['include', 'omit']) {
      const agent = await stage.site.only(`/agent/wire/${carrier}/${kind}`)
      const plain = await stage.site.only(`/plain/wire/${carrier}/${kind}`)
      expect(agent.header('referer')).toBe(`${stage.site.origin}/elsewhere?a=1`)
      expect(agent.header('referer')).toBe(plain.header('referer'))
      expect(agent.header('cookie')?.includes('mine=1')).toBe(plain.header('cookie')?.includes('mine=1'))
      expect(agent.header('cookie') === undefined).toBe(kind === 'omit')
    }
  })
})
