import { describe, expect, it } from 'vitest'
import { withoutId } from '../../support/alone.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import type { Source } from '../../support/page.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { times, useStage } from '../../support/stage.js'
import { useCarrierTwins } from '../../support/twins.js'

const stage = useStage()
const pages = useCarrierTwins(stage)

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'] as const
const JSON_TYPE = "headers: { 'content-type': 'application/json' }"

/** Calls of a method without a body: arguments of `fetch`, or statements that make an XHR `xhr`. */
const CALLS: Record<string, (method: string) => Source> = {
  'text, init': (method) => `fetch(PATH, { method: '${method}' })`,
  Request: (method) => `fetch(new Request(PATH, { method: '${method}' }))`,
  'Request with a content type': (method) => `fetch(new Request(PATH, { method: '${method}', ${JSON_TYPE} }))`,
  'Request, init with a content type': (method) =>
    `fetch(new Request(PATH, { method: '${method}' }), { ${JSON_TYPE} })`,
  'Request, init with the method': (method) => `fetch(new Request(PATH, { ${JSON_TYPE} }), { method: '${method}' })`,
  'POST Request, init with the method': (method) =>
    `fetch(new Request(PATH, { method: 'POST' }), { method: '${method}' })`,
  'POST Request with a content type, init with the method': (method) =>
    `fetch(new Request(PATH, { method: 'POST', ${JSON_TYPE} }), { method: '${method}' })`,
  'PUT Request with a form type, init with the method': (method) =>
    `fetch(new Request(PATH, { method: 'PUT', headers: { 'content-type': 'application/x-www-form-urlencoded' } }), { method: '${method}' })`,
  'POST Request, init with the method and a null body': (method) =>
    `fetch(new Request(PATH, { method: 'POST', ${JSON_TYPE} }), { method: '${method}', body: null })`,
  XHR: (method) => `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('${method}', PATH)
    xhr.setRequestHeader('content-type', 'application/json')
    xhr.onloadend = resolve
    xhr.send()
  })`,
}

let count = 0
const lengthOf = (request: CapturedRequest) => request.header('content-length')

describe('a call without a body arrives without one, with the id', () => {
  it.each(times(CARRIERS, Object.keys(CALLS)))('with carrier %s: %s', async (carrier, name) => {
    for (const method of METHODS) {
      const call = (CALLS[name] as (method: string) => Source)(method)
      const [path, other] = [`/agent/${carrier}/${++count}`, `/native/${count}`]
      await pages.native.evaluate(`(async () => { await ${call.replaceAll('PATH', `'${other}'`)} })()`)
      await pages.served.evaluate(`(async () => { await ${call.replaceAll('PATH', `'${path}'`)} })()`)
      const [expected, actual] = [await stage.site.only(other), await stage.site.only(path)]
      expect(withoutId(actual), method).toEqual({ ...withoutId(expected), carried: 1 })
      expect(lengthOf(actual), `content-length of ${method}`).toBe(lengthOf(expected))
    }
  })
})

describe('a Request with a body that the init makes a GET or HEAD is refused', () => {
  it.each(times(CARRIERS, ['GET', 'HEAD']))('with carrier %s: %s', async (carrier, method) => {
    const path = `/agent/${carrier}/${++count}`
    const refused = `(async () => {
      const request = new Request('${path}', { method: 'POST', ${JSON_TYPE}, body: '{}' })
      const error = await fetch(request, { method: '${method}' }).catch((error) => error)
      return [error.name, request.bodyUsed]
    })()`
    expect(await pages.served.evaluate(refused)).toEqual(await pages.native.evaluate(refused))
    expect(stage.site.requestsTo(path)).toEqual([])
  })
})
