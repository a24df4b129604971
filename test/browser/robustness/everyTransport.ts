import { ENGINE } from '../../support/engines/engine.js'
import type { Page } from '../../support/openPage.js'

interface Calls {
  /** `MARK` in it is `x0x` for the first transport, `x1x` for the second, and so on. */
  url: string
  /** Of the document, while the calls are made. */
  base?: string | undefined
  engine: typeof ENGINE
}

/** In the page: makes one call by each transport, at once, and gives what the page sees of each, by its name. */
async function callEach({ url, base, engine }: Calls): Promise<Record<string, string>> {
  const post = { method: 'POST', body: '{"a":1}' }
  const xhr = (method: string, url: string | URL, body?: string) =>
    new Promise<XMLHttpRequest>((resolve) => {
      const request = new XMLHttpRequest()
      request.open(method, url)
      request.onloadend = () => resolve(request)
      request.send(body)
    })
  const connected = <C extends EventSource | WebSocket>(connection: C) =>
    new Promise<string>((resolve) => {
      connection.onopen = connection.onerror = () => {
        connection.close()
        resolve(connection.url)
      }
    })
  const transports: Record<string, (url: string) => unknown> = {
    fetch: (url) => fetch(url, post),
    'fetch of a URL': (url) => fetch(new URL(url, document.baseURI)),
    'fetch of a Request': (url) => fetch(new Request(url, post)),
    XHR: (url) => xhr('POST', url, '{"a":1}'),
    'XHR of a URL': (url) => xhr('GET', new URL(url, document.baseURI)),
    'sync XHR': (url) => {
      const request = new XMLHttpRequest()
      request.open('GET', url, false)
      request.send()
      return request
    },
    EventSource: (url) => connected(new EventSource(url)),
    WebSocket: (url) => connected(new WebSocket(url)),
    sendBeacon: (url) => navigator.sendBeacon(url, '{"a":1}'),
  }
  const element = base === undefined ? undefined : Object.assign(document.createElement('base'), { href: base })
  if (element) document.head.append(element)
  const calls = Object.entries(transports).map(async ([name, call], index) => {
    try {
      const own = url.replace('MARK', `x${index}x`)
      // In Firefox a WebSocket is relative to the page, whatever its base.
      const isRelativeToPage = engine === 'firefox' && name === 'WebSocket' && element
      const result = (await call(isRelativeToPage ? new URL(own, element.href).href : own)) as { status?: number }
      return [name, String(result.status ?? result)]
    } catch (error) {
      return [name, (error as Error).name]
    }
  })
  element?.remove()
  return Object.fromEntries(await Promise.all(calls))
}

/** Has the page make one call by each transport, and gives what it sees of each, by its name. */
export const callByEachTransport = (page: Page, calls: Omit<Calls, 'engine'>) =>
  page.run(callEach, { ...calls, engine: ENGINE })

/** What stands in the place of `MARK`. */
export const markOf = (index: number) => `x${index}x`
