/** @module-tag quick */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CaptureServer } from '../../support/captureServer.js'
import { openPage, type Page } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

const STREAM = { 'Content-Type': 'text/event-stream' }

interface Makers {
  url: string
  /** The constructor by the name that the test has, and by any other that the page has put in its place. */
  Connection: new (
    url: string | URL,
    second?: never,
  ) => EventSource | WebSocket
}
type Make = (t: Makers) => EventSource | WebSocket

const CONNECTIONS = {
  EventSource: {
    field: 'meta.sid',
    message: undefined,
    data: 'one',
    schemeOf: (origin: string) => origin,
    queries: ['?a=1', '?a=%20b+c&x=%E4&z=%2F', '?a=1#hash', '?sids=1'],
    withSecond: ({ url }: Makers) => new EventSource(url, { withCredentials: true }),
    forms: {
      'of a relative URL': ({ url }: Makers) => new EventSource(url.replace(location.origin, '')),
      'with an init': ({ url }: Makers) => new EventSource(url, { withCredentials: true }),
    },
  },
  WebSocket: {
    field: 'session_id',
    message: 'hello',
    data: 'echo: hello',
    schemeOf: (origin: string) => origin.replace('http', 'ws'),
    queries: ['?a=1', '?a=%20b+c&x=%E4&z=%2F', '?session_ids=1'],
    withSecond: ({ url }: Makers) => new WebSocket(url, 'chat'),
    forms: {
      'of a relative URL': ({ url }: Makers) => new WebSocket(url.replace(location.origin.replace('http', 'ws'), '')),
      'of an http URL': ({ url }: Makers) => new WebSocket(url.replace('ws:', 'http:')),
      'with a protocol': ({ url }: Makers) => new WebSocket(url, 'chat'),
      'with protocols': ({ url }: Makers) => new WebSocket(url, ['chat', 'superchat']),
      'with no protocols': ({ url }: Makers) => new WebSocket(url, []),
    },
  },
}
const NAMES = Object.keys(CONNECTIONS) as Array<keyof typeof CONNECTIONS>

const plainly: Make = ({ url, Connection }) => new Connection(url)
const FORMS: Record<string, Make> = {
  'of a string': plainly,
  'of a URL object': ({ url, Connection }) => new Connection(new URL(url)),
  'with undefined as second argument': ({ url, Connection }) => new Connection(url, undefined),
  'of a subclass': ({ url, Connection }) =>
    new (class Mine extends (Connection as typeof EventSource) {})(url as string),
  'by Reflect.construct': ({ url, Connection }) => Reflect.construct(Connection, [url]),
}

let calls = 0

