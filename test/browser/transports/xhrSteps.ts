import type { CapturedRequest } from '../../support/captureServer.js'
import { ENGINE } from '../../support/engines/engine.js'
import { openPage, type Page } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { ENTRIES, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

/** A request that a script makes, with a carrier. */
export interface Shape {
  carrier: string
  method: string
  headers?: Record<string, string>
  body?: string | null
  /** The body is an ArrayBuffer of so many bytes. */
  bytes?: number
}

const JSON_TYPE = { 'content-type': 'application/json' }
const TEXT = '{"a":1}'
/** Requests of every carrier. The last of each makes the carrier need another URL, or another value of a header. */
export const SHAPES: Shape[] = [
  { carrier: 'body', method: 'POST', headers: JSON_TYPE, body: TEXT },
  { carrier: 'body', method: 'POST', bytes: 3 },
  { carrier: 'body', method: 'GET' },
  { carrier: 'query', method: 'POST', headers: JSON_TYPE, body: TEXT },
  { carrier: 'query', method: 'GET', body: null },
  { carrier: 'baggage', method: 'POST', body: TEXT },
  { carrier: 'baggage', method: 'POST', headers: { baggage: 'a=1' }, body: TEXT },
  { carrier: 'trace-tags', method: 'POST', body: TEXT },
  { carrier: 'trace-tags', method: 'GET', headers: { 'x-datadog-tags': '_dd.p.a=1' } },
]

/** In the page: what a script does its steps with. */
export interface Steps {
  xhr: XMLHttpRequest
  base: string
  method: string
  /** URLs below `base`; and one that no entry matches. */
  first: string
  second: string
  elsewhere: string
  open(url: string | URL, method?: string | object): void
  /** The same by the browser's own function, which the page has kept from before the plugin. */
  openNatively(url: string, method: string): void
  /** Sets the headers, and sends the body. */
  send(): void
  /** Once, as soon as the request is opened. */
  onOpened(act: () => void): void
  /** Notes what `act` throws. */
  attempt(act: () => void): void
  newBase(href: string): void
  /** Starts the plugin anew after `plugin.stop()`. */
  restart(): void
}
export type Script = (t: Steps) => void

interface Given {
  requests: Array<Shape & { base: string }>
  script: Script
  isAsync: boolean
  /** Firefox now and then tells of the headers twice. */
  tellsTwice: boolean
}

/** In the page: does the steps with one request after another, and tells what the page saw of each. */
async function doSteps({ requests, script, isAsync, tellsTwice }: Given): Promise<string[][]> {
  const [nativeOpen, restart] = noted as [XMLHttpRequest['open'], () => void]
  const logs: string[][] = []
  const home = location.href
  for (const { base, method, headers = {}, body, bytes } of requests) {
    const xhr = new XMLHttpRequest()
    const log: string[] = []
    for (const type of ['readystatechange', 'loadstart', 'load', 'error', 'abort', 'loadend']) {
      xhr.addEventListener(type, () => {
        const entry = `${type} ${xhr.readyState} ${xhr.status}`
        if (!tellsTwice || log.at(-1) !== entry) log.push(entry)
      })
    }
    const attempt = (act: () => void) => {
      try {
        act()
      } catch (error) {
        log.push((error as Error).name)
      }
    }
    const steps: Steps = {
      ...{ xhr, base, method, attempt, restart },
      ...{ first: `${base}/first`, second: `${base}/second`, elsewhere: `/elsewhere${base}/third` },
      open: (url, by = method) => xhr.open(by as string, url, isAsync),
      openNatively: (url, by) => nativeOpen.call(xhr, by, url, isAsync),
      send() {
        for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
        xhr.setRequestHeader('x-own', '1')
        xhr.send(bytes === undefined ? body : new ArrayBuffer(bytes))
      },
      onOpened: (act) => xhr.addEventListener('readystatechange', () => xhr.readyState === 1 && act(), { once: true }),
      newBase: (href) => document.head.insertAdjacentHTML('afterbegin', `<base href="${href}">`),
    }
    attempt(() => script(steps))
    if (isAsync && log.some((entry) => entry.startsWith('loadstart')) && xhr.readyState !== 4) {
      await new Promise((resolve) => xhr.addEventListener('loadend', resolve))
    }
    document.querySelector('base')?.remove()
    logs.push(log)
  }
  // Seldom, for Chromium ignores such changes when they are many.
  if (location.href !== home) history.replaceState(null, '', home)
  return logs
}

/** A page with an entry for each carrier, in which {@link run} can do steps. */
export const openForSteps = (): Promise<Page> =>
  openPage({
    before: () => {
      window.noted = [XMLHttpRequest.prototype.open]
    },
    plugins: inPage(
      ({ origins }) => {
        window.plugin = DD_LLM_CORRELATION.llmCorrelation({ origins }) as typeof plugin
        const observer = {
          name: 'observer',
          onInit: (options: unknown) => void noted.push(() => plugin.onInit(options)),
        }
        return [plugin, observer]
      },
      { origins: ENTRIES },
    ),
  })

/** The request as it would be without the id. */
function withoutId(request: CapturedRequest, base: string, id: string) {
  const without = (text = '') =>
    text.replace(new RegExp(`,? ?"?(session[._]id|_dd\\.p\\.llmobs_sid)"?[:=]"?${id}"?,?`), '').replace(/&$/, '')
  return {
    method: request.method,
    path: request.path.replace(base, '…'),
    query: without(request.query),
    text: without(request.text),
    headers: ['content-type', 'x-own', 'baggage', 'x-datadog-tags'].map((name) => without(request.header(name))),
  }
}

let runs = 0

/** Does the steps with each request below `root`. Gives what the page saw of them, and what arrived. */
export async function run(page: Page, root: string, script: Script, isAsync: boolean, shapes: Shape[]) {
  const id = await page.sessionId()
  const at = `${++runs}`
  const requests = shapes.map((shape, index) => ({ ...shape, base: `/${root}/${shape.carrier}/${at}/${index}` }))
  const logs = await page.run(doSteps, { requests, script, isAsync, tellsTwice: ENGINE === 'firefox' })
  const arrived = requests.map(({ base }) =>
    servers.site.requests
      .filter(({ path }) => path.includes(`${base}/`))
      .map((request) => ({ ...withoutId(request, base, id), ids: placesOf(request, id).length })),
  )
  return { logs, requests: arrived }
}
