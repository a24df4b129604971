import { describe, expect, it } from 'vitest'
import { type Call, type CLIENTS, expectOnly, FETCH_CLIENTS, sendPair, XHR_CLIENTS } from '../../support/calls.js'
import type { Source, TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()
const CALL = {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-own': '1' },
  body: { as: 'string', text: '{"a":1}' },
} as const satisfies Partial<Call>

/** What other libraries do to fetch and XHR; each adds `x-library: 1` to every call. */
const LIBRARIES: Array<[name: string, source: Source]> = [
  [
    'adds a header to the init',
    `(() => {
      const inner = window.fetch
      window.fetch = function (input, init) {
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
        headers.append('x-library', '1')
        return inner.call(this, input, { ...init, headers })
      }
    })()`,
  ],
  [
    'makes a Request of every call',
    `(() => {
      const inner = window.fetch
      window.fetch = (input, init) => {
        const request = new Request(input, init)
        request.headers.append('x-library', '1')
        return inner(request)
      }
    })()`,
  ],
  [
    'waits before it calls',
    `(() => {
      const inner = window.fetch
      window.fetch = async (input, init = {}) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        const headers = new Headers(init.headers ?? input.headers)
        headers.append('x-library', '1')
        return inner.apply(window, [input, { ...init, headers }])
      }
    })()`,
  ],
  [
    'is a Proxy',
    `(() => {
      window.fetch = new Proxy(window.fetch, {
        apply(target, self, [input, init]) {
          const headers = new Headers(init?.headers ?? input.headers)
          headers.append('x-library', '1')
          return Reflect.apply(target, self, [input, { ...init, headers }])
        },
      })
    })()`,
  ],
  [
    'defines fetch by a getter',
    `(() => {
      const inner = window.fetch
      const mine = (input, init) => {
        const headers = new Headers(init?.headers ?? input.headers)
        headers.append('x-library', '1')
        return inner(input, { ...init, headers })
      }
      let current = mine
      Object.defineProperty(window, 'fetch', { configurable: true, enumerable: true, get: () => current, set: (value) => { current = value } })
    })()`,
  ],
]
const XHR_LIBRARIES: typeof LIBRARIES = [
  [
    'patches open and send of the prototype',
    `(() => {
      const { open, send } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.open = function (...args) { this.theirs = args; return open.apply(this, args) }
      XMLHttpRequest.prototype.send = function (...args) { this.setRequestHeader('x-library', '1'); return send.apply(this, args) }
    })()`,
  ],
  [
    'replaces the constructor by a subclass',
    `(() => {
      const Native = window.XMLHttpRequest
      window.XMLHttpRequest = class XMLHttpRequest extends Native {
        send(...args) { this.setRequestHeader('x-library', '1'); return super.send(...args) }
      }
    })()`,
  ],
  [
    'replaces the methods of each instance',
    `(() => {
      const Native = window.XMLHttpRequest
      window.XMLHttpRequest = function () {
        const xhr = new Native()
        const { send } = xhr
        xhr.send = (...args) => { xhr.setRequestHeader('x-library', '1'); return send.apply(xhr, args) }
        return xhr
      }
      XMLHttpRequest.prototype = Native.prototype
    })()`,
  ],
]

async function expectBoth(page: TestPage, id: string, clients: readonly (typeof CLIENTS)[number][]): Promise<void> {
  for (const client of clients) {
    const post = await sendPair(page, stage.site, { client, ...CALL })
    expect(post.agent.header('x-library'), client).toBe('1')
    expectOnly(post, { body: `{"session_id":"${id}","a":1}` })
    const get = await sendPair(page, stage.site, { client }, '?a=1')
    expect(get.agent.header('x-library'), client).toBe('1')
    expectOnly(get, { query: `a=1&session_id=${id}` })
  }
  expect(page.errors).toEqual([])
}

describe.each([
  ['fetch', LIBRARIES, FETCH_CLIENTS],
  ['XHR', XHR_LIBRARIES, XHR_CLIENTS],
] as const)('with a library on %s that', (_, libraries, clients) => {
  describe.each(libraries)('%s', (_name, source) => {
    it('came before RUM', async () => {
      const page = await stage.open({ before: source, correlation: `['/agent']` })
      await expectBoth(page, await page.sessionId(), clients)
      await page.close()
    })

    it('came between RUM and init', async () => {
      const page = await stage.open({ between: source, correlation: `['/agent']` })
      await expectBoth(page, await page.sessionId(), clients)
      await page.close()
    })

    it('came right after init', async () => {
      const page = await stage.open({ after: source, correlation: `['/agent']` })
      await expectBoth(page, await page.sessionId(), clients)
      await page.close()
    })

    it('came once RUM had started', async () => {
      const page = await stage.open({ correlation: `['/agent']` })
      const id = await page.sessionId()
      await page.evaluate(source)
      await expectBoth(page, id, clients)
      await page.close()
    })
  })
})

it('an XHR made by a function that hides the native constructor is still seen', async () => {
  const page = await stage.open({ correlation: `['/agent']` })
  const id = await page.sessionId()
  await page.evaluate(`(() => {
    const Native = window.XMLHttpRequest
    window.XMLHttpRequest = function () { return new Native() }
  })()`)
  for (const client of XHR_CLIENTS) {
    expectOnly(await sendPair(page, stage.site, { client, ...CALL }), { body: `{"session_id":"${id}","a":1}` })
  }
  await page.close()
})

it('a library that takes its patch away again takes the one above it with it, and nothing breaks', async () => {
  const page = await stage.open({
    between: 'window.saved = fetch; window.fetch = function () { return saved.apply(this, arguments) }',
    correlation: `['/agent']`,
  })
  await page.sessionId()
  await page.evaluate('void (window.fetch = saved)')
  for (const client of FETCH_CLIENTS) {
    expectOnly(await sendPair(page, stage.site, { client, ...CALL }))
  }
  await page.close()
})

it('a fetch that a library answers itself is answered by it', async () => {
  const page = await stage.open({
    before: `(() => {
      const inner = window.fetch
      window.fetch = async (input, init) => {
        const request = new Request(input, init)
        return request.url.includes('/mocked') ? new Response(await request.text(), { headers: { 'x-url': request.url } }) : inner(input, init)
      }
    })()`,
    correlation: `['/agent']`,
  })
  const id = await page.sessionId()
  const result = await page.evaluate(`(async () => {
    const response = await fetch('/agent/mocked', { method: 'POST', body: '{"a":1}' })
    return [response.headers.get('x-url'), await response.text()]
  })()`)
  expect(result).toEqual([`${stage.site.origin}/agent/mocked`, `{"session_id":"${id}","a":1}`])
  expect(stage.site.requestsTo('/agent/mocked')).toEqual([])
  await page.close()
})
