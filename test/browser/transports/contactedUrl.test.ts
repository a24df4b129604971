import { beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { CALLS } from '../../support/pageCalls.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'

/** In the page: makes a call to whatever the page takes for a URL. */
const CLIENTS = {
  fetch: CALLS.fetch,
  XHR: CALLS['XHR of text'],
  EventSource: CALLS.EventSource,
  WebSocket: CALLS.WebSocket,
  sendBeacon: CALLS.sendBeacon,
}

/** In the page: what the inputs are made with. */
const HELPERS = {
  at: (path: string) => new URL(path, location.href),
  hrefOf: (path: string) => new URL(path, location.href).href,
  /** Puts members on one object, over those of its class. */
  own: <T extends object>(object: T, members: object): T =>
    Object.defineProperties(object, Object.getOwnPropertyDescriptors(members)),
}
const JSON_POST = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }

type Client = keyof typeof CLIENTS
const EVERY = Object.keys(CLIENTS) as Client[]

type Given = typeof HELPERS & { json: typeof JSON_POST } & Record<'agent' | 'plain', string>

interface Input {
  /** In the page: what it hands over. */
  input: (t: Given) => unknown
  /** Which of the two paths the browser contacts. */
  contacted: 'agent' | 'plain'
  /** The id has to be there. */
  hasId?: true
  /** Default: `fetch` alone. */
  clients?: Client[]
}
const INPUTS: Record<string, Input> = {
  'a URL with an own href': {
    input: (t) => t.own(t.at(t.agent), { href: t.hrefOf(t.plain) }),
    contacted: 'agent',
    hasId: true,
    clients: EVERY,
  },
  'a URL with an own href of the agent': {
    input: (t) => t.own(t.at(t.plain), { href: t.hrefOf(t.agent) }),
    contacted: 'plain',
    clients: EVERY,
  },
  'a URL with an own toString': {
    input: (t) => t.own(t.at(t.agent), { toString: () => t.plain }),
    contacted: 'plain',
    clients: EVERY,
  },
  'a URL with an own toString of the agent': {
    input: (t) => t.own(t.at(t.plain), { toString: () => t.agent }),
    contacted: 'agent',
  },
  'a URL with an own toPrimitive': {
    input: (t) => t.own(t.at(t.agent), { [Symbol.toPrimitive]: () => t.plain }),
    contacted: 'plain',
  },
  'a URL of a class with toString': {
    input: (t) =>
      new (class extends URL {
        override toString() {
          return t.plain
        }
      })(t.at(t.agent)),
    contacted: 'plain',
  },
  'a URL of a class with href': {
    input: (t) =>
      new (class extends URL {
        override get href() {
          return t.plain
        }
      })(t.at(t.agent)),
    contacted: 'agent',
    hasId: true,
  },
  'a URL with a tag of its own': {
    input: (t) => t.own(t.at(t.agent), { [Symbol.toStringTag]: 'Other' }),
    contacted: 'agent',
  },
  'what says that it is a URL': {
    input: (t) => ({ [Symbol.toStringTag]: 'URL', href: t.hrefOf(t.agent), toString: () => t.plain }),
    contacted: 'plain',
    clients: ['fetch', 'XHR'],
  },
  'what inherits from URL': {
    input: (t) => t.own(Object.create(URL.prototype), { href: t.hrefOf(t.agent), toString: () => t.plain }),
    contacted: 'plain',
  },
  'an object with toString': {
    input: (t) => ({ toString: () => t.plain, url: t.agent, href: t.agent }),
    contacted: 'plain',
  },
  'what says that it is a Request': {
    input: (t) => ({ [Symbol.toStringTag]: 'Request', url: t.hrefOf(t.agent), headers: {}, toString: () => t.plain }),
    contacted: 'plain',
  },
  'what inherits from Request': {
    input: (t) => t.own(Object.create(Request.prototype), { url: t.hrefOf(t.agent), toString: () => t.plain }),
    contacted: 'plain',
  },
  'a Request with an own url': {
    input: (t) => t.own(new Request(t.agent), { url: t.hrefOf(t.plain) }),
    contacted: 'agent',
    hasId: true,
  },
  'a Request with an own url of the agent': {
    input: (t) => t.own(new Request(t.plain), { url: t.hrefOf(t.agent) }),
    contacted: 'plain',
  },
  'a Request of a class with url': {
    input: (t) =>
      new (class extends Request {
        override get url() {
          return t.hrefOf(t.plain)
        }
      })(t.agent),
    contacted: 'agent',
    hasId: true,
  },
  'a Request of a class with the url of the agent': {
    input: (t) =>
      new (class extends Request {
        override get url() {
          return t.hrefOf(t.agent)
        }
      })(t.plain),
    contacted: 'plain',
  },
  'a JSON Request of a class with url': {
    input: (t) =>
      new (class extends Request {
        override get url() {
          return t.hrefOf(t.plain)
        }
      })(t.agent, t.json),
    contacted: 'agent',
    hasId: true,
  },
  'a Request with toString': {
    input: (t) => t.own(new Request(t.agent), { toString: () => t.plain }),
    contacted: 'agent',
    hasId: true,
  },
  'a Request with a tag of its own': {
    input: (t) => t.own(new Request(t.agent), { [Symbol.toStringTag]: 'Other' }),
    contacted: 'agent',
  },
  'a Request with an own method': {
    input: (t) => t.own(new Request(t.agent, t.json), { method: 'GET' }),
    contacted: 'agent',
  },
  'a Request with own headers': {
    input: (t) => t.own(new Request(t.agent, t.json), { headers: new Headers({ 'x-evil': '1' }) }),
    contacted: 'agent',
  },
  'a Request with own settings': {
    input: (t) =>
      t.own(new Request(t.agent, t.json), {
        mode: 'no-cors',
        credentials: 'omit',
        redirect: 'error',
        cache: 'only-if-cached',
        keepalive: true,
        body: null,
        signal: AbortSignal.abort(),
      }),
    contacted: 'agent',
  },
  'a Request that is read otherwise': {
    input: (t) =>
      t.own(new Request(t.agent, t.json), {
        arrayBuffer: async () => new ArrayBuffer(1),
        text: async () => 'evil',
        clone: () => new Request(t.plain),
        blob: async () => new Blob(['evil']),
      }),
    contacted: 'agent',
  },
}
const ROWS = Object.entries(INPUTS).flatMap(([name, { clients = ['fetch' as const], ...input }]) =>
  clients.map((client) => ({ client, name, ...input })),
)

