import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, alone, NATIVE, withoutId } from '../../support/alone.js'
import { type CapturedRequest, type CaptureServer, startCaptureServer } from '../../support/captureServer.js'
import { ENGINE } from '../../support/engines/engine.js'
import { skipIn } from '../../support/engines/skipIn.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { PATIENTLY, useStage } from '../../support/stage.js'

const stage = useStage()

/** The agent's server; one on another port, for whoever looks like it; and the page's port on `[::1]`, where there is IPv6. */
let agent: CaptureServer
let other: CaptureServer
let ipv6: CaptureServer | undefined
const pages = {} as Record<string, TestPage>

/** In the page: makes one call by each transport, at once, and tells what the page sees of them. */
const HELPERS: Source = `
  window.TRANSPORTS = {
    fetch: (url) => fetch(url, { method: 'POST', body: '{"a":1}' }),
    'fetch of a URL': (url) => fetch(new URL(url, document.baseURI)),
    'fetch of a Request': (url) => fetch(new Request(url, { method: 'POST', body: '{"a":1}' })),
    XHR: (url) => new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', url)
      xhr.onloadend = () => resolve(xhr)
      xhr.send('{"a":1}')
    }),
    'XHR of a URL': (url) => new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', new URL(url, document.baseURI))
      xhr.onloadend = () => resolve(xhr)
      xhr.send()
    }),
    'sync XHR': (url) => { const xhr = new XMLHttpRequest(); xhr.open('GET', url, false); xhr.send(); return xhr },
    EventSource: (url) => new Promise((resolve) => {
      const source = new EventSource(url)
      source.onopen = source.onerror = () => { source.close(); resolve(source.url) }
    }),
    WebSocket: (url) => new Promise((resolve) => {
      const socket = new WebSocket(url)
      socket.onopen = socket.onerror = () => { socket.close(); resolve(socket.url) }
    }),
    sendBeacon: (url) => navigator.sendBeacon(url, '{"a":1}'),
  }
  window.callAll = async (text, base) => {
    const element = base === undefined ? undefined : Object.assign(document.createElement('base'), { href: base })
    if (element) document.head.append(element)
    const calls = Object.entries(TRANSPORTS).map(async ([name, call], index) => {
      try {
        const url = text.replace('MARK', 'x' + index + 'x')
        // In Firefox a WebSocket is relative to the page, whatever its base.
        const isRelativeToPage = ${ENGINE === 'firefox'} && name === 'WebSocket' && element
        const result = await call(isRelativeToPage ? new URL(url, element.href).href : url)
        return [name, String(result?.status ?? result)]
      } catch (error) {
        return [name, error.name]
      }
    })
    element?.remove()
    return Object.fromEntries(await Promise.all(calls))
  }
  undefined`
const TRANSPORT_COUNT = 9

beforeAll(async () => {
  agent = await startCaptureServer()
  other = await startCaptureServer()
  ipv6 = await startCaptureServer({ listen: { host: '::1', port: stage.site.port } }).catch(() => undefined)
  pages.native = await stage.open(NATIVE)
  const entries = `['/v1/chat', 'http://agent.localhost:${agent.port}/v1/chat', 'https://secure.localhost:${stage.secure.port}']`
  for (const carrier of CARRIERS) {
    pages[carrier] = await stage.open(alone(`origins: ${entries}, carrier: '${carrier}'`))
  }
  for (const page of Object.values(pages)) {
    await page.evaluate(HELPERS)
  }
})
afterAll(() => Promise.all([agent, other, ipv6].map((server) => server?.close())))

/** A request, and the address that the browser sent it to: the port that it came in at, and the host that it asked for. */
interface Arrival {
  port: number
  host: string
  request: CapturedRequest
}

const arrivals = (mark: string): Arrival[] =>
  [stage.site, stage.secure, agent, other, ...(ipv6 ? [ipv6] : [])].flatMap(({ requests, port }) =>
    requests
      .filter(({ url }) => url.includes(mark))
      .map((request) => ({ port, host: request.header('host') ?? request.header(':authority') ?? '', request })),
  )

/** Whether an entry names the address, told by nothing but what arrived there. */
function isNamed({ port, host, request: { path } }: Arrival): boolean {
  const isChat = path === '/v1/chat' || path.startsWith('/v1/chat/')
  return (
    (port === stage.site.port && host === `127.0.0.1:${port}` && isChat) ||
    (port === agent.port && host === `agent.localhost:${port}` && isChat) ||
    (port === stage.secure.port && host === `secure.localhost:${port}`)
  )
}

/** What the browser contacts: what an entry names, something else, or nothing that listens. */
type Contacted = 'agent' | 'elsewhere' | 'nothing'
type Row = [text: string, contacted: Contacted, base?: string]

