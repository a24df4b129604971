import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openPage, type PageOptions } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'

// Some libraries replace XMLHttpRequest whole. Its prototype has no methods then, and its calls went without the id.

const XHOOK = readFileSync('node_modules/xhook/dist/xhook.min.js', 'utf8')
const BRIDGE = readFileSync('node_modules/@capacitor/ios/Capacitor/Capacitor/assets/native-bridge.js', 'utf8')

/** In the page: what Capacitor's app for Android gives to the page. It notes what it has to send, and answers. */
function actAsApp(): void {
  const bridged: unknown[] = []
  const postMessage = (text: string) => {
    const { callbackId, pluginId, methodName, options } = JSON.parse(text)
    bridged.push(options)
    const data = { status: 200, data: '{}', headers: {}, url: options?.url }
    const { Capacitor } = window as unknown as { Capacitor: { fromNative(result: object): void } }
    setTimeout(() => Capacitor.fromNative({ callbackId, pluginId, methodName, success: true, data }))
  }
  Object.assign(window, {
    bridged,
    WEBVIEW_SERVER_URL: location.origin,
    CapacitorHttpAndroidInterface: { isEnabled: () => true },
    androidBridge: { postMessage },
  })
}
const CAPACITOR = `${inPage(actAsApp)};${BRIDGE}`

const withoutPrototype = () => {
  const Native = XMLHttpRequest
  // As `new` calls it, a function gives the object that it returns.
  window.XMLHttpRequest = function Replaced() {
    return new Native()
  } as unknown as typeof Native
}

interface Sent {
  method: string
  url: string
  body?: string
  headers?: Record<string, string>
}

/** In the page: sends with one XHR, as often as is said, and tells the status each time. */
async function sendWith({ calls }: { calls: Sent[] }): Promise<number[]> {
  const xhr = new XMLHttpRequest()
  const statuses: number[] = []
  for (const { method, url, body, headers } of calls) {
    await new Promise((resolve) => {
      xhr.open(method, url)
      xhr.onloadend = resolve
      for (const [name, value] of Object.entries(headers ?? {})) {
        xhr.setRequestHeader(name, value)
      }
      xhr.send(body)
    })
    statuses.push(xhr.status)
  }
  return statuses
}

const REPLACED: Array<[string, PageOptions]> = [
  ['xhook, before RUM', { before: XHOOK }],
  ['xhook, before the plugin', { between: XHOOK }],
  ['xhook, after RUM', { after: XHOOK }],
  ['a function without a prototype', { between: withoutPrototype }],
  ["Capacitor's bridge, before RUM", { before: CAPACITOR }],
  ["Capacitor's bridge, before the plugin", { between: CAPACITOR }],
  ['nothing', {}],
]

let count = 0

const JSON_HEADERS = { 'content-type': 'application/json', 'x-own': '1' }

describe.each(REPLACED)('XMLHttpRequest replaced by %s', (name, options) => {
  it.each(['body', 'query', 'baggage', 'trace-tags'] as const)('carries the id, with %s', async (carrier) => {
    const page = await openPage({ plugin: { origins: ['/agent'], carrier }, ...options })
    const id = await page.sessionId()
    // Capacitor itself refuses any other method to the page's own origin.
    const posts = name.startsWith('Capacitor') ? [] : ['/agent/post', '/agent/again']
    const calls = ['/agent/get', '/other/get', ...posts].map((path): Sent => {
      const isGet = path.endsWith('get')
      const url = `${path}/${++count}`
      return isGet ? { method: 'GET', url } : { method: 'POST', url, body: '{"a":1}', headers: JSON_HEADERS }
    })
    expect(await page.run(sendWith, { calls })).toEqual(calls.map(() => 200))
    for (const { url, method } of calls) {
      const { query, text, header } = await page.server.only(url)
      const isQuery = carrier === 'query' || (carrier === 'body' && method === 'GET')
      const isTaken = url.startsWith('/agent')
      expect({
        url,
        query,
        text,
        baggage: header('baggage'),
        tags: header('x-datadog-tags'),
        own: header('x-own'),
      }).toEqual({
        url,
        query: isTaken && isQuery ? `session_id=${id}` : undefined,
        text: method === 'GET' ? '' : carrier === 'body' ? `{"session_id":"${id}","a":1}` : '{"a":1}',
        baggage: isTaken && carrier === 'baggage' ? `session.id=${id}` : undefined,
        tags: isTaken && carrier === 'trace-tags' ? `_dd.p.llmobs_sid=${id}` : undefined,
        own: method === 'GET' ? undefined : '1',
      })
    }
    expect(page.console.filter((line) => line.includes('llmCorrelation'))).toEqual([])
    await page.close()
  })

  it('leaves the calls alone after stop()', async () => {
    const page = await openPage({
      ...options,
      plugins: () => {
        const plugin = DD_LLM_CORRELATION.llmCorrelation(['/agent'])
        return [Object.assign(window, { plugin }).plugin]
      },
    })
    const url = `/agent/stopped/${++count}`
    await page.sessionId()
    await page.run(() => plugin.stop())
    expect(await page.run(sendWith, { calls: [{ method: 'GET', url }] })).toEqual([200])
    expect((await page.server.only(url)).query).toBeUndefined()
    await page.close()
  })
})

it("calls that Capacitor's app sends itself carry the id", async () => {
  const page = await openPage({ plugin: ['https://agent.test/agent'], before: CAPACITOR })
  const id = await page.sessionId()
  const url = 'https://agent.test/agent/chat'
  const call: Sent = { method: 'POST', url, body: '{"a":1}', headers: JSON_HEADERS }
  expect(await page.run(sendWith, { calls: [call] })).toEqual([200])
  expect(await page.run(() => (window as unknown as { bridged: unknown[] }).bridged)).toMatchObject([
    { url, method: 'POST', data: `{"session_id":"${id}","a":1}`, headers: JSON_HEADERS },
  ])
  await page.close()
})
