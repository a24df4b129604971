/** @module-tag quick */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { outcome, throwing, xhrOutcome } from '../../support/outcome.js'
import { openWithAndWithoutRum, type WithAndWithoutRum } from '../../support/withAndWithoutRum.js'
import { XHR_CALLS } from './xhrArguments.js'

let pages: WithAndWithoutRum
beforeAll(async () => {
  pages = await openWithAndWithoutRum(['/agent'])
})
afterAll(() => pages?.close())

describe.each(['/plain/transparent', '/agent/transparent'])('XMLHttpRequest to %s', (url) => {
  it.each(XHR_CALLS)('%s does what it does natively', async (_, call) => {
    await pages.expectSame(
      ({ xhrOutcome, outcome, engine, call, url, throwing }) =>
        xhrOutcome((xhr) => call(xhr, url, throwing), { outcome, engine }),
      { xhrOutcome, outcome, engine: ENGINE, call, url, throwing },
    )
  })

  it.each<[name: string, method: string, isAsync: boolean, bodyOf: () => string | Blob | undefined]>([
    ['a GET', 'GET', true, () => undefined],
    ['a POST of text', 'POST', true, () => '{}'],
    ['a POST of a Blob', 'POST', true, () => new Blob(['x'])],
    ['a synchronous POST', 'POST', false, () => 'hello'],
  ])('has the same events with the same state: %s', async (_, method, isAsync, bodyOf) => {
    const log = await pages.expectSame(
      async ({ url, method, isAsync, bodyOf }) => {
        const xhr = new XMLHttpRequest()
        const log: unknown[] = []
        const types = ['loadstart', 'progress', 'load', 'loadend', 'error', 'abort', 'timeout']
        for (const type of ['readystatechange', ...types]) {
          xhr.addEventListener(type, (event) => {
            const { isTrusted, target, loaded } = event as ProgressEvent
            log.push([type, isTrusted, target === xhr, xhr.readyState, xhr.status, loaded])
          })
        }
        for (const type of types.filter((type) => type !== 'progress')) {
          xhr.upload.addEventListener(type, () => log.push(['upload', type]))
        }
        const done = new Promise((resolve) => {
          xhr.onloadend = resolve
          setTimeout(resolve, 2000)
        })
        xhr.open(method, url, isAsync)
        const body = bodyOf()
        body === undefined ? xhr.send() : xhr.send(body)
        await done
        return log
      },
      { url, method, isAsync, bodyOf },
    )
    expect(log).not.toEqual([])
  })

  it('keeps what the page set before send', async () => {
    await pages.expectSame(
      async ({ url }) => {
        const xhr = new XMLHttpRequest()
        xhr.open('GET', url)
        xhr.overrideMimeType('text/x-mine; charset=utf-16')
        xhr.responseType = 'blob'
        xhr.timeout = 5000
        xhr.withCredentials = true
        xhr.setRequestHeader('x-one', '1')
        const done = new Promise((resolve) => {
          xhr.onloadend = resolve
        })
        xhr.send()
        await done
        const { responseType, timeout, withCredentials, response, responseURL } = xhr
        return [responseType, timeout, withCredentials, response.type, responseURL.split('?')[0]]
      },
      { url },
    )
  })

  it('can be used again and again', async () => {
    await pages.expectSame(
      async ({ url }) => {
        const xhr = new XMLHttpRequest()
        const results: unknown[] = []
        const calls = [['GET'], ['POST', '{"a":1}'], ['GET'], ['POST', 'hello'], ['DELETE']] as const
        for (const [method, body] of calls) {
          xhr.open(method, url)
          const done = new Promise((resolve) => {
            xhr.onloadend = resolve
          })
          xhr.send(body)
          await done
          results.push([xhr.status, xhr.responseText])
        }
        return results
      },
      { url },
    )
  })
})

it('nothing of this reached the console as an error of the plugin', async () => {
  const { errors: natively } = await pages.withoutRum.twin()
  for (const { console, errors } of [pages.withoutRum, pages.withRum]) {
    expect(console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
    // Firefox tells of what it refuses, with its URL, among the errors.
    expect(errors.map((error) => error.replace(/\?session_id=[\w-]+/, ''))).toEqual(natively)
  }
})