describe.each(NAMES)('%s', (name) => {
  const { field, message, data, schemeOf, queries, withSecond, forms } = CONNECTIONS[name]
  const parameter = field.split('.').at(-1)

  /** Opens a connection, and gives its first message, what else a page sees, and what the server saw. */
  async function open(page: Page, base: string, make: Make, query = '', server: CaptureServer = servers.site) {
    const path = `${base}/${name}/${++calls}`
    server.respond(path, (_, response) => response.writeHead(200, STREAM).write('retry: 10\ndata: one\n\n'))
    const seen = await page.run(
      async ({ url, name, make, message }) => {
        const Connection = window[name] as unknown as Makers['Connection']
        const connection = make({ url, Connection })
        const data = await new Promise((resolve) => {
          if (connection instanceof WebSocket) {
            connection.onopen = () => connection.send(message as string)
          }
          connection.onmessage = (event) => resolve(event.data)
          connection.onerror = () => resolve('error')
        })
        connection.close()
        const { withCredentials, protocol, binaryType } = connection as Partial<EventSource & WebSocket>
        const madeBy = connection.constructor === Connection ? 'the global' : connection.constructor.name
        return { data, madeBy, isInstance: connection instanceof Connection, withCredentials, protocol, binaryType }
      },
      { url: `${schemeOf(server.origin)}${path}${query}`, name, make, message },
    )
    return { seen, request: await server.only(path), messages: server.messagesTo(path) }
  }

  describe.each(CARRIERS)('takes the query parameter with carrier %s', (carrier) => {
    let page: Page
    let added: string
    beforeAll(async () => {
      page = await openPage({
        plugin: { origins: ['/agent', `${servers.secure.origin}/agent`], carrier, field },
      })
      added = `${parameter}=${await page.sessionId()}`
    })
    afterAll(() => page?.close())

    it.each(Object.entries<Make>({ ...FORMS, ...forms }))('%s', async (form, make) => {
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
      const { request, seen } = await open(page, '/agent', plainly, '', servers.secure)
      expect(request.query).toBe(added)
      expect(seen).toMatchObject({ data })
      expect(servers.secure.preflightsTo(request.path)).toEqual([])
      const plain = await open(page, '/plain', plainly, '', servers.secure)
      expect(plain.request.query).toBeUndefined()
    })

    if (name === 'EventSource') {
      it('once, also when it reconnects', async () => {
        const path = `/agent/events/${++calls}`
        servers.site.respond(path, (_, response) =>
          response.writeHead(200, STREAM).end('retry: 10\nid: 7\ndata: one\n\n'),
        )
        await page.run(
          ({ path }) => {
            window.noted = [new EventSource(path)]
          },
          { path },
        )
        await expect.poll(() => servers.site.requestsTo(path).length, PATIENTLY).toBeGreaterThan(1)
        await page.run(() => (noted[0] as EventSource).close())
        for (const { query } of servers.site.requestsTo(path)) {
          expect(query).toBe(added)
        }
      })
    }
  })

  it("leaves the page's own parameter, with one warning unless it is the session id", async () => {
    const page = await openPage({ plugin: ['/agent'] })
    const query = `session_id=${await page.sessionId()}`
    expect((await open(page, '/agent', plainly, `?${query}`)).request.query).toBe(query)
    expect(page.console).toEqual([])
    expect((await open(page, '/agent', plainly, '?session_id=theirs')).request.query).toBe('session_id=theirs')
    expect((await open(page, '/agent', plainly, '?session_id=theirs')).request.query).toBe('session_id=theirs')
    expect(page.console.filter((message) => message.startsWith('warning:'))).toHaveLength(1)
    await page.close()
  })

  it('is as the page made it without a session', async () => {
    const page = await openPage({ plugin: ['/agent'], init: { sessionSampleRate: 0 } })
    expect((await open(page, '/agent', plainly, '?a=1')).request.query).toBe('a=1')
    await page.close()
  })

  it('keeps working where a library has replaced it before', async () => {
    const page = await openPage({
      before: inPage(
        ({ name }) => {
          window.noted = []
          const Native = window[name] as typeof EventSource
          const { [name]: Own } = {
            [name]: class extends Native {
              constructor(...args: [url: string]) {
                super(...args)
                noted.push(args.length)
              }
            },
          }
          Object.assign(window, { [name]: Own })
        },
        { name },
      ),
      plugin: ['/agent'],
    })
    const id = await page.sessionId()
    const { request, seen } = await open(page, '/agent', withSecond)
    expect(request.query).toBe(`session_id=${id}`)
    expect(seen).toMatchObject({ data, madeBy: 'the global', isInstance: true })
    expect(await page.run(() => noted)).toEqual([2])
    expect(seen).toEqual((await open(page, '/plain', withSecond)).seen)
    await page.close()
  })

  it('does not wait where it is made before RUM has started', async () => {
    const path = `/agent/${name}/early`
    const page = await openPage({
      plugin: ['/agent'],
      after: inPage(
        ({ path, name }) => {
          window.noted = [new window[name](path)]
        },
        { path, name },
      ),
    })
    await page.sessionId()
    expect((await servers.site.only(path)).query).toBeUndefined()
    expect(await page.run(({ path }) => (noted[0] as EventSource).url.endsWith(path), { path })).toBe(true)
    await page.close()
  })
})
