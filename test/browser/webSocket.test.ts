import { beforeAll, describe, expect, it } from 'vitest'
import type { CaptureServer } from '../support/captureServer.js'
import type { Source, TestPage } from '../support/page.js'
import { useStage } from '../support/stage.js'

const stage = useStage()
const CARRIERS = ['body', 'query', 'baggage', 'trace-tags'] as const
const pages = {} as Record<(typeof CARRIERS)[number], { page: TestPage; id: string }>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    const page = await stage.open({
      correlation: `{ origins: ['/agent', '${stage.secure.origin}/agent'], carrier: '${carrier}' }`,
    })
    pages[carrier] = { page, id: await page.sessionId() }
  }
})

let calls = 0
/** Opens the WebSocket, says hello, and gives the answer and what the server saw. */
async function open(
  page: TestPage,
  base: string,
  make: (url: string) => Source,
  query = '',
  server: CaptureServer = stage.site,
) {
  const path = `${base}/socket/${++calls}`
  const url = server.origin.replace('http', 'ws') + path + query
  const result = await page.evaluate<unknown[]>(`(async () => {
    const socket = ${make(url)}
    const data = await new Promise((resolve) => {
      socket.onopen = () => socket.send('hello')
      socket.onmessage = (event) => resolve(event.data)
      socket.onerror = () => resolve('error')
    })
    socket.close()
    return [data, socket.protocol, socket instanceof WebSocket, socket.constructor === WebSocket, socket.binaryType]
  })()`)
  return { result, request: await server.only(path), messages: server.messagesTo(path) }
}

describe.each(CARRIERS)('with carrier %s, a WebSocket takes the query parameter', (carrier) => {
  it.each<[name: string, make: (url: string) => Source]>([
    ['of a string', (url) => `new WebSocket('${url}')`],
    ['of a relative URL', (url) => `new WebSocket('${url}'.replace(location.origin.replace('http', 'ws'), ''))`],
    ['of an http URL', (url) => `new WebSocket('${url}'.replace('ws:', 'http:'))`],
    ['of a URL object', (url) => `new WebSocket(new URL('${url}'))`],
    ['with undefined as protocol', (url) => `new WebSocket('${url}', undefined)`],
    ['with a protocol', (url) => `new WebSocket('${url}', 'chat')`],
    ['with protocols', (url) => `new WebSocket('${url}', ['chat', 'superchat'])`],
    ['with no protocols', (url) => `new WebSocket('${url}', [])`],
    [
      'of a subclass',
      (url) =>
        `(() => { class Mine extends WebSocket {}; const mine = new Mine('${url}'); if (mine.constructor !== Mine) throw 1; return Object.setPrototypeOf(mine, WebSocket.prototype) })()`,
    ],
    ['by Reflect.construct', (url) => `Reflect.construct(WebSocket, ['${url}'])`],
  ])('%s', async (_, make) => {
    const { page, id } = pages[carrier]
    const agent = await open(page, '/agent', make)
    const plain = await open(page, '/plain', make)
    expect(agent.request.query).toBe(`session_id=${id}`)
    expect(plain.request.query).toBeUndefined()
    expect(agent.result[0]).toBe('echo: hello')
    expect(agent.messages).toEqual(['hello'])
    expect(agent.result).toEqual(plain.result)
    expect(agent.request.header('sec-websocket-protocol')).toBe(plain.request.header('sec-websocket-protocol'))
  })

  it.each(['?a=1', '?a=%20b+c&x=%E4&z=%2F', '?session_ids=1'])('and keeps %s', async (query) => {
    const { page, id } = pages[carrier]
    const agent = await open(page, '/agent', (url) => `new WebSocket('${url}')`, query)
    expect(agent.request.query).toBe(`${query.slice(1)}&session_id=${id}`)
  })

  it('where an https entry takes wss', async () => {
    const { page, id } = pages[carrier]
    const { request, result } = await open(page, '/agent', (url) => `new WebSocket('${url}')`, '', stage.secure)
    expect(result[0]).toBe('echo: hello')
    expect(request.query).toBe(`session_id=${id}`)
    const plain = await open(page, '/plain', (url) => `new WebSocket('${url}')`, '', stage.secure)
    expect(plain.request.query).toBeUndefined()
  })
})

it("the page's own parameter wins, with one warning unless it is the session id", async () => {
  const page = await stage.open({ correlation: `['/agent']` })
  const id = await page.sessionId()
  const make = (url: string) => `new WebSocket('${url}')`
  expect((await open(page, '/agent', make, `?session_id=${id}`)).request.query).toBe(`session_id=${id}`)
  expect(page.console).toEqual([])
  expect((await open(page, '/agent', make, '?session_id=theirs')).request.query).toBe('session_id=theirs')
  expect((await open(page, '/agent', make, '?session_id=theirs')).request.query).toBe('session_id=theirs')
  expect(page.console.filter((message) => message.startsWith('warning:'))).toHaveLength(1)
  await page.close()
})

it('without a session it is as the page made it', async () => {
  const page = await stage.open({ correlation: `['/agent']`, init: 'sessionSampleRate: 0' })
  const { request } = await open(page, '/agent', (url) => `new WebSocket('${url}')`, '?a=1')
  expect(request.query).toBe('a=1')
  await page.close()
})

it('a library that replaced WebSocket before keeps working', async () => {
  const page = await stage.open({
    before: `window.opened = []
      window.WebSocket = class WebSocket extends window.WebSocket { constructor(...args) { super(...args); opened.push(args.length) } }`,
    correlation: `['/agent']`,
  })
  const id = await page.sessionId()
  const { request, result } = await open(page, '/agent', (url) => `new WebSocket('${url}', 'chat')`)
  expect(request.query).toBe(`session_id=${id}`)
  expect(result).toEqual(['echo: hello', 'chat', true, true, 'blob'])
  expect(await page.evaluate('opened')).toEqual([2])
  await page.close()
})

it('made before RUM has started it does not wait', async () => {
  const page = await stage.open({
    correlation: `['/agent']`,
    after: "window.early = new WebSocket('/agent/socket/early')",
  })
  await page.sessionId()
  expect((await stage.site.only('/agent/socket/early')).query).toBeUndefined()
  expect(await page.evaluate('early.url.endsWith("/agent/socket/early")')).toBe(true)
  await page.close()
})
