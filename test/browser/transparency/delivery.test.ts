import { beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import type { Source, TestPage } from '../../support/page.js'
import { PATIENTLY, useStage } from '../../support/stage.js'

const stage = useStage()
/** WebKit rejects what was aborted with an error of its own, whatever the reason. */
const ABORTED = ENGINE === 'webkit' ? 'AbortError' : 'the reason'
const CARRIERS = ['body', 'query', 'baggage'] as const
const pages = {} as Record<(typeof CARRIERS)[number], TestPage>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    pages[carrier] = await stage.open({
      // The innermost fetch keeps the promises and responses of the browser itself.
      before: `window.native = []
        const inner = fetch
        window.fetch = function () { const promise = inner.apply(this, arguments); native.push(promise); return promise }`,
      correlation: `{ origins: ['/agent', '${stage.secure.origin}/agent'], carrier: '${carrier}' }`,
    })
    await pages[carrier].sessionId()
  }
})

let calls = 0
/** Path of an answer that sends `one`, and `two` only once `release` was called. */
function slowAnswer(server = stage.site) {
  const path = `/agent/slow/${++calls}`
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let isClosed = false
  server.respond(path, async (_, response) => {
    response.on('close', () => {
      isClosed = true
    })
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('data: one\n\n')
    await released
    response.end('data: two\n\n')
  })
  return { path, url: server.origin + path, release, isClosed: () => isClosed }
}

