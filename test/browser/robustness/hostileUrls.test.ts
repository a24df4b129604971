import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CapturedRequest, type CaptureServer, startCaptureServer } from '../../support/captureServer.js'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { withoutId } from '../../support/withoutId.js'
import { callByEachTransport, markOf } from './everyTransport.js'
import { ROWS, type Row } from './urlTexts.js'

// Who gets the id is told by what arrived where, not by what the URL looks like.

/** The agent's server; one on another port, for whoever looks like it; and the page's port on `[::1]`, if there is IPv6. */
let agent: CaptureServer
let other: CaptureServer
let ipv6: CaptureServer | undefined
const pages = {} as Record<(typeof CARRIERS)[number] | 'native', Page>

beforeAll(async () => {
  const { site, secure } = servers
  agent = await startCaptureServer()
  other = await startCaptureServer()
  ipv6 = await startCaptureServer({ listen: { host: '::1', port: site.port } }).catch(() => undefined)
  const origins = [
    '/v1/chat',
    `http://agent.localhost:${agent.port}/v1/chat`,
    `https://secure.localhost:${secure.port}`,
  ]
  pages.native = await openPage({ sdk: 'none', plugin: false })
  for (const carrier of CARRIERS) {
    pages[carrier] = await openPage({ sdk: 'stub', plugin: { origins, carrier } })
  }
})
afterAll(async () => {
  await Promise.all(Object.values(pages).map((page) => page.close()))
  await Promise.all([agent, other, ipv6].map((server) => server?.close()))
})

const listening = () => [servers.site, servers.secure, agent, other, ...(ipv6 ? [ipv6] : [])]

/** A request, and the address that the browser sent it to: the port that it came in at, and the host that it asked for. */
interface Arrival {
  port: number
  host: string
  request: CapturedRequest
}

const arrivals = (mark: string): Arrival[] =>
  listening().flatMap(({ requests, port }) =>
    requests
      .filter(({ url }) => url.includes(mark))
      .map((request) => ({ port, host: request.header('host') ?? request.header(':authority') ?? '', request })),
  )

/** Whether an entry names the address, told by nothing but what arrived there. */
function isNamed({ port, host, request: { path } }: Arrival): boolean {
  const { site, secure } = servers
  const isChat = path === '/v1/chat' || path.startsWith('/v1/chat/')
  return (
    (port === site.port && host === `127.0.0.1:${port}` && isChat) ||
    (port === agent.port && host === `agent.localhost:${port}` && isChat) ||
    (port === secure.port && host === `secure.localhost:${port}`)
  )
}

const withPorts = (text: string) =>
  text
    .replaceAll('PAGE', `${servers.site.port}`)
    .replaceAll('AGENT', `${agent.port}`)
    .replaceAll('OTHER', `${other.port}`)
    .replaceAll('SECURE', `${servers.secure.port}`)

/** What tells the calls of one page from those of the others. */
const OWN_MARK = /m\d+m/g
const ADDED = new RegExp(`[?&]session_id=${STUB_SESSION_ID}`, 'g')

/** What arrived of a call, but for the id and the marks. */
function received(arrival: Arrival) {
  const { port, host, request } = arrival
  // HTTP/2 has the path among its headers.
  const rawHeaders = request.rawHeaders.filter(([name]) => !name.startsWith(':'))
  const { carried, method, query, text } = withoutId({ ...request, rawHeaders })
  const bare = {
    port,
    host,
    path: request.path.replace(OWN_MARK, ''),
    method,
    query: query?.replace(OWN_MARK, ''),
    text,
  }
  return { bare, carried, isNamed: isNamed(arrival) }
}

let marks = 0

/** Has the page make its calls, and gives what it sees and what arrived. `expected` is how many of them arrive. */
async function callAll(page: Page, [text, contacted, base]: Row, expected?: number) {
  const mark = `m${++marks}m`
  const url = withPorts(text).replace('MARK', `${mark}MARK`)
  const results = await callByEachTransport(page, { url, base: base && withPorts(base) })
  const names = Object.keys(results)
  const markOfCall = (index: number) => mark + markOf(index)
  // A beacon is on its way.
  const beacon = markOfCall(names.indexOf('sendBeacon'))
  const isComplete = () =>
    expected === undefined
      ? contacted === 'nothing' || arrivals(beacon).length > 0 || results.sendBeacon !== 'true'
      : arrivals(mark).length === expected
  await expect.poll(isComplete, { ...PATIENTLY, interval: 5 }).toBe(true)
  const seen = Object.entries(results).map(([name, result]) => [name, result.replace(OWN_MARK, '').replace(ADDED, '')])
  return { seen, sent: names.map((_, index) => arrivals(markOfCall(index)).map(received)) }
}

describe.each(Object.entries(ROWS))('%s', (_, rows) => {
  it.each(rows)('%j contacts: %s (base %s)', async (text, contacted, base) => {
    if (text.includes('%68')) {
      skipIn('webkit', 'WebKitGTK sends another path than that of the URL: h for %68')
    }
    if (base?.startsWith('data:')) {
      skipIn('webkit', 'a document takes such a base')
    }
    for (const server of listening()) {
      server.requests.length = 0
    }
    const row: Row = base === undefined ? [text, contacted] : [text, contacted, base]
    const native = await callAll(pages.native, row)
    const arrived = native.sent.flat()
    if (ipv6 || !text.includes('[')) {
      const hosts = arrived.map(({ isNamed }) => (isNamed ? 'agent' : 'elsewhere'))
      expect([...new Set(hosts)]).toEqual(contacted === 'nothing' ? [] : [contacted])
    }
    const bare = ({ seen, sent }: typeof native) => ({ seen, sent: sent.map((list) => list.map(({ bare }) => bare)) })
    const tryCarrier = async (carrier: (typeof CARRIERS)[number]) => {
      const actual = await callAll(pages[carrier], row, arrived.length)
      expect(bare(actual), carrier).toEqual(bare(native))
      for (const { bare, carried, isNamed } of actual.sent.flat()) {
        expect(carried, `${carrier}: ${JSON.stringify(bare)}`).toBe(isNamed ? 1 : 0)
      }
    }
    await Promise.all(CARRIERS.map(tryCarrier))
  })
})

describe('an entry with or without its default port', () => {
  let page: Page
  beforeAll(async () => {
    const origins = ['http://agent.localhost', 'https://secure.localhost:443']
    page = await openPage({ sdk: 'stub', plugin: { origins, carrier: 'query' } })
  })
  afterAll(() => page?.close())

  // Nothing listens at these ports here; the URL that the connection says is the one that the browser tries.
  it.each<[text: string, has: boolean]>([
    ['http://agent.localhost/', true],
    ['http://agent.localhost:80/', true],
    ['http://agent.localhost:/', true],
    ['ws://agent.localhost:80/', true],
    ['ws://agent.localhost/', true],
    ['http://agent.localhost:443/', false],
    ['https://agent.localhost:80/', false],
    ['https://agent.localhost/', false],
    ['https://secure.localhost:443/', true],
    ['https://secure.localhost/', true],
    ['wss://secure.localhost:443/', true],
    ['https://secure.localhost:80/', false],
    ['ws://secure.localhost:443/', false],
  ])('takes %s: %s', async (text, has) => {
    const url = await page.run((text) => {
      const connection = text.startsWith('ws') ? new WebSocket(text) : new EventSource(text)
      connection.close()
      return connection.url
    }, text)
    expect(url).toBe(`${new URL(text).href}${has ? `?session_id=${STUB_SESSION_ID}` : ''}`)
  })
})
