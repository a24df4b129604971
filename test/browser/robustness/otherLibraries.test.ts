import { describe, expect, it } from 'vitest'
import { type Call, type CLIENTS, expectOnly, FETCH_CLIENTS, XHR_CLIENTS } from '../../support/calls.js'
import { openPage, type Page, type PageOptions } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { LIBRARIES_ON_FETCH, LIBRARIES_ON_XHR } from './otherLibraries.js'

const CALL = {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-own': '1' },
  body: { as: 'string', text: '{"a":1}' },
} as const satisfies Partial<Call>

const open = (options: PageOptions = {}) => openPage({ plugin: ['/agent'], ...options })

async function expectBoth(page: Page, id: string, clients: readonly (typeof CLIENTS)[number][]): Promise<void> {
  for (const client of clients) {
    const post = await page.sendBoth({ client, ...CALL })
    expect(post.agent.header('x-library'), client).toBe('1')
    expectOnly(post, { body: `{"session_id":"${id}","a":1}` })
    const get = await page.sendBoth({ client }, { query: '?a=1' })
    expect(get.agent.header('x-library'), client).toBe('1')
    expectOnly(get, { query: `a=1&session_id=${id}` })
  }
  expect(page.errors).toEqual([])
}

describe.each([
  ['fetch', LIBRARIES_ON_FETCH, FETCH_CLIENTS],
  ['XHR', LIBRARIES_ON_XHR, XHR_CLIENTS],
] as const)('with a library on %s that', (_, libraries, clients) => {
  describe.each(libraries)('%s', (_name, patch) => {
    it.each<[when: string, options: PageOptions]>([
      ['came before RUM', { before: patch }],
      ['came between RUM and init', { between: patch }],
      ['came right after init', { after: patch }],
    ])('%s', async (_when, options) => {
      const page = await open(options)
      await expectBoth(page, await page.sessionId(), clients)
      await page.close()
    })

    it('came once RUM had started', async () => {
      const page = await open()
      const id = await page.sessionId()
      await page.run(patch)
      await expectBoth(page, id, clients)
      await page.close()
    })
  })
})

it('an XHR made by a function that hides the native constructor is still seen', async () => {
  const page = await open()
  const id = await page.sessionId()
  await page.run(() => {
    const Native = window.XMLHttpRequest
    // An arrow function is no constructor.
    function Hiding() {
      return new Native()
    }
    Object.assign(window, { XMLHttpRequest: Hiding })
  })
  for (const client of XHR_CLIENTS) {
    expectOnly(await page.sendBoth({ client, ...CALL }), { body: `{"session_id":"${id}","a":1}` })
  }
  await page.close()
})

it('a library that takes its patch away again takes the one above it with it, and nothing breaks', async () => {
  const page = await open({
    between: () => {
      const saved = fetch
      Object.assign(window, { saved })
      window.fetch = function (...args) {
        return saved.apply(this, args)
      }
    },
  })
  await page.sessionId()
  await page.run(() => {
    window.fetch = (window as unknown as { saved: typeof fetch }).saved
  })
  for (const client of FETCH_CLIENTS) {
    expectOnly(await page.sendBoth({ client, ...CALL }))
  }
  await page.close()
})

it('a fetch that a library answers itself is answered by it', async () => {
  const page = await open({
    before: () => {
      const inner = window.fetch
      window.fetch = async (input, init) => {
        const request = new Request(input, init)
        if (!request.url.includes('/mocked')) {
          return inner(input, init)
        }
        return new Response(await request.text(), { headers: { 'x-url': request.url } })
      }
    },
  })
  const id = await page.sessionId()
  const result = await page.run(async () => {
    const response = await fetch('/agent/mocked', { method: 'POST', body: '{"a":1}' })
    return [response.headers.get('x-url'), await response.text()]
  })
  expect(result).toEqual([`${servers.site.origin}/agent/mocked`, `{"session_id":"${id}","a":1}`])
  expect(servers.site.requestsTo('/agent/mocked')).toEqual([])
  await page.close()
})
