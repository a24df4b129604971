import { beforeAll, describe, expect, it } from 'vitest'
import type { CapturedRequest } from '../../support/captureServer.js'
import { openPage, type Page } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'] as const
const FORM = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
const JSON_TYPE = { headers: { 'content-type': 'application/json' } }

interface Given {
  url: string
  method: string
  /** Members of `init` with a content type. */
  form: typeof FORM
  json: typeof JSON_TYPE
}

/** In the page: calls without a body. */
const CALLS: Record<string, (t: Given) => unknown> = {
  'text, init': ({ url, method }) => fetch(url, { method }),
  Request: ({ url, method }) => fetch(new Request(url, { method })),
  'Request with a content type': ({ url, method, json }) => fetch(new Request(url, { method, ...json })),
  'Request, init with a content type': ({ url, method, json }) => fetch(new Request(url, { method }), json),
  'Request, init with the method': ({ url, method, json }) => fetch(new Request(url, json), { method }),
  'POST Request, init with the method': ({ url, method }) => fetch(new Request(url, { method: 'POST' }), { method }),
  'POST Request with a content type, init with the method': ({ url, method, json }) =>
    fetch(new Request(url, { method: 'POST', ...json }), { method }),
  'PUT Request with a form type, init with the method': ({ url, method, form }) =>
    fetch(new Request(url, { method: 'PUT', ...form }), { method }),
  'POST Request, init with the method and a null body': ({ url, method, json }) =>
    fetch(new Request(url, { method: 'POST', ...json }), { method, body: null }),
  XHR: ({ url, method }) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open(method, url)
      xhr.setRequestHeader('content-type', 'application/json')
      xhr.onloadend = resolve
      xhr.send()
    }),
}

let page: Page
let native: TestPage
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: { origins: ENTRIES } })
  native = await page.twin()
})

let count = 0
const lengthOf = (request: CapturedRequest) => request.header('content-length')

describe('a call without a body arrives without one, with the id', () => {
  async function sentBy(page: TestPage, name: string, url: string, method: string): Promise<CapturedRequest> {
    await page.run(
      async ({ call, ...given }) => {
        await call(given)
      },
      { call: CALLS[name] as (t: Given) => unknown, url, method, form: FORM, json: JSON_TYPE },
    )
    return servers.site.only(url)
  }

  it.each(times(CARRIERS, Object.keys(CALLS)))('with carrier %s: %s', async (carrier, name) => {
    for (const method of METHODS) {
      const expected = await sentBy(native, name, `/native/${++count}`, method)
      const actual = await sentBy(page, name, `/agent/${carrier}/${count}`, method)
      expect(withoutId(actual), method).toEqual({ ...withoutId(expected), carried: 1 })
      expect(lengthOf(actual), `content-length of ${method}`).toBe(lengthOf(expected))
    }
  })
})

describe('a Request with a body that the init makes a GET or HEAD is refused', () => {
  it.each(times(CARRIERS, ['GET', 'HEAD']))('with carrier %s: %s', async (carrier, method) => {
    const url = `/agent/${carrier}/${++count}`
    const [name] = await page.expectSame(
      async ({ url, method, json }) => {
        const request = new Request(url, { method: 'POST', ...json, body: '{}' })
        const error: unknown = await fetch(request, { method }).catch((error) => error)
        return [error instanceof Error && error.name, request.bodyUsed]
      },
      { url, method, json: JSON_TYPE },
    )
    expect(name).toBe('TypeError')
    expect(servers.site.requestsTo(url)).toEqual([])
  })
})
