/** @module-tag quick */
import { describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import type { Source } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

describe("when something the plugin works with fails, the page's call goes out once, and is answered", () => {
  it.each<[name: string, source: Source]>([
    ['getInternalContext throws', "DD_RUM.getInternalContext = () => { throw new Error('on purpose') }"],
    ['getInternalContext gives nonsense', 'DD_RUM.getInternalContext = () => 7'],
    ['the session id is no string', 'DD_RUM.getInternalContext = () => ({ session_id: { a: 1 } })'],
    ['URL is gone', 'delete window.URL'],
    ['URL throws', "window.URL = class { constructor() { throw new Error('on purpose') } }"],
    ['URLSearchParams is gone', 'delete window.URLSearchParams'],
    ['Headers is gone', 'delete window.Headers'],
    ['FormData is gone', 'delete window.FormData'],
    ['TextDecoder and TextEncoder are gone', 'delete window.TextDecoder; delete window.TextEncoder'],
    ['JSON throws', "JSON.parse = JSON.stringify = () => { throw new Error('on purpose') }"],
    [
      'a Headers cannot be read',
      "Headers.prototype.get = Headers.prototype.forEach = Headers.prototype.has = Headers.prototype.entries = () => { throw new Error('on purpose') }",
    ],
    [
      'a Blob cannot be read',
      "Blob.prototype.text = Blob.prototype.arrayBuffer = () => Promise.reject(new Error('on purpose'))",
    ],
    ['Array methods of the page are odd', 'Array.prototype.odd = () => {}; Object.prototype.odd = 1'],
    [
      'the console throws',
      "for (const key of ['log', 'warn', 'error', 'debug', 'info']) console[key] = () => { throw new Error('on purpose') }",
    ],
  ])('%s', async (name, source) => {
    if (source.includes('JSON.stringify')) {
      skipIn('webkit', "its driver needs the page's JSON")
    }
    for (const carrier of ['body', 'query', 'baggage']) {
      const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}', debug: true }` })
      await page.sessionId()
      const path = `/agent/own-failure/${name.replace(/\W/g, '')}/${carrier}`
      const calls: Source[] = [
        `fetch('PATH', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1,"session_id":"x"}' })`,
        `fetch('PATH', { method: 'POST', headers: { 'content-type': 'application/json' }, body: new Uint8Array([0x7b, 0x7d]) })`,
        `fetch('PATH', { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })`,
        `fetch(new Request('PATH', { method: 'POST', body: '{"a":1}' }))`,
        `fetch('PATH')`,
        `(() => {
          const xhr = new XMLHttpRequest()
          xhr.open('POST', 'PATH')
          xhr.setRequestHeader('content-type', 'application/json')
          return new Promise((resolve) => { xhr.onloadend = () => resolve(xhr); xhr.send('{"a":1}') })
        })()`,
      ]
      const statuses = await page.evaluate<unknown[]>(`(async () => {
        ${source}
        const statuses = []
        ${calls.map((call, index) => `statuses.push((await ${call.replaceAll('PATH', `${path}/${index}`)}).status)`).join('\n')}
        return statuses
      })()`)
      expect(statuses).toEqual([200, 200, 200, 200, 200, 200])
      for (const index of calls.keys()) {
        const request = await stage.site.only(`${path}/${index}`)
        expect(request.method).toBe(index === 4 ? 'GET' : 'POST')
        expect(request.text.endsWith(['"x"}', '}', '"a":1}', '"a":1}', '', '"a":1}'][index] as string)).toBe(true)
      }
      expect(page.errors).toEqual([])
      await page.close()
    }
  })
})

it('an XHR that cannot be opened with the changed URL goes out as the page made it', async () => {
  const page = await stage.open({
    before: `const { open } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.open = function (method, url, ...others) {
        if (String(url).includes('session_id=')) throw new Error('on purpose')
        return open.call(this, method, url, ...others)
      }`,
    correlation: "{ origins: ['/agent'], carrier: 'query' }",
  })
  await page.sessionId()
  const path = '/agent/own-failure/open'
  await page.evaluate(`new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', '${path}')
    xhr.setRequestHeader('x-one', '1')
    xhr.setRequestHeader('x-two', '2')
    xhr.onloadend = resolve
    xhr.send('text')
  })`)
  const request = await stage.site.only(path)
  expect(request).toMatchObject({ url: path, text: 'text' })
  expect([request.header('x-one'), request.header('x-two')]).toEqual(['1', '2'])
  expect(page.errors).toEqual([])
  await page.close()
})
