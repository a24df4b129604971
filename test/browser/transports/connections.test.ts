/** @module-tag quick */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaptureServer } from '../../support/captureServer.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { PATIENTLY, useStage } from '../../support/stage.js'

const stage = useStage()
const STREAM = { 'Content-Type': 'text/event-stream' }

/** In scripts, `url` is the text that a connection is to be opened with, and `connection` what that gave. */
const CONNECTIONS = {
  EventSource: {
    field: 'meta.sid',
    say: '',
    data: 'one',
    schemeOf: (origin: string) => origin,
    queries: ['?a=1', '?a=%20b+c&x=%E4&z=%2F', '?a=1#hash', '?sids=1'],
    second: '{ withCredentials: true }',
    forms: {
      'of a relative URL': 'new EventSource(url.replace(location.origin, ""))',
      'with an init': 'new EventSource(url, { withCredentials: true })',
    },
  },
  WebSocket: {
    field: 'session_id',
    say: "connection.onopen = () => connection.send('hello')",
    data: 'echo: hello',
    schemeOf: (origin: string) => origin.replace('http', 'ws'),
    queries: ['?a=1', '?a=%20b+c&x=%E4&z=%2F', '?session_ids=1'],
    second: "'chat'",
    forms: {
      'of a relative URL': 'new WebSocket(url.replace(location.origin.replace("http", "ws"), ""))',
      'of an http URL': 'new WebSocket(url.replace("ws:", "http:"))',
      'with a protocol': "new WebSocket(url, 'chat')",
      'with protocols': "new WebSocket(url, ['chat', 'superchat'])",
      'with no protocols': 'new WebSocket(url, [])',
    },
  },
}

let calls = 0