let page: Page
let native: TestPage
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: { origins: ENTRIES } })
  native = await page.twin()
})

let count = 0

describe('what the browser itself contacts counts, and nothing else is contacted', () => {
  it.each(times(CARRIERS, ROWS).map(([carrier, row]) => [carrier, row.client, row.name, row] as const))(
    'with carrier %s: %s of %s',
    async (carrier, client, _, { input, contacted, hasId }) => {
      const call = async (page: TestPage, root: string) => {
        const paths = { agent: `/${root}/${count}`, plain: `/plain/${root}/${count}` }
        await page.run(
          async ({ call, input, ...given }) => {
            await call(input(given) as string)
          },
          { call: CLIENTS[client], input, json: JSON_POST, ...HELPERS, ...paths },
        )
        const arrived = () => Object.values(paths).flatMap((path) => servers.site.requestsTo(path))
        await expect.poll(arrived, PATIENTLY).not.toEqual([])
        expect(arrived().map(({ path }) => path)).toEqual([paths[contacted]])
        return withoutId(await servers.site.only(paths[contacted]))
      }
      count += 1
      const { carried: _none, ...expected } = await call(native, 'native')
      const { carried, ...actual } = await call(page, `agent/${carrier}`)
      expect(actual).toEqual(expected)
      expect(hasId ? [1] : contacted === 'agent' ? [0, 1] : [0]).toContain(carried)
    },
  )
})
