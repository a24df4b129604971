import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonCommand, startProcess } from '../../demo/agentProcess.mjs'
import type { RumEvent } from '../../demo/received.js'
import { launchBrowser } from '../support/browser.js'
import { running } from '../support/running.js'
import { bringing, json } from './bringing.js'
import { answering, apmTraceOf, type Carrier, received, SPANS_PER_ANSWER } from './chatPage.js'
import { startQuickDemo, withoutAccounts } from './quickDemo.js'

const rumBundle = createRequire(import.meta.url).resolve('@datadog/browser-rum/bundle/datadog-rum.js')
const pluginBundle = new URL('../../dist/rum-llm-correlation.iife.js', import.meta.url).pathname

const browser = running(() => launchBrowser())

describe.each(['node', 'python'] as const)('with the %s agent', (backend) => {
  const demo = running(() => startQuickDemo({ backend }))

  /** The spans that answered `message`. */
  const spansOf = (message: string) =>
    received(`the spans of ${message}`, () => {
      const spans = answering(message, demo())
      return spans.length >= SPANS_PER_ANSWER ? spans : undefined
    })

  test('50 requests at once, each of its own session and by any carrier, never mix', async () => {
    const carriers = Object.keys(bringing) as Carrier[]
    const calls = Array.from({ length: 50 }, (_, index) => ({
      carrier: carriers[index % carriers.length] as Carrier,
      id: randomUUID(),
      message: `Where is my order 1002? (${randomUUID()})`,
    }))
    await Promise.all(
      calls.map(async ({ carrier, id, message }) => {
        const [query, init] = bringing[carrier](id, message)
        const response = await fetch(`${demo().agentUrl}/${carrier}/chat${query}`, { method: 'POST', ...init })
        expect(await response.text()).toContain('"done":')
      }),
    )
    for (const { carrier, id, message } of calls) {
      const spans = await spansOf(message)
      expect({ carrier, sessions: [...new Set(spans.map(({ session_id }) => session_id))] }).toEqual({
        carrier,
        sessions: [id],
      })
    }
  })

  test('requests that bring no session have none, also right after those that do', async () => {
    const message = `Where is my order 1003? (${randomUUID()})`
    const [query, init] = bringing.baggage('no-uuid', message)
    await fetch(`${demo().agentUrl}/baggage/chat${query}`, { method: 'POST', ...init }).then((answer) => answer.text())
    expect((await spansOf(message)).filter(({ session_id }) => session_id !== undefined)).toEqual([])
  })

  describe('and a page whose RUM SDK 7 sends its own baggage, without the plugin', () => {
    let page: Page
    let events: RumEvent[]
    beforeAll(async () => {
      ;({ page, events } = await openPage(browser(), `${demo().url}/config.js`))
      await page.evaluate(
        `DD_RUM.init({
          applicationId: '00000000-0000-4000-8000-000000000000', clientToken: 'pub', proxy: '/rum-intake',
          service: 'page', sessionSampleRate: 100, trackResources: true,
          allowedTracingUrls: [${JSON.stringify(demo().agentUrl)}], traceSampleRate: 100,
        })`,
      )
      await page.evaluate(`DD_RUM.setUser({ id: 'ada' }), DD_RUM.setAccount({ id: 'nordlicht' })`)
      await page.waitForFunction('DD_RUM.getInternalContext()')
    })
    afterAll(() => page?.context().close())

    test.each(['fetch', 'XHR'] as const)(
      'every span of a call by %s has the session, user and account, and the trace of its RUM event',
      async (client) => {
        const message = `Where is my order 1002? (${randomUUID()})`
        const url = `${demo().agentUrl}/query/chat?by=${client}`
        const sessionId = await page.evaluate('DD_RUM.getInternalContext().session_id')
        await page.evaluate(call(client, url, message))

        const spans = await spansOf(message)
        expect(spans.map(({ session_id }) => session_id)).toEqual(spans.map(() => sessionId))
        for (const { tags } of spans) {
          expect(tags).toEqual(expect.arrayContaining(['usr.id:ada', 'usr.account_id:nordlicht']))
        }
        const event = await resourceOf(page, events, url)
        expect(event._dd?.trace_id).toBe(await apmTraceOf(spans, demo()))
        expect(event.context?.llm_correlation).toBeUndefined()
      },
    )
  })

  describe("and a page of the agent's own origin", () => {
    let page: Page
    let events: RumEvent[]
    beforeAll(async () => {
      ;({ page, events } = await openPage(browser(), `${demo().agentUrl}/`))
      await page.addScriptTag({ path: pluginBundle })
      await page.evaluate(
        `DD_RUM.init({
          applicationId: '00000000-0000-4000-8000-000000000000', clientToken: 'pub', proxy: '/rum-intake',
          service: 'page', sessionSampleRate: 100, trackResources: true,
          plugins: [DD_LLM_CORRELATION.llmCorrelation(
            ['body', 'query', 'baggage', 'trace-tags'].map((carrier) => ({ match: '/' + carrier, carrier }))
          )],
        })`,
      )
      await page.waitForFunction('DD_RUM.getInternalContext()')
    })
    afterAll(() => page?.context().close())

    test.each(Object.keys(bringing) as Carrier[])('the RUM event of a call by %s tells its trace', async (carrier) => {
      const message = `Where is my order 1002? (${randomUUID()})`
      const url = `${demo().agentUrl}/${carrier}/chat`
      await page.evaluate(call('fetch', url, message))
      const trace_id = await apmTraceOf(await spansOf(message), demo())
      const event = await resourceOf(page, events, url)
      expect(event.context?.llm_correlation).toEqual({ carrier, trace_id })
    })
  })
})