describe.each(Object.entries(CONNECTIONS))('%s', (name, { field, say, data, schemeOf, queries, second, forms }) => {
  const parameter = field.split('.').at(-1)
  const plainly = `new ${name}(url)`

  /** Opens a connection, and gives its first message, what else a page sees, and what the server saw. */
  async function open(page: TestPage, base: string, make: Source, query = '', server: CaptureServer = stage.site) {
    const path = `${base}/${name}/${++calls}`
    server.respond(path, (_, response) => response.writeHead(200, STREAM).write('retry: 10\ndata: one\n\n'))
    const seen = await page.evaluate<object>(`(async () => {
      const url = '${schemeOf(server.origin)}${path}${query}'
      const connection = ${make}
      const data = await new Promise((resolve) => {
        ${say}
        connection.onmessage = (event) => resolve(event.data)
        connection.onerror = () => resolve('error')
      })
      connection.close()
      const { constructor, withCredentials, protocol, binaryType } = connection
      const madeBy = constructor === ${name} ? 'the global' : constructor.name
      return { data, madeBy, isInstance: connection instanceof ${name}, withCredentials, protocol, binaryType }
    })()`)
    return { seen, request: await server.only(path), messages: server.messagesTo(path) }
  }

  describe.each(CARRIERS)('takes the query parameter with carrier %s', (carrier) => {
    let page: TestPage
    let added: string
    beforeAll(async () => {
      page = await stage.open({
        correlation: `{ origins: ['/agent', '${stage.secure.origin}/agent'], carrier: '${carrier}', field: '${field}' }`,
      })
      added = `${parameter}=${await page.sessionId()}`
    })
    afterAll(() => page?.close())

    it.each(
      Object.entries({
        'of a string': plainly,
        'of a URL object': `new ${name}(new URL(url))`,
        'with undefined as second argument': `new ${name}(url, undefined)`,
        'of a subclass': `new (class Mine extends ${name} {})(url)`,
        'by Reflect.construct': `Reflect.construct(${name}, [url])`,
        ...forms,
      }),
    )('%s', async (form, make) => {
      const agent = await open(page, '/agent', make)
      const plain = await open(page, '/plain', make)
      expect(agent.request.query).toBe(added)
      expect(plain.request.query).toBeUndefined()
      const madeBy = form === 'of a subclass' ? 'Mine' : 'the global'
      expect(agent.seen).toMatchObject({ data, madeBy, isInstance: true })
      expect(agent.seen).toEqual(plain.seen)
      expect(agent.messages).toEqual(plain.messages)
      expect(agent.request.rawHeaders).toEqual(
        plain.request.rawHeaders.map(([key, value]) => [
          key,
          /^(cookie|sec-websocket-key)$/i.test(key) ? expect.any(String) : value,
        ]),
      )
    })

    it.each(queries)('and keeps %s', async (query) => {
      const { request } = await open(page, '/agent', plainly, query)
      expect(request.query).toBe(`${query.slice(1).replace('#hash', '')}&${added}`)
    })

    it('across origins, by an https entry, without a preflight', async () => {
      const { request, seen } = await open(page, '/agent', plainly, '', stage.secure)
      expect(request.query).toBe(added)
      expect(seen).toMatchObject({ data })
      expect(stage.secure.preflightsTo(request.path)).toEqual([])
      const plain = await open(page, '/plain', plainly, '', stage.secure)
      expect(plain.request.query).toBeUndefined()
    })

    if (name === 'EventSource') {
      it('once, also when it reconnects', async () => {
        const path = `/agent/events/${++calls}`
        stage.site.respond(path, (_, response) =>
          response.writeHead(200, STREAM).end('retry: 10\nid: 7\ndata: one\n\n'),
        )
        await page.evaluate(`void (window.source = new EventSource('${path}'))`)
        await expect.poll(() => stage.site.requestsTo(path).length, PATIENTLY).toBeGreaterThan(1)
        await page.evaluate('source.close()')
        for (const { query } of stage.site.requestsTo(path)) {
          expect(query).toBe(added)
        }
      })
    }
  })

  it("leaves the page's own parameter, with one warning unless it is the session id", async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    const query = `session_id=${await page.sessionId()}`
    expect((await open(page, '/agent', plainly, `?${query}`)).request.query).toBe(query)
    expect(page.console).toEqual([])
    expect((await open(page, '/agent', plainly, '?session_id=theirs')).request.query).toBe('session_id=theirs')
    expect((await open(page, '/agent', plainly, '?session_id=theirs')).request.query).toBe('session_id=theirs')
    expect(page.console.filter((message) => message.startsWith('warning:'))).toHaveLength(1)
    await page.close()
  })

  it('is as the page made it without a session', async () => {
    const page = await stage.open({ correlation: `['/agent']`, init: 'sessionSampleRate: 0' })
    expect((await open(page, '/agent', plainly, '?a=1')).request.query).toBe('a=1')
    await page.close()
  })

  it('keeps working where a library has replaced it before', async () => {
    const page = await stage.open({
      before: `window.opened = []
        window.${name} = class ${name} extends window.${name} {
          constructor(...args) { super(...args); opened.push(args.length) }
        }`,
      correlation: `['/agent']`,
    })
    const id = await page.sessionId()
    const make = `new ${name}(url, ${second})`
    const { request, seen } = await open(page, '/agent', make)
    expect(request.query).toBe(`session_id=${id}`)
    expect(seen).toMatchObject({ data, madeBy: 'the global', isInstance: true })
    expect(await page.evaluate('opened')).toEqual([2])
    expect(seen).toEqual((await open(page, '/plain', make)).seen)
    await page.close()
  })

  it('does not wait where it is made before RUM has started', async () => {
    const path = `/agent/${name}/early`
    const page = await stage.open({ correlation: `['/agent']`, after: `window.early = new ${name}('${path}')` })
    await page.sessionId()
    expect((await stage.site.only(path)).query).toBeUndefined()
    expect(await page.evaluate(`early.url.endsWith('${path}')`)).toBe(true)
    await page.close()
  })
})
