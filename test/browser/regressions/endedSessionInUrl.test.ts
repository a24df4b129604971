import { expect, it } from 'vitest'
import type { LlmCorrelationPlugin } from '../../../src/index.js'
import { loadAgain } from '../../support/loadAgain.js'
import { npmModule } from '../../support/npmModule.js'
import { openPage, type PageOptions } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'

/** In the page: makes a call, and tells the URL that the browser gives back of it. */
const CALLS: Record<string, (url: string) => Promise<string>> = {
  'response.url of a fetch': async (url) => (await fetch(url)).url,
  'a Request of response.url': async (url) => (await fetch(new Request(url))).url,
  'responseURL of an XHR': (url) =>
    new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      xhr.onloadend = () => resolve(xhr.responseURL)
      xhr.send()
    }),
  'url of an EventSource': (url) =>
    new Promise((resolve) => {
      const source = new EventSource(url)
      source.onerror = () => {
        source.close()
        resolve(source.url)
      }
    }),
  'url of a WebSocket': (url) =>
    new Promise((resolve) => {
      const socket = new WebSocket(new URL(url, location.href.replace('http', 'ws')))
      socket.onopen = () => {
        socket.close()
        resolve(socket.url)
      }
    }),
}

let count = 0

async function openWithTwoSessions(options: PageOptions = { plugin: ['/agent'] }) {
  const page = await openPage(options)
  const first = await page.sessionId()
  const renew = async () => {
    await page.run(() => DD_RUM.stopSession())
    await page.waitFor('DD_RUM.getInternalContext() === undefined')
    await page.click()
    const second = await page.sessionId()
    expect(second).not.toBe(first)
    return second
  }
  return { page, first, renew, path: `/agent/${++count}` }
}

it.each(Object.entries(CALLS))(
  'a URL that brings back the id of an ended session gets the new one: %s',
  async (_, call) => {
    const { page, first, renew, path } = await openWithTwoSessions()
    const url = await page.run(async ({ call, url }) => call(url), { call, url: `${path}?a=1&b=%20` })
    expect(url).toContain(`${path}?a=1&b=%20&session_id=${first}`)
    const second = await renew()
    await page.run(async ({ call, url }) => call(url), { call, url: `${url}&c` })
    const queries = page.server.requestsTo(path).map(({ query }) => query)
    expect(queries).toEqual([`a=1&b=%20&session_id=${first}`, `a=1&b=%20&session_id=${second}&c`])
    expect(page.console.filter((line) => line.includes('llmCorrelation'))).toEqual([])
    await page.close()
  },
)

it.each<[string, (url: string) => Promise<unknown>]>([
  ['a text', (url) => fetch(url, { method: 'POST', body: '{"a":1}' })],
  ['a Request', (url) => fetch(new Request(url, { method: 'POST', body: '{"a":1}' }))],
  [
    'an XHR',
    (url) =>
      new Promise((resolve) => {
        const xhr = new XMLHttpRequest()
        xhr.open('POST', url)
        xhr.onloadend = resolve
        xhr.send('{"a":1}')
      }),
  ],
  ['a beacon', async (url) => navigator.sendBeacon(url, '{"a":1}')],
])('beside a body with the new id, too: %s', async (_, call) => {
  const { page, renew, path } = await openWithTwoSessions({ plugin: { origins: ['/agent'], field: 'metadata.sid' } })
  const url = await page.run(async (path) => (await fetch(path)).url, path)
  const second = await renew()
  await page.run(async ({ call, url }) => void (await call(url)), { call, url })
  await expect.poll(() => page.server.requestsTo(path).length).toBe(2)
  const { query, text } = page.server.requestsTo(path)[1] ?? {}
  expect({ query, text }).toEqual({ query: `sid=${second}`, text: `{"metadata":{"sid":"${second}"},"a":1}` })
  await page.close()
})

it.each<[string, (first: string) => string]>([
  ['of an ended session that the plugin has not written', () => 'session_id=11111111-2222-4333-8444-555555555555'],
  ['before one that it has', (first) => `session_id=own&session_id=${first}`],
  ['in another parameter', (first) => `session_id=own&sid=${first}`],
])("a value of the page's own stays: %s", async (_, queryOf) => {
  const { page, first, renew, path } = await openWithTwoSessions()
  await page.run(async (path) => void (await fetch(path)), '/agent/first')
  await renew()
  const query = queryOf(first)
  await page.run(async (url) => void (await fetch(url)), `${path}?${query}`)
  expect((await page.server.only(path)).query).toBe(query)
  expect(page.console).toEqual([expect.stringContaining('the page already sets another')])
  await page.close()
})

type Plugin = LlmCorrelationPlugin
declare global {
  /** A plugin of the first copy of the package. */
  var first: Plugin
  /** Stands for a plugin that comes later. */
  var second: Plugin & { use(plugin: Plugin): void }
}

it.each<[string, PageOptions]>([
  [
    'the script-tag bundle twice',
    {
      between: `${inPage(() => {
        window.first = DD_LLM_CORRELATION.llmCorrelation(['/first'])
      })};${inPage(loadAgain)}`,
      plugins: () => [first, DD_LLM_CORRELATION.llmCorrelation(['/agent'])],
    },
  ],
  [
    'the npm build beside the script-tag bundle',
    {
      plugins: () => [DD_LLM_CORRELATION.llmCorrelation(['/first']), second],
      module: npmModule(['library'], ({ library }) => second.use(library.llmCorrelation(['/agent']))),
      between() {
        // A module runs after `init`, so its plugin is told later what RUM has told this one.
        let init: unknown
        let use = (_: Record<string, (init?: unknown) => void>) => {}
        const started = new Promise<void>((resolve) => {
          use = (plugin) => {
            plugin.onInit?.(init)
            resolve()
            plugin.onRumStart?.()
          }
        })
        const onInit = (given: unknown) => {
          init = given
          return started
        }
        Object.assign(window, { second: { name: 'second', onInit, use } })
      },
    },
  ],
])('a value that another copy of the package has written is replaced, too: %s', async (_, options) => {
  const { page, first, renew, path } = await openWithTwoSessions(options)
  const url = await page.run(async (url) => (await fetch(url)).url, `/first/${count}`)
  expect(new URL(url).search).toBe(`?session_id=${first}`)
  const second = await renew()
  await page.run(async (url) => void (await fetch(url)), `${path}${new URL(url).search}`)
  expect((await page.server.only(path)).query).toBe(`session_id=${second}`)
  expect(page.console.filter((line) => line.includes('llmCorrelation'))).toEqual([])
  await page.close()
})