describe("with the handler of Datadog's guide on Python's http.server", () => {
  const script = new URL('../../demo/examples/guide-python/server.py', import.meta.url).pathname
  const demo = running(() => startQuickDemo())
  const server = running(async () =>
    startProcess({
      ...(await pythonCommand('python', script)),
      intakeUrl: demo().url,
      modelUrl: String(demo().modelUrl),
      env: withoutAccounts(),
    }),
  )

  const ask = async (message: string, [query, init]: [string, RequestInit]) => {
    const response = await fetch(`${server().url}/${query}`, { method: 'POST', ...init })
    expect(response.status).toBe(200)
    return received(`the spans of ${message}`, () => {
      const spans = answering(message, demo())
      return spans.length === 2 ? spans : undefined
    })
  }

  test.each(Object.keys(bringing) as Carrier[])('a call by %s correlates', async (carrier) => {
    const [id, message] = [randomUUID(), randomUUID()]
    const spans = await ask(message, bringing[carrier](id, message))
    expect(spans.map(({ session_id }) => session_id)).toEqual([id, id])
  })

  test('user and account come with baggage', async () => {
    const [id, message] = [randomUUID(), randomUUID()]
    const headers = { ...json, baggage: `session.id=${id},user.id=ada,account.id=nordlicht` }
    for (const { tags } of await ask(message, ['', { headers, body: JSON.stringify({ message }) }])) {
      expect(tags).toEqual(expect.arrayContaining(['usr.id:ada', 'usr.account_id:nordlicht']))
    }
  })

  test('a call without a session is answered, and its spans have none', async () => {
    const message = randomUUID()
    const spans = await ask(message, ['', { headers: json, body: JSON.stringify({ message }) }])
    expect(spans.map(({ session_id }) => session_id)).toEqual([undefined, undefined])
  })
})

/**
 * A page with RUM, not yet started, and the RUM events that it sends to `/rum-intake`. A document of the demo serves as the page where
 * it calls another origin: Chromium would not let one that the test makes up call this machine. The agent has none.
 */
async function openPage(browser: Browser, url: string) {
  const page = await (await browser.newContext()).newPage()
  const events: RumEvent[] = []
  const { origin } = new URL(url)
  await page.route(`${origin}/`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
  await page.route(`${origin}/rum-intake*`, async (route) => {
    const lines = (route.request().postData() ?? '').split('\n').filter(Boolean)
    events.push(...lines.map((line) => JSON.parse(line)))
    await route.fulfill({ status: 202 })
  })
  await page.goto(url)
  await page.addScriptTag({ path: rumBundle })
  return { page, events }
}

/** Code of a page that asks the agent and reads the whole answer. */
function call(client: 'fetch' | 'XHR', url: string, message: string): string {
  const [at, headers, body] = [url, json, JSON.stringify({ message })].map((value) => JSON.stringify(value))
  return client === 'fetch'
    ? `fetch(${at}, { method: 'POST', headers: ${headers}, body: ${body} }).then((response) => response.text())`
    : `new Promise((resolve) => {
        const xhr = Object.assign(new XMLHttpRequest(), { onloadend: () => resolve(xhr.responseText) })
        xhr.open('POST', ${at})
        xhr.setRequestHeader('content-type', 'application/json')
        xhr.send(${body})
      })`
}

/** The RUM resource event of a call: RUM sends it with others, when the page seems to go away. */
async function resourceOf(page: Page, events: RumEvent[], url: string): Promise<RumEvent> {
  const { origin, pathname } = new URL(url)
  const isOfCall = (event: RumEvent) => {
    const own = event.resource && new URL(event.resource.url)
    return own?.origin === origin && own.pathname === pathname && (!url.includes('?') || event.resource?.url === url)
  }
  return received(`the RUM resource event of ${url}`, () => {
    page.evaluate("dispatchEvent(Object.assign(new Event('freeze'), { __ddIsTrusted: true }))").catch(() => {})
    return events.find(isOfCall)
  })
}
