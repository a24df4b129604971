import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Source, TestPage } from '../support/page.js'
import { placesOf } from '../support/rumSdks.js'
import { useStage } from '../support/stage.js'

const stage = useStage()
const ENTRIES: Source = `[
  { match: '/agent/query', carrier: 'query' }, { match: '/agent/body' },
  { match: '/agent/baggage', carrier: 'baggage' }, { match: '/agent/trace-tags', carrier: 'trace-tags' },
]`

/** Makes an XHR, and gives what the page sees of it. */
const xhr = (method: string, url: string, headers: Record<string, string> = {}): Source => `new Promise((resolve) => {
  const xhr = new XMLHttpRequest()
  const seen = []
  xhr.onreadystatechange = () => seen.push(xhr.readyState)
  xhr.open('${method}', '${url}')
  for (const [name, value] of Object.entries(${JSON.stringify(headers)})) xhr.setRequestHeader(name, value)
  xhr.onloadend = () => resolve(seen)
  xhr.send(${method === 'GET' ? '' : "'text'"})
})`

let count = 0

describe('a library above the plugin that writes header values', () => {
  let page: TestPage
  let id: string
  beforeAll(async () => {
    page = await stage.open({ correlation: ENTRIES })
    id = await page.sessionId()
    await page.evaluate(`{
      const { setRequestHeader } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
        return setRequestHeader.call(this, name, name.toLowerCase() === 'authorization' ? 'Bearer ' + value : value)
      }
    }`)
  })
  afterAll(() => page?.close())

  it.each<[name: string, method: string, path: string, headers?: Record<string, string>]>([
    ['a GET with carrier query', 'GET', '/agent/query'],
    ['a POST with carrier query', 'POST', '/agent/query'],
    ['a GET with carrier body', 'GET', '/agent/body'],
    ['a POST with carrier body that takes the query', 'POST', '/agent/body', { 'content-type': 'text/markdown' }],
    ["baggage beside the page's own", 'GET', '/agent/baggage', { baggage: 'a=1' }],
    ['baggage that takes the query', 'GET', '/agent/baggage', { baggage: `a=${'a'.repeat(8190)}` }],
    ["tags beside the page's own", 'GET', '/agent/trace-tags', { 'x-datadog-tags': '_dd.p.a=1' }],
  ])('is asked once for %s', async (_, method, base, headers) => {
    const path = `${base}/${++count}`
    await page.evaluate(xhr(method, path, { authorization: 'token', ...headers }))
    const request = await stage.site.only(path)
    expect(request.header('authorization')).toBe('Bearer token')
    expect(placesOf(request, id)).toHaveLength(1)
  })
})
