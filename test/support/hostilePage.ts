import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Site } from './page.js'
import { withoutId } from './withoutId.js'

/**
 * Every name in the script-tag bundle: the globals of the page that it uses, and each member it
 * reads.
 */
export const namesOfBundle = (): string[] => [
  ...new Set(readFileSync('dist/rum-llm-correlation.iife.js', 'utf8').match(/(?<![\w$])[A-Za-z_$][\w$]{2,}/g)),
]

/** The result of each call of a page, by the call's name. */
export type Results = Record<string, string>

/**
 * In the page: takes all that it needs but the transports from the page's globals. Returns a
 * function that makes one call of each kind below a path, at once, and tells later what each came
 * to.
 */
export function prepareCalls(): (prefix: string) => Promise<Results> {
  const page = window as Window & typeof globalThis
  // The page replaces its globals later.
  const { Request, Headers, URL, URLSearchParams, FormData, Blob, TextEncoder, AbortController, setTimeout } = page
  const NativePromise = page.Promise
  const { href } = location
  const { keys } = page.Object
  const text = '{"a":1}'
  const type = { 'content-type': 'application/json' }
  const bytes = new TextEncoder().encode(text)
  const blob = new Blob([text], { type: 'application/json' })
  const form = new FormData()
  form.append('a', '1')
  const params = new URLSearchParams('a=1')
  const { signal } = new AbortController()
  const xhr = (method: string, path: string, isAsync: boolean, body?: string) =>
    new NativePromise<XMLHttpRequest>((resolve) => {
      const request = new page.XMLHttpRequest()
      request.open(method, path, isAsync)
      request.setRequestHeader('content-type', 'application/json')
      request.onloadend = () => resolve(request)
      request.send(body)
      if (!isAsync) resolve(request)
    })
  const connect = (Connection: typeof EventSource | typeof WebSocket, path: string) => {
    const connection = new Connection(new URL(path, href))
    connection.close()
    return connection.url.replace(/^[^?]*/, '')
  }
  const calls: Record<string, (path: string) => unknown> = {
    'fetch of text': (path) => page.fetch(path, { method: 'POST', headers: type, body: text }),
    'fetch of a URL': (path) => page.fetch(new URL(path, href)),
    'fetch of a Request': (path) =>
      page.fetch(new Request(path, { method: 'POST', headers: type, body: text }), { signal }),
    'fetch of a Blob': (path) => page.fetch(path, { method: 'POST', body: blob }),
    'fetch of bytes': (path) => page.fetch(path, { method: 'POST', headers: new Headers(type), body: bytes }),
    'fetch of a form': (path) => page.fetch(path, { method: 'POST', body: params }),
    'fetch with baggage': (path) => page.fetch(`/baggage${path}`, { headers: { baggage: 'a=1' } }),
    'fetch with trace tags': (path) => page.fetch(`/tags${path}`, { headers: [['x-datadog-tags', '_dd.p.dm=-1']] }),
    XHR: (path) => xhr('POST', path, true, text),
    'sync XHR': (path) => xhr('GET', path, false),
    sendBeacon: (path) => page.navigator.sendBeacon(path, text),
    EventSource: (path) => connect(page.EventSource, path),
    WebSocket: (path) => connect(page.WebSocket, path),
  }
  const names = keys(calls)
  const { race } = NativePromise
  return async (prefix) => {
    const results: unknown[] = []
    for (const [index, name] of names.entries()) {
      try {
        results[index] = calls[name]?.(`${prefix}/${index}`)
      } catch (error) {
        results[index] = `throws ${(error as Error | undefined)?.name}`
      }
    }
    const late = new NativePromise((resolve) => setTimeout(resolve, 5000, 'hangs'))
    const outcomes: Results = {}
    for (const [index, name] of names.entries()) {
      try {
        const result = await race.call(NativePromise, [results[index], late])
        outcomes[name] = `${typeof result === 'object' ? (result as Response).status : result}`
      } catch (error) {
        outcomes[name] = `rejects ${(error as Error | undefined)?.name}`
      }
    }
    return outcomes
  }
}

/**
 * The result of a call in the page, and its request if one arrived. The request is without the id;
 * `carried` counts how often it had the id.
 */
export type Outcome = { result: string; sent?: Omit<ReturnType<typeof withoutId>, 'carried'>; carried: number }

/** The text that the plugin adds to the URL of an EventSource or a WebSocket. */
const ADDED = /[?&]session_id=[\w-]+/

/** The results of the page's calls below a path, by their names. */
export async function outcomesOf(site: Site, prefix: string, results: Results) {
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

/** The calls with another result, by name. `expected` is the result without the plugin. */
export function differences(expected: Record<string, Outcome>, actual: Record<string, Outcome>): string[] {
  const shown = ({ result, sent }: Outcome) => JSON.stringify([result, sent])
  return Object.keys({ ...expected, ...actual }).flatMap((name) => {
    const [one, other] = [expected[name], actual[name]].map((outcome) => outcome && shown(outcome))
    return one === other ? [] : [`${name}: ${other} instead of ${one}`]
  })
}
