import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { withoutId } from './alone.js'
import type { Site, Source, TestPage } from './page.js'

/** Every name that the script-tag bundle has in it: what it takes from the page's globals, and every member that it reads. */
export const namesOfBundle = (): string[] => [
  ...new Set(readFileSync('dist/rum-llm-correlation.iife.js', 'utf8').match(/(?<![\w$])[A-Za-z_$][\w$]{2,}/g)),
]

/**
 * In the page: `prepareCalls()` takes all that it needs but the transports from the page's globals, and returns a function
 * that makes one call of each kind below a path, at once, and tells later what each came to.
 */
export const HOSTILE_HELPERS: Source = `
  window.prepareCalls = () => {
    const page = window
    const { Request, Headers, URL, URLSearchParams, FormData, Blob, TextEncoder, Object, Promise, AbortController, setTimeout } = page
    const { href } = location
    const { keys } = Object
    const { race } = Promise
    const text = '{"a":1}'
    const type = { 'content-type': 'application/json' }
    const bytes = new TextEncoder().encode(text)
    const blob = new Blob([text], { type: 'application/json' })
    const form = new FormData()
    form.append('a', '1')
    const params = new URLSearchParams('a=1')
    const { signal } = new AbortController()
    const xhr = (method, path, isAsync, body) => new Promise((resolve) => {
      const request = new page.XMLHttpRequest()
      request.open(method, path, isAsync)
      request.setRequestHeader('content-type', 'application/json')
      request.onloadend = () => resolve(request)
      request.send(body)
      if (!isAsync) resolve(request)
    })
    const connect = (Connection, path) => {
      const connection = new Connection(new URL(path, href))
      connection.close()
      return connection.url.replace(/^[^?]*/, '')
    }
    const calls = {
      'fetch of text': (path) => page.fetch(path, { method: 'POST', headers: type, body: text }),
      'fetch of a URL': (path) => page.fetch(new URL(path, href)),
      'fetch of a Request': (path) => page.fetch(new Request(path, { method: 'POST', headers: type, body: text }), { signal }),
      'fetch of a Blob': (path) => page.fetch(path, { method: 'POST', body: blob }),
      'fetch of bytes': (path) => page.fetch(path, { method: 'POST', headers: new Headers(type), body: bytes }),
      'fetch of a form': (path) => page.fetch(path, { method: 'POST', body: params }),
      'fetch with baggage': (path) => page.fetch('/baggage' + path, { headers: { baggage: 'a=1' } }),
      'fetch with trace tags': (path) => page.fetch('/tags' + path, { headers: [['x-datadog-tags', '_dd.p.dm=-1']] }),
      'XHR': (path) => xhr('POST', path, true, text),
      'sync XHR': (path) => xhr('GET', path, false),
      'sendBeacon': (path) => page.navigator.sendBeacon(path, text),
      'EventSource': (path) => connect(page.EventSource, path),
      'WebSocket': (path) => connect(page.WebSocket, path),
    }
    const names = keys(calls)
    const make = async (prefix) => {
      const results = []
      for (const [index, name] of names.entries()) {
        let result
        try {
          result = calls[name](prefix + '/' + index)
        } catch (error) {
          result = 'throws ' + error?.name
        }
        results[index] = result
      }
      const late = new Promise((resolve) => setTimeout(resolve, 5000, 'hangs'))
      const outcomes = {}
      for (const [index, name] of names.entries()) {
        try {
          const result = await race.call(Promise, [results[index], late])
          outcomes[name] = '' + (typeof result === 'object' ? result.status : result)
        } catch (error) {
          outcomes[name] = 'rejects ' + error?.name
        }
      }
      return outcomes
    }
    return make
  }
  undefined`

/** What a call came to in the page and, where it arrived, at the server; the id aside, which is `carried` so often. */
export type Outcome = { result: string; sent?: Omit<ReturnType<typeof withoutId>, 'carried'>; carried: number }

/** Added to the URL of an EventSource or a WebSocket. */
const ADDED = /[?&]session_id=[\w-]+/

/**
 * What the page's calls came to, by their names.
 *
 * @param script - Makes the calls below the path, and gives what `prepareCalls()()` does.
 */
export async function outcomesOf(site: Site, page: TestPage, prefix: string, script: Source) {
  const results = await page.evaluate<Record<string, string>>(script)
  const outcomes: Record<string, Outcome> = {}
  for (const [index, [name, result]] of Object.entries(results).entries()) {
    const place = { 'fetch with baggage': '/baggage', 'fetch with trace tags': '/tags' }[name] ?? ''
    const path = `${place}${prefix}/${index}`
    // A beacon is on its way; what has been answered has arrived, or has gone elsewhere.
    for (let tries = 0; result === 'true' && tries < 200 && site.requestsTo(path).length === 0; tries += 1) {
      await delay(10)
    }
    const [request] = site.requestsTo(path)
    if (request !== undefined && (result === '200' || result === 'true')) {
      const { carried, ...sent } = withoutId(request)
      outcomes[name] = { result, sent, carried }
    } else {
      outcomes[name] = { result: result.replace(ADDED, ''), carried: ADDED.test(result) ? 1 : 0 }
    }
  }
  return outcomes
}

/** What went otherwise, by names of calls: `expected` is what the browser alone does. */
export function differences(expected: Record<string, Outcome>, actual: Record<string, Outcome>): string[] {
  const shown = ({ result, sent }: Outcome) => JSON.stringify([result, sent])
  return Object.keys({ ...expected, ...actual }).flatMap((name) => {
    const [one, other] = [expected[name], actual[name]].map((outcome) => outcome && shown(outcome))
    return one === other ? [] : [`${name}: ${other} instead of ${one}`]
  })
}
