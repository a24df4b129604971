import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { held, newPath, startRum } from '../../support/heldRum.js'
import { openPage, type Page } from '../../support/openPage.js'

/** What a page's script is given. */
interface Given {
  path: string
  /** A JSON text by POST. */
  post: RequestInit
  /** The headers of a JSON body, without the body. */
  json: RequestInit
  bytes(text: string): Uint8Array<ArrayBuffer>
}

/**
 * What a page does to its own objects while its call waits. The call goes out as it was when the
 * page made it.
 */
const CHANGES: Array<[name: string, script: (given: Given) => void, expected?: { text?: string; header?: string }]> = [
  [
    'the method and body of init',
    ({ path, post }) => {
      const init = { ...post }
      fetch(path, init)
      Object.assign(init, { method: 'PUT', body: '{}' })
    },
  ],
  [
    'a body that is taken out of init',
    ({ path, post }) => {
      const init = { ...post }
      fetch(path, init)
      delete init.body
    },
  ],
  [
    'a headers object',
    ({ path, post }) => {
      const headers = { 'x-a': '1' }
      fetch(path, { ...post, headers })
      headers['x-a'] = '2'
    },
    { header: '1' },
  ],
  [
    'a Headers object',
    ({ path, post }) => {
      const headers = new Headers({ 'x-a': '1' })
      fetch(path, { ...post, headers })
      headers.set('x-a', '2')
      headers.set('content-type', 'text/csv')
    },
    { header: '1' },
  ],
  [
    'header tuples',
    ({ path, post }) => {
      const tuple: [string, string] = ['x-a', '1']
      const headers = [tuple]
      fetch(path, { ...post, headers })
      tuple[1] = '2'
      headers.push(['x-a', '3'])
    },
    { header: '1' },
  ],
  [
    'a URL object',
    ({ path, post }) => {
      const url = new URL(path, location.href)
      fetch(url, post)
      url.pathname = '/agent/changed'
      url.search = 'b'
    },
  ],
  [
    'the address that a relative URL is based on',
    ({ path, post }) => {
      fetch(`..${path}`, post)
      history.replaceState(null, '', '/agent/elsewhere/')
    },
  ],
  [
    'the bytes of a typed array',
    ({ path, json, bytes }) => {
      const body = bytes('{"a":1}')
      fetch(path, { ...json, body })
      body.fill(32)
    },
  ],
  [
    'the bytes of an ArrayBuffer',
    ({ path, json, bytes }) => {
      const body = bytes('{"a":1}')
      fetch(path, { ...json, body: body.buffer })
      body.fill(32)
    },
  ],
  [
    'the bytes of a DataView',
    ({ path, json, bytes }) => {
      const body = bytes('{"a":1}')
      fetch(path, { ...json, body: new DataView(body.buffer) })
      body.fill(32)
    },
  ],
  [
    'the bytes of a transferred ArrayBuffer',
    ({ path, json, bytes }) => {
      const body = bytes('{"a":1}')
      fetch(path, { ...json, body })
      structuredClone(body.buffer, { transfer: [body.buffer] })
    },
  ],
  [
    'the entries of a URLSearchParams',
    ({ path }) => {
      const body = new URLSearchParams('a=1')
      fetch(path, { method: 'POST', body })
      body.append('b', '2')
    },
    { text: 'a=1&session_id=ID' },
  ],
  [
    'the headers of a Request',
    ({ path, post }) => {
      const request = new Request(path, { ...post, headers: { 'x-a': '1' } })
      fetch(request)
      request.headers.set('x-a', '2')
    },
    { header: '1' },
  ],
  [
    'the init beside a Request',
    ({ path }) => {
      const init = { body: '{"a":1}', headers: { 'x-a': '1' } }
      fetch(new Request(path, { method: 'POST' }), init)
      init.body = '{}'
      init.headers['x-a'] = '2'
    },
    { header: '1' },
  ],
]

describe('while a fetch waits, the page may change', () => {
  let page: Page
  const paths = new Map<string, string>()
  let id: string

  // All on one page: its history entry is what relative URLs are based on, so that case is the last
  // to be made.
  beforeAll(async () => {
    page = await openPage(held())
    const cases = [...CHANGES].sort(([a], [b]) => Number(a.includes('address')) - Number(b.includes('address')))
    for (const [name, script] of cases) {
      const path = newPath()
      paths.set(name, path)
      await page.run(
        ({ script, path }) =>
          script({
            path,
            post: { method: 'POST', body: '{"a":1}' },
            json: { method: 'POST', headers: { 'content-type': 'application/json' } },
            bytes: (text) => new TextEncoder().encode(text),
          }),
        { script, path },
      )
    }
    id = await startRum(page)
  })
  afterAll(() => page?.close())

  it.each(CHANGES)('%s', async (name, _, { text = '{"session_id":"ID","a":1}', header } = {}) => {
    const request = await page.server.only(paths.get(name) as string)
    expect(request.method).toBe('POST')
    expect([request.query, request.text]).toEqual([undefined, text.replace('ID', id)])
    expect(request.header('x-a')).toBe(header)
  })
})

it('the entries of a FormData may change while its call waits', async () => {
  const path = newPath()
  const page = await openPage(held())
  await page.run((path) => {
    const body = new FormData()
    body.append('a', '1')
    fetch(path, { method: 'POST', body })
    body.append('b', '2')
  }, path)
  const id = await startRum(page)
  const { text } = await page.server.only(path)
  expect(text).toContain(`name="session_id"\r\n\r\n${id}`)
  expect(text).toContain('name="a"')
  expect(text).not.toContain('name="b"')
  await page.close()
})

describe('fetch(Request with a body) that waits', () => {
  it('takes the body at once, as native fetch does', async () => {
    const path = newPath()
    const page = await openPage(held())
    const states = await page.run(async (path) => {
      const request = new Request(path, { method: 'POST', body: '{"a":1}' })
      const before = request.bodyUsed
      fetch(request)
      const after = request.bodyUsed
      const again = await fetch(request).then(
        () => 'sent',
        (error) => error.constructor.name,
      )
      const read = await request.text().then(
        () => 'read',
        (error) => error.constructor.name,
      )
      return [before, after, again, read]
    }, path)
    expect(states).toEqual([false, true, 'TypeError', 'TypeError'])
    const id = await startRum(page)
    const request = await page.server.only(path)
    expect([request.query, request.text]).toEqual([undefined, `{"session_id":"${id}","a":1}`])
    await page.close()
  })

  it('keeps everything else that the Request has', async () => {
    const path = newPath()
    const page = await openPage(held())
    await page.run((path) => {
      const headers = { 'x-a': '1', 'content-type': 'application/json', accept: 'text/plain' }
      const options = { referrer: '/pages/referrer', referrerPolicy: 'unsafe-url', credentials: 'omit' } as const
      fetch(new Request(path, { method: 'PUT', body: '{"a":1}', headers, cache: 'no-store', ...options }))
    }, path)
    const id = await startRum(page)
    const request = await page.server.only(path)
    expect([request.method, request.text]).toEqual(['PUT', `{"session_id":"${id}","a":1}`])
    expect(['x-a', 'content-type', 'accept', 'cache-control', 'cookie'].map(request.header)).toEqual([
      '1',
      'application/json',
      'text/plain',
      'no-cache',
      undefined,
    ])
    expect(request.header('referer')).toBe(`${page.server.origin}/pages/referrer`)
    await page.close()
  })
})