/**
 * Texts with `PAGE`, `AGENT`, `OTHER` and `SECURE` for the ports, and `MARK` for what each call is known by. The page is on
 * `127.0.0.1:PAGE`; the entries are `/v1/chat`, `http://agent.localhost:AGENT/v1/chat` and `https://secure.localhost:SECURE`.
 */
const ROWS: Record<string, Row[]> = {
  'as the entry has it': [
    ['/v1/chat/MARK', 'agent'],
    ['/v1/chat?MARK', 'agent'],
    ['/v1/chat?MARK#hash', 'agent'],
    ['http://127.0.0.1:PAGE/v1/chat/MARK', 'agent'],
    ['http://agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['https://secure.localhost:SECURE/MARK', 'agent'],
  ],
  'another path': [
    ['/v1/chatty/MARK', 'elsewhere'],
    ['/v1/chat.json?MARK', 'elsewhere'],
    ['/v1/chat;a=1/MARK', 'elsewhere'],
    ['/v1/chat%2FMARK', 'elsewhere'],
    ['/v1/chat%3FMARK', 'elsewhere'],
    ['/v1/chat%20/MARK', 'elsewhere'],
    ['/v1/chat%00/MARK', 'elsewhere'],
    ['/v1/c%68at/MARK', 'elsewhere'],
    ['/V1/Chat/MARK', 'elsewhere'],
    ['/v1//chat/MARK', 'elsewhere'],
    ['/x/v1/chat/MARK', 'elsewhere'],
    ['/x?u=/v1/chat/MARK', 'elsewhere'],
    ['/MARK#/v1/chat', 'elsewhere'],
  ],
  'dot segments, and what looks like them': [
    ['/v1/./chat/MARK', 'agent'],
    ['/v1/%2e/chat/MARK', 'agent'],
    ['/x/../v1/chat/MARK', 'agent'],
    ['/x/%2e%2E/v1/chat/MARK', 'agent'],
    ['/x/.%2e/v1/chat/MARK', 'agent'],
    ['/../../v1/chat/MARK', 'agent'],
    ['/v1/chat/./MARK', 'agent'],
    ['/v1/chat/x/../MARK', 'agent'],
    ['/v1/chat/...//MARK', 'agent'],
    ['/v1/chat/../chatty/MARK', 'elsewhere'],
    ['/v1/chat/%2e%2e/admin/MARK', 'elsewhere'],
    ['/v1/chat/.%2E/admin/MARK', 'elsewhere'],
    ['/v1/chat/..\\admin/MARK', 'elsewhere'],
    ['/v1/chat/x/../../MARK', 'elsewhere'],
    ['http://agent.localhost:AGENT/v1/chat/../MARK', 'elsewhere'],
    // For the server to make of it what it likes; it is the one that the entry names.
    ['/v1/chat/..%2fadmin/MARK', 'agent'],
    ['/v1/chat/%252e%252e/MARK', 'agent'],
  ],
  'back slashes': [
    ['\\v1\\chat\\MARK', 'agent'],
    ['/v1\\chat/MARK', 'agent'],
    ['http:\\\\agent.localhost:AGENT\\v1\\chat\\MARK', 'agent'],
    ['http:/\\agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://agent.localhost:AGENT\\@other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http://agent.localhost:AGENT/v1/chat/\\..\\..\\..\\MARK', 'elsewhere'],
    ['http://other.localhost:OTHER\\@agent.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['/\\other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['\\\\other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['\\/other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['/v1/chat?\\MARK', 'agent'],
  ],
  'what is relative to the scheme': [
    ['//agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['//127.0.0.1:PAGE/v1/chat/MARK', 'agent'],
    ['///agent.localhost:AGENT//v1/chat/MARK', 'elsewhere'],
    ['///agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['//other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['////other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http:////other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http:////agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http:/v1/chat/MARK', 'agent'],
    ['http:///v1/chat/MARK', 'nothing'],
    ['HTTP:/v1/chat/MARK', 'agent'],
    ['http:../v1/chat/MARK', 'agent'],
    ['https:secure.localhost:SECURE/MARK', 'agent'],
    ['https:/other.localhost:SECURE/MARK', 'elsewhere'],
    ['../v1/chat/MARK', 'agent'],
    ['v1/chat/MARK', 'elsewhere'],
  ],
  'white space and control characters': [
    [' /v1/chat/MARK ', 'agent'],
    ['\u0000\u001f/v1/chat/MARK\u0000', 'agent'],
    ['\u00a0/v1/chat/MARK', 'elsewhere'],
    ['\ufeff/v1/chat/MARK', 'elsewhere'],
    ['/v1/\n\t\rchat/MARK', 'agent'],
    ['ht\ttp://agent.local\nhost:AGENT/\rv1/chat/MARK', 'agent'],
    ['/\t/other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['/\n\\other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['\t//other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['/v1/chat/.\t./MARK', 'elsewhere'],
    ['/v1/chat\u2028/MARK', 'elsewhere'],
    ['/v1/chat /MARK', 'elsewhere'],
    ['/v1/chat/ MARK', 'agent'],
    ['/v1/chat/\ud800MARK', 'agent'],
    ['/v1/chat?MARK=\udfff', 'agent'],
  ],
  'users that look like hosts': [
    ['http://agent.localhost:AGENT@other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http://agent.localhost@other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http://agent.localhost:AGENT%2fv1@other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http://127.0.0.1:PAGE@other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['//agent.localhost:AGENT@other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http://@agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://:@agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://@other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
  ],
  'hosts that look alike': [
    ['http://other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http://agent.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['http://other.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://127.0.0.1:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://xagent.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://agent-localhost.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://agent.localhost.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://x.agent.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://agent.localhost.:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://\u0430gent.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://xn--gent-7ve.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['http://agent\u0131.localhost:AGENT/v1/chat/MARK', 'elsewhere'],
    ['https://agent.localhost:SECURE/MARK', 'elsewhere'],
    ['http://secure.localhost:SECURE/MARK', 'nothing'],
    ['https://agent.localhost:AGENT/v1/chat/MARK', 'nothing'],
  ],
  'other texts of the same host': [
    ['HTTP://Agent.LOCALHOST:AGENT/v1/chat/MARK', 'agent'],
    ['http://%61gent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://agent%2elocalhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://\uff41gent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://agent\u3002localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://agent\uff0elocalhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://a\u00adgent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['http://agent.localhost:0AGENT/v1/chat/MARK', 'agent'],
    ['http://127.1:PAGE/v1/chat/MARK', 'agent'],
    ['http://0x7f.1:PAGE/v1/chat/MARK', 'agent'],
    ['http://2130706433:PAGE/v1/chat/MARK', 'agent'],
    ['http://0177.0.0.01:PAGE/v1/chat/MARK', 'agent'],
    ['http://\uff11\uff12\uff17.0.0.1:PAGE/v1/chat/MARK', 'agent'],
    ['http://127.0.0.1.:PAGE/v1/chat/MARK', 'agent'],
    ['http://127%2E0.0.1:PAGE/v1/chat/MARK', 'agent'],
  ],
  'other names of the same machine': [
    ['http://localhost:PAGE/v1/chat/MARK', 'elsewhere'],
    ['http://127.0.0.2:PAGE/v1/chat/MARK', 'nothing'],
    ['http://[::ffff:127.0.0.1]:PAGE/v1/chat/MARK', 'elsewhere'],
    ['http://[::1]:PAGE/v1/chat/MARK', 'elsewhere'],
    ['http://[0:0:0:0:0:0:0:1]:PAGE/v1/chat/MARK', 'elsewhere'],
  ],
  'other schemes': [
    ['ws://agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['WS:\\\\agent.localhost:AGENT/v1/chat/MARK', 'agent'],
    ['ws://127.0.0.1:PAGE/v1/chat/MARK', 'agent'],
    ['ws://other.localhost:OTHER/v1/chat/MARK', 'elsewhere'],
    ['wss://secure.localhost:SECURE/MARK', 'agent'],
    ['wss://agent.localhost:AGENT/v1/chat/MARK', 'nothing'],
    ['ws:/v1/chat/MARK', 'nothing'],
    ['ftp://agent.localhost:AGENT/v1/chat/MARK', 'nothing'],
    ['file:///v1/chat/MARK', 'nothing'],
    ['about:blank#/v1/chat/MARK', 'nothing'],
    ['javascript:/v1/chat/MARK', 'nothing'],
    ['data:text/plain,/v1/chat/MARK', 'nothing'],
    ['blob:http://agent.localhost:AGENT/v1/chat/MARK', 'nothing'],
    ['filesystem:http://agent.localhost:AGENT/v1/chat/MARK', 'nothing'],
    ['unknown://agent.localhost:AGENT/v1/chat/MARK', 'nothing'],
    ['http://agent.localhost:99999/v1/chat/MARK', 'nothing'],
    ['http://agent local host:AGENT/v1/chat/MARK', 'nothing'],
    ['http://[agent.localhost]:AGENT/v1/chat/MARK', 'nothing'],
  ],
  'another base': [
    ['/v1/chat/MARK', 'elsewhere', 'http://other.localhost:OTHER/v1/chat/'],
    ['chat/MARK', 'elsewhere', 'http://other.localhost:OTHER/v1/'],
    ['MARK', 'elsewhere', 'http://agent.localhost:AGENT/v1/chat'],
    ['MARK', 'agent', 'http://agent.localhost:AGENT/v1/chat/'],
    ['/v1/chat/MARK', 'agent', 'http://agent.localhost:AGENT/elsewhere'],
    ['?MARK', 'agent', 'http://agent.localhost:AGENT/v1/chat'],
    ['../MARK', 'elsewhere', 'http://agent.localhost:AGENT/v1/chat/'],
    ['//other.localhost:OTHER/v1/chat/MARK', 'elsewhere', 'http://agent.localhost:AGENT/v1/chat/'],
    ['http:MARK', 'agent', 'http://agent.localhost:AGENT/v1/chat/'],
    ['http:/v1/chat/MARK', 'elsewhere', 'http://other.localhost:OTHER/'],
    ['http://127.0.0.1:PAGE/v1/chat/MARK', 'agent', 'http://other.localhost:OTHER/'],
    // A document takes no such base.
    ['/v1/chat/MARK', 'agent', 'data:text/plain,x'],
  ],
}

let count = 0
const place = (text: string) =>
  text
    .replaceAll('PAGE', `${stage.site.port}`)
    .replaceAll('AGENT', `${agent.port}`)
    .replaceAll('OTHER', `${other.port}`)
    .replaceAll('SECURE', `${stage.secure.port}`)

describe.each(Object.entries(ROWS))('%s', (_, rows) => {
  it.each(rows)('%j contacts: %s (base %s)', async (text, contacted, base) => {
    if (text.includes('%68')) {
      skipIn('webkit', 'WebKitGTK sends another path than that of the URL: h for %68')
    }
    if (base?.startsWith('data:')) {
      skipIn('webkit', 'a document takes such a base')
    }
    const call = async (name: string, arrived?: number) => {
      const mark = `m${++count}m`
      const url = place(text).replace('MARK', `${mark}MARK`)
      const results = await pages[name]?.evaluate<Record<string, string>>(
        `callAll(${JSON.stringify(url)}, ${base === undefined ? undefined : JSON.stringify(place(base))})`,
      )
      const beacon = `${mark}x${TRANSPORT_COUNT - 1}x`
      // A beacon is on its way.
      const isComplete = () =>
        arrived === undefined
          ? contacted === 'nothing' || arrivals(beacon).length > 0 || results?.sendBeacon !== 'true'
          : arrivals(mark).length === arrived
      await expect.poll(isComplete, { ...PATIENTLY, interval: 5 }).toBe(true)
      const at = (index: number) =>
        arrivals(`${mark}x${index}x`).map((arrival) => {
          // HTTP/2 has the path among its headers.
          const rawHeaders = arrival.request.rawHeaders.filter(([name]) => !name.startsWith(':'))
          const { carried, headers: _headers, ...request } = withoutId({ ...arrival.request, rawHeaders })
          const path = arrival.request.path.replace(/m\d+m/, '')
          return { arrival, carried, request: { ...request, query: request.query?.replace(/m\d+m/, '') }, path }
        })
      return { results, sent: Object.keys(results ?? {}).map((_name, index) => at(index)) }
    }
    const shown = ({ results, sent }: Awaited<ReturnType<typeof call>>) => ({
      results: JSON.parse(
        JSON.stringify(results)
          .replace(/m\d+m/g, '')
          .replaceAll(`?session_id=${ALONE_ID}`, '')
          .replaceAll(`&session_id=${ALONE_ID}`, ''),
      ),
      sent: sent.map((list) =>
        list.map(({ arrival: { port, host }, request, path }) => ({ port, host, path, ...request })),
      ),
    })

    const native = await call('native')
    const arrived = native.sent.flat().map(({ arrival }) => arrival)
    const hosts = arrived.map((arrival) => (isNamed(arrival) ? 'agent' : 'elsewhere'))
    if (ipv6 || !text.includes('[')) {
      expect([...new Set(hosts)]).toEqual(contacted === 'nothing' ? [] : [contacted])
    }
    for (const carrier of CARRIERS) {
      const actual = await call(carrier, arrived.length)
      expect(shown(actual), carrier).toEqual(shown(native))
      expect(
        actual.sent.map((list) => list.map(({ carried }) => carried)),
        carrier,
      ).toEqual(actual.sent.map((list) => list.map(({ arrival }) => (isNamed(arrival) ? 1 : 0))))
    }
  })
})

/** Nothing listens at these ports here; the URL that the connection says is the one that the browser tries. */
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
])('an entry with or without its default port takes %s: %s', async (text, has) => {
  const page = await stage.open(
    alone("origins: ['http://agent.localhost', 'https://secure.localhost:443'], carrier: 'query'"),
  )
  const url = await page.evaluate<string>(`(() => {
    const connection = new ${text.startsWith('ws') ? 'WebSocket' : 'EventSource'}('${text}')
    connection.close()
    return connection.url
  })()`)
  expect(url).toBe(`${new URL(text).href}${has ? `?session_id=${ALONE_ID}` : ''}`)
  await page.close()
})
