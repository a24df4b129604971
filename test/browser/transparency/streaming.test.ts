import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { servers } from '../../support/servers.js'
import { FETCHES, slowAnswer } from './slowAnswers.js'

const CARRIERS = ['body', 'query', 'baggage'] as const

/** What one script leaves in the page for the next. */
interface Kept {
  readNext(): Promise<ReadableStreamReadResult<string>>
  xhr: XMLHttpRequest
  push(text: string): void
  finish(): void
  answer: Promise<number>
}

describe.each(CARRIERS)('with carrier %s', (carrier) => {
  let page: Page
  beforeAll(async () => {
    page = await openPage({ plugin: { origins: ['/agent', `${servers.secure.origin}/agent`], carrier } })
    await page.sessionId()
  })
  afterAll(() => page?.close())
  const kept = <R>(read: (kept: Kept) => R) => page.run(({ read }) => read(window as unknown as Kept), { read })

  it.each(FETCHES)('the answer to %s streams: a chunk is there before the next is sent', async (_, call) => {
    const slow = slowAnswer()
    const first = await page.run(
      async ({ call, url }) => {
        const { body } = await call(url, {})
        const reader = (body as ReadableStream).pipeThrough(new TextDecoderStream()).getReader()
        Object.assign(window, { readNext: () => reader.read() })
        return (await reader.read()).value
      },
      { call, url: slow.url },
    )
    expect(first).toBe('data: one\n\n')
    slow.release()
    expect((await kept(({ readNext }) => readNext())).value).toBe('data: two\n\n')
    expect((await kept(({ readNext }) => readNext())).done).toBe(true)
  })

  it('the answer to an XHR streams', async () => {
    const slow = slowAnswer()
    const first = await page.run(
      ({ url }) =>
        new Promise((resolve) => {
          const xhr = new XMLHttpRequest()
          Object.assign(window, { xhr })
          xhr.open('POST', url)
          xhr.onprogress = () => resolve(xhr.responseText)
          xhr.send('{}')
        }),
      { url: slow.url },
    )
    expect(first).toBe('data: one\n\n')
    slow.release()
    await expect
      .poll(() => kept(({ xhr }) => [xhr.readyState, xhr.responseText]), PATIENTLY)
      .toEqual([4, 'data: one\n\ndata: two\n\n'])
  })

  it('a streaming upload streams: the server has a chunk before the next is made', async () => {
    skipIn(['firefox', 'webkit'], NO_STREAMS)
    const path = `/agent/upload/${carrier}`
    await page.run(
      ({ url }) => {
        const encoder = new TextEncoder()
        const body = new ReadableStream({
          start(controller) {
            Object.assign(window, {
              push: (text: string) => controller.enqueue(encoder.encode(text)),
              finish: () => controller.close(),
            })
          },
        })
        const call = fetch(url, { method: 'POST', duplex: 'half', body } as RequestInit)
        Object.assign(window, { answer: call.then((response) => response.status) })
      },
      { url: servers.secure.origin + path },
    )
    await kept(({ push }) => push('one'))
    await expect.poll(() => servers.secure.incoming(path), PATIENTLY).toBe('one')
    await kept(({ push }) => push('two'))
    await expect.poll(() => servers.secure.incoming(path), PATIENTLY).toBe('onetwo')
    expect(servers.secure.requestsTo(path)).toEqual([])
    await kept(({ finish }) => finish())
    expect(await kept(({ answer }) => answer)).toBe(200)
    expect((await servers.secure.only(path)).text).toBe('onetwo')
  })
})