describe.each(CARRIERS)('with carrier %s', (carrier) => {
  const CALLS: Array<[name: string, call: (url: string) => Source]> = [
    ['fetch(string, init)', (url) => `fetch('${url}', { signal, method: 'POST', body: '{}' })`],
    ['fetch(Request)', (url) => `fetch(new Request('${url}', { signal, method: 'POST', body: '{}' }))`],
    [
      'fetch of a Blob',
      (url) => `fetch('${url}', { signal, method: 'POST', body: new Blob(['{}'], { type: 'application/json' }) })`,
    ],
    ['fetch of a GET', (url) => `fetch('${url}', { signal })`],
  ]

  it.each(CALLS)('the answer to %s streams: a chunk is there before the next is sent', async (_, call) => {
    const page = pages[carrier]
    const slow = slowAnswer()
    const first = await page.evaluate<string>(`(async () => {
      const signal = undefined
      const response = await ${call(slow.url)}
      window.reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      return (await reader.read()).value
    })()`)
    expect(first).toBe('data: one\n\n')
    slow.release()
    expect(await page.evaluate('reader.read().then(({ value }) => value)')).toBe('data: two\n\n')
    expect(await page.evaluate('reader.read().then(({ done }) => done)')).toBe(true)
  })

  it('the answer to an XHR streams', async () => {
    const page = pages[carrier]
    const slow = slowAnswer()
    const first = await page.evaluate<string>(`new Promise((resolve) => {
      window.xhr = new XMLHttpRequest()
      xhr.open('POST', '${slow.url}')
      xhr.onprogress = () => resolve(xhr.responseText)
      xhr.send('{}')
    })`)
    expect(first).toBe('data: one\n\n')
    slow.release()
    await expect
      .poll(() => page.evaluate('[xhr.readyState, xhr.responseText]'), PATIENTLY)
      .toEqual([4, 'data: one\n\ndata: two\n\n'])
  })

  it.each(CALLS)("%s gives the browser's own response", async (_, call) => {
    const result = await pages[carrier].evaluate(`(async () => {
      const signal = undefined
      const response = await ${call(`${stage.site.origin}/agent/own-response/${++calls}`)}
      // RUM sends its events by fetch, too: the last native call need not be this one.
      const isOwn = Promise.any(native.map(async (own) => (await own) === response || Promise.reject()))
      return [await isOwn, response.bodyUsed, response.body.locked]
    })()`)
    expect(result).toEqual([true, false, false])
  })

  it.each(CALLS)(
    '%s aborted while it waits for an answer rejects with the reason, and the server knows',
    async (_, call) => {
      const slow = slowAnswer()
      let isAsked = false
      stage.site.respond(slow.path, (_request, response) => {
        isAsked = true
        return new Promise<void>((resolve) => response.on('close', resolve))
      })
      const page = pages[carrier]
      await page.evaluate(`(() => {
      window.controller = new AbortController()
      const { signal } = controller
      window.result = ${call(slow.url)}.then(() => 'resolved', (error) => error.name ?? error)
    })()`)
      await expect.poll(() => isAsked, PATIENTLY).toBe(true)
      expect(await page.evaluate("(async () => { controller.abort('the reason'); return result })()")).toBe(ABORTED)
    },
  )

  it.each(CALLS)('%s aborted while its answer streams ends the stream with the reason', async (_, call) => {
    const slow = slowAnswer()
    const result = await pages[carrier].evaluate(`(async () => {
      const controller = new AbortController()
      const { signal } = controller
      const response = await ${call(slow.url)}
      const reader = response.body.getReader()
      await reader.read()
      controller.abort('the reason')
      return reader.read().then(() => 'read', (error) => error.name ?? error)
    })()`)
    expect(result).toBe(ABORTED)
    await expect.poll(slow.isClosed, PATIENTLY).toBe(true)
  })

  it.each(CALLS)('%s with a time limit rejects when it is over', async (_, call) => {
    const slow = slowAnswer()
    stage.site.respond(slow.path, (_request, response) => new Promise<void>((resolve) => response.on('close', resolve)))
    const result = await pages[carrier].evaluate(`(() => {
      const signal = AbortSignal.timeout(100)
      return ${call(slow.url)}.then(() => 'resolved', (error) => error.name)
    })()`)
    expect(result).toBe(ENGINE === 'webkit' ? 'AbortError' : 'TimeoutError')
  })

  it('an XHR aborted while it waits, or out of time, says so', async () => {
    const slow = slowAnswer()
    stage.site.respond(slow.path, (_request, response) => new Promise<void>((resolve) => response.on('close', resolve)))
    const result = await pages[carrier].evaluate(`(async () => {
      const run = (act) => new Promise((resolve) => {
        const xhr = new XMLHttpRequest()
        const log = []
        for (const type of ['abort', 'timeout', 'error', 'load']) xhr.addEventListener(type, () => log.push(type))
        xhr.onloadend = () => resolve(log)
        xhr.open('POST', '${slow.url}')
        act(xhr)
      })
      return [
        await run((xhr) => { xhr.send('{}'); setTimeout(() => xhr.abort(), 50) }),
        await run((xhr) => { xhr.timeout = 100; xhr.send('{}') }),
      ]
    })()`)
    expect(result).toEqual([['abort'], ['timeout']])
  })

  it('a streaming upload streams: the server has a chunk before the next is made', async () => {
    skipIn(['firefox', 'webkit'], NO_STREAMS)
    const path = `/agent/upload/${++calls}`
    const page = pages[carrier]
    await page.evaluate(`(() => {
      const encoder = new TextEncoder()
      const body = new ReadableStream({
        start(controller) {
          window.push = (text) => controller.enqueue(encoder.encode(text))
          window.finish = () => controller.close()
        },
      })
      window.answer = fetch('${stage.secure.origin}${path}', { method: 'POST', duplex: 'half', body }).then((response) => response.status)
    })()`)
    await page.evaluate("push('one')")
    await expect.poll(() => stage.secure.incoming(path), PATIENTLY).toBe('one')
    await page.evaluate("push('two')")
    await expect.poll(() => stage.secure.incoming(path), PATIENTLY).toBe('onetwo')
    expect(stage.secure.requestsTo(path)).toEqual([])
    await page.evaluate('finish()')
    expect(await page.evaluate('answer')).toBe(200)
    expect((await stage.secure.only(path)).text).toBe('onetwo')
  })

  it('a keepalive call survives the page', async () => {
    const path = `/agent/keepalive/${++calls}`
    const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
    const id = await page.sessionId()
    await page.evaluate(`void addEventListener('pagehide', () => {
      fetch('${path}', { method: 'POST', keepalive: true, body: '{"a":1}' })
    })`)
    await page.goto(await stage.site.add({ rum: false, plugin: false }))
    const request = await stage.site.only(path)
    expect(request.url + request.text + (request.header('baggage') ?? '')).toContain(id)
    await page.close()
  })

  it('redirects are followed, and the call that follows is of the browser', async () => {
    const path = `/agent/redirect/${++calls}`
    stage.site.respond(path, (_, response) => response.writeHead(307, { Location: `${path}/target` }).end())
    const page = pages[carrier]
    const result = await page.evaluate(`(async () => {
      const response = await fetch('${path}', { method: 'POST', body: '{}' })
      return [response.redirected, new URL(response.url).pathname]
    })()`)
    expect(result).toEqual([true, `${path}/target`])
    const [first, second] = [await stage.site.only(path), await stage.site.only(`${path}/target`)]
    expect(second.text).toBe(first.text)
    expect(second.header('baggage')).toBe(first.header('baggage'))
  })

  it('an error of the server or of the network reaches the page as it is', async () => {
    const path = `/agent/error/${++calls}`
    stage.site.respond(path, (_, response) => response.writeHead(503, { 'x-why': 'overload' }).end('no'))
    for (const broken of [`${path}/broken`, `/plain${path}`]) {
      stage.site.respond(broken, (_, response) => response.destroy())
    }
    const result = await pages[carrier].evaluate<unknown[]>(`(async () => {
      const response = await fetch('${path}', { method: 'POST', body: '{}' })
      const failure = (url) => fetch(url, { method: 'POST', body: '{}' }).catch(String)
      const failures = [await failure('${path}/broken'), await failure('/plain${path}')]
      return [response.status, response.headers.get('x-why'), await response.text(), ...failures]
    })()`)
    const message = expect.stringMatching(/^TypeError: ./)
    expect(result).toEqual([503, 'overload', 'no', message, message])
    expect(result[3]).toBe(result[4])
  })
})
