import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { openPage, type Page } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { servers } from '../../support/servers.js'
import { FETCHES, neverAnswers, slowAnswer } from './slowAnswers.js'

/** WebKit rejects what was aborted with an error of its own, whatever the reason. */
const ABORTED = ENGINE === 'webkit' ? 'AbortError' : 'the reason'
const CARRIERS = ['body', 'query', 'baggage'] as const
const pages = {} as Record<(typeof CARRIERS)[number], Page>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    pages[carrier] = await openPage({
      // The innermost fetch keeps the promises and responses of the browser itself.
      before: () => {
        window.noted = []
        const inner = fetch
        window.fetch = function (...args) {
          const promise = inner.apply(this, args)
          window.noted.push(promise)
          return promise
        }
      },
      plugin: { origins: ['/agent', `${servers.secure.origin}/agent`], carrier },
    })
    await pages[carrier].sessionId()
  }
})
afterAll(() => Promise.all(Object.values(pages).map((page) => page.close())))

let calls = 0

/** What one script leaves in the page for the next. */
interface Aborting {
  abort(): Promise<unknown>
}

describe.each(CARRIERS)('with carrier %s', (carrier) => {
  it.each(FETCHES)("%s gives the browser's own response", async (_, call) => {
    const result = await pages[carrier].run(
      async ({ call, url }) => {
        const response = await call(url, {})
        // RUM sends its events by fetch, too: the last native call need not be this one.
        const isOwn = Promise.any(noted.map(async (own) => (await own) === response || Promise.reject()))
        return [await isOwn, response.bodyUsed, response.body?.locked]
      },
      { call, url: `${servers.site.origin}/agent/own-response/${++calls}` },
    )
    expect(result).toEqual([true, false, false])
  })

  it.each(FETCHES)(
    '%s aborted while it waits for an answer rejects with the reason, and the server knows',
    async (_, call) => {
      const slow = neverAnswers()
      const page = pages[carrier]
      await page.run(
        ({ call, url }) => {
          const controller = new AbortController()
          const result = call(url, { signal: controller.signal }).then(
            () => 'resolved',
            (error) => error.name ?? error,
          )
          Object.assign(window, {
            abort() {
              controller.abort('the reason')
              return result
            },
          })
        },
        { call, url: slow.url },
      )
      await expect.poll(slow.isAsked, PATIENTLY).toBe(true)
      expect(await page.run(() => (window as unknown as Aborting).abort())).toBe(ABORTED)
      await expect.poll(slow.isClosed, PATIENTLY).toBe(true)
    },
  )

  it.each(FETCHES)('%s aborted while its answer streams ends the stream with the reason', async (_, call) => {
    const slow = slowAnswer()
    const result = await pages[carrier].run(
      async ({ call, url }) => {
        const controller = new AbortController()
        const { body } = await call(url, { signal: controller.signal })
        const reader = (body as ReadableStream).getReader()
        await reader.read()
        controller.abort('the reason')
        return reader.read().then(
          () => 'read',
          (error) => error.name ?? error,
        )
      },
      { call, url: slow.url },
    )
    expect(result).toBe(ABORTED)
    await expect.poll(slow.isClosed, PATIENTLY).toBe(true)
  })

  it.each(FETCHES)('%s with a time limit rejects when it is over', async (_, call) => {
    const result = await pages[carrier].run(
      ({ call, url }) =>
        call(url, { signal: AbortSignal.timeout(100) }).then(
          () => 'resolved',
          (error) => error.name,
        ),
      { call, url: neverAnswers().url },
    )
    expect(result).toBe(ENGINE === 'webkit' ? 'AbortError' : 'TimeoutError')
  })

  it.each<[name: string, act: (xhr: XMLHttpRequest) => void, event: string]>([
    [
      'aborted while it waits',
      (xhr) => {
        xhr.send('{}')
        setTimeout(() => xhr.abort(), 50)
      },
      'abort',
    ],
    [
      'out of time',
      (xhr) => {
        xhr.timeout = 100
        xhr.send('{}')
      },
      'timeout',
    ],
  ])('an XHR %s says so', async (_, act, event) => {
    const log = await pages[carrier].run(
      ({ act, url }) =>
        new Promise((resolve) => {
          const xhr = new XMLHttpRequest()
          const log: string[] = []
          for (const type of ['abort', 'timeout', 'error', 'load']) {
            xhr.addEventListener(type, () => log.push(type))
          }
          xhr.onloadend = () => resolve(log)
          xhr.open('POST', url)
          act(xhr)
        }),
      { act, url: neverAnswers().url },
    )
    expect(log).toEqual([event])
  })

  it('a keepalive call survives the page', async () => {
    const path = `/agent/keepalive/${++calls}`
    const page = await openPage({ plugin: { origins: ['/agent'], carrier } })
    const id = await page.sessionId()
    await page.run(
      ({ path }) =>
        addEventListener('pagehide', () => {
          fetch(path, { method: 'POST', keepalive: true, body: '{"a":1}' })
        }),
      { path },
    )
    await page.goto(await servers.site.add({ rum: false, plugin: false }))
    const request = await servers.site.only(path)
    expect(request.url + request.text + (request.header('baggage') ?? '')).toContain(id)
    await page.close()
  })

  it('redirects are followed, and the call that follows is of the browser', async () => {
    const path = `/agent/redirect/${++calls}`
    servers.site.respond(path, (_, response) => response.writeHead(307, { Location: `${path}/target` }).end())
    const result = await pages[carrier].run(
      async ({ path }) => {
        const response = await fetch(path, { method: 'POST', body: '{}' })
        return [response.redirected, new URL(response.url).pathname]
      },
      { path },
    )
    expect(result).toEqual([true, `${path}/target`])
    const [first, second] = [await servers.site.only(path), await servers.site.only(`${path}/target`)]
    expect(second.text).toBe(first.text)
    expect(second.header('baggage')).toBe(first.header('baggage'))
  })

  it('an error of the server or of the network reaches the page as it is', async () => {
    const path = `/agent/error/${++calls}`
    const broken = [`${path}/broken`, `/plain${path}`]
    servers.site.respond(path, (_, response) => response.writeHead(503, { 'x-why': 'overload' }).end('no'))
    for (const url of broken) {
      servers.site.respond(url, (_, response) => response.destroy())
    }
    const { answer, failures } = await pages[carrier].run(
      async ({ path, broken }) => {
        const post = (url: string) => fetch(url, { method: 'POST', body: '{}' })
        const response = await post(path)
        const answer = [response.status, response.headers.get('x-why'), await response.text()]
        return { answer, failures: await Promise.all(broken.map((url) => post(url).catch(String))) }
      },
      { path, broken },
    )
    expect(answer).toEqual([503, 'overload', 'no'])
    expect(failures[0]).toMatch(/^TypeError: ./)
    expect(failures[0]).toBe(failures[1])
  })
})
