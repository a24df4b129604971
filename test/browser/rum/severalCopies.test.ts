import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LlmCorrelationOptions } from '../../../src/index.js'
import { type Body, type BufferKind, type Call, CLIENTS, FETCH_CLIENTS, send, textOf } from '../../support/calls.js'
import type { CapturedRequest, CaptureServer } from '../../support/captureServer.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { initOptions } from '../../support/initOptions.js'
import { loadAgain } from '../../support/loadAgain.js'
import { npmModule } from '../../support/npmModule.js'
import { openPage, type Page, type PageOptions } from '../../support/openPage.js'
import { eventSource, type PageCall, webSocket } from '../../support/pageCalls.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES, resourcesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

/**
 * Pages on which a second copy of the package serves the agent, and a first one has patched the
 * page's functions.
 */
const COPIES: Array<[name: string, definition: (options: LlmCorrelationOptions['origins']) => PageOptions]> = [
  [
    'the script-tag bundle twice',
    (options) => ({
      between: inPage(
        ({ loadAgain }) => {
          window.noted = [DD_LLM_CORRELATION.llmCorrelation(['/first'])]
          loadAgain()
        },
        { loadAgain },
      ),
      plugins: inPage((options) => [noted[0], DD_LLM_CORRELATION.llmCorrelation(options)], options),
    }),
  ],
  [
    'the npm build behind the script-tag bundle',
    (options) => ({
      callInit: false,
      module: npmModule(
        ['library'],
        ({ library, initOptions, options }) => {
          const plugins = [DD_LLM_CORRELATION.llmCorrelation(['/first']), library.llmCorrelation(options)]
          DD_RUM.init({ ...initOptions(), plugins })
        },
        { initOptions, options },
      ),
    }),
  ],
  [
    'the script-tag bundle behind the npm build',
    (options) => ({
      callInit: false,
      module: npmModule(
        ['library'],
        ({ library, initOptions, options }) => {
          const plugins = [library.llmCorrelation(['/first']), DD_LLM_CORRELATION.llmCorrelation(options)]
          DD_RUM.init({ ...initOptions(), plugins })
        },
        { initOptions, options },
      ),
    }),
  ],
]

const TEXT = '{"a":1}'
const BUFFERS: BufferKind[] = [
  'ArrayBuffer',
  'DataView',
  'Uint8Array',
  'Uint16Array',
  'Uint8Array view',
  'DataView view',
]
const JSON_TYPE = 'application/json'

const JSON_BLOB: Body = { as: 'Blob', text: TEXT, type: JSON_TYPE }

/** Every kind of body, and what says what is in it. */
const BODIES: Array<[name: string, body: Body | undefined, contentType?: string]> = [
  ['none', undefined],
  ['null', { as: 'null' }],
  ['text', { as: 'string', text: TEXT }],
  ['JSON text', { as: 'string', text: TEXT }, JSON_TYPE],
  ['a JSON array', { as: 'string', text: '[1]' }, JSON_TYPE],
  ['form text', { as: 'string', text: 'a=1' }, 'application/x-www-form-urlencoded'],
  ['other text', { as: 'string', text: 'a' }, 'text/markdown'],
  ['URLSearchParams', { as: 'URLSearchParams', entries: [['a', '1']] }],
  [
    'FormData',
    {
      as: 'FormData',
      entries: [
        ['a', '1'],
        ['b', { fileName: 'c', type: 'text/plain', text: 'd' }],
      ],
    },
  ],
  ...BUFFERS.map((as): [string, Body, string] => [`JSON in ${as}`, { as, text: TEXT }, JSON_TYPE]),
  ['bytes', { as: 'Uint8Array', bytes: [0, 255] }],
  ['a JSON Blob', JSON_BLOB],
  ['a JSON File', { as: 'File', text: TEXT, type: JSON_TYPE }],
  ['a Blob that is said to be JSON', { as: 'Blob', text: TEXT }, JSON_TYPE],
  ['a Blob of no JSON', { as: 'Blob', text: '[1]', type: JSON_TYPE }],
  ['a Blob of bytes', { as: 'Blob', bytes: [0, 255], type: 'application/octet-stream' }],
]

/** What the agent gets, with the same text in place of the session id. */
function comparable(request: CapturedRequest, id: string) {
  const headers = request.rawHeaders.map(([name, value]) => [name.toLowerCase(), value.replace(/boundary=\S+/, '')])
  const isOwn = ([name = '']: string[]) => !/^(:.*|host|cookie|referer|connection|content-length)$/.test(name)
  return JSON.parse(
    JSON.stringify([request.method, request.query, textOf(request), headers.filter(isOwn).sort()])
      .replaceAll(id, 'ID')
      // Trace ids and the keys of WebSockets are drawn.
      .replace(/("sec-websocket-key",")[^"]+/, '$1KEY')
      .replace(/("x-datadog-(?:trace|parent)-id",")\d+/g, '$1ID'),
  )
}

let calls = 0

describe.each(COPIES)('with %s, the second copy does to calls what a single one does', (_, definition) => {
  const pages: Array<{ page: Page; id: string }> = []
  beforeAll(async () => {
    const entries = [{ match: `${servers.secure.origin}/agent` }, ...ENTRIES]
    for (const page of [await openPage({ plugin: entries }), await openPage(definition(entries))]) {
      pages.push({ page, id: await page.sessionId() })
    }
  })
  afterAll(() => Promise.all(pages.map(({ page }) => page.close())))

  /** Makes the call on the page with one copy and on that with two. */
  async function expectSame(base: string, make: (page: Page, path: string) => Promise<unknown>, server: CaptureServer) {
    const outcomes: unknown[] = []
    for (const { page, id } of pages) {
      const path = `${base}/${++calls}`
      await make(page, path)
      const request = await server.only(path)
      outcomes.push(comparable(request, id))
    }
    expect(outcomes[1]).toEqual(outcomes[0])
  }
  const expectSameCall = (call: Omit<Call, 'url'>, base = '/agent/body', server: CaptureServer = servers.site) =>
    expectSame(base, (page, path) => page.run(send, { ...call, url: server.origin + path }), server)

  it.each(BODIES)('body: %s', async (_name, body, contentType) => {
    const headers = contentType === undefined ? {} : { 'content-type': contentType }
    for (const client of CLIENTS) {
      await expectSameCall({ client, method: 'POST', headers, ...(body && { body }) })
    }
  })

  it.each(CARRIERS)('carrier %s', async (carrier) => {
    for (const client of CLIENTS) {
      await expectSameCall({ client }, `/agent/${carrier}`)
      await expectSameCall({ client, method: 'POST', body: { as: 'string', text: TEXT } }, `/agent/${carrier}`)
      await expectSameCall({ client, method: 'POST', body: JSON_BLOB }, `/agent/${carrier}`)
    }
  })

  it.each(FETCH_CLIENTS.filter((client) => !client.startsWith('fetch(Request')))(
    '%s, body: a stream',
    async (client) => {
      skipIn('webkit', NO_STREAMS)
      const body: Body = { as: 'ReadableStream', text: TEXT }
      await expectSameCall({ client, method: 'POST', body }, '/agent/stream', servers.secure)
    },
  )

  it.each<[name: string, call: PageCall]>([
    ['a beacon without data', (url) => navigator.sendBeacon(url)],
    ['a beacon of text', (url) => navigator.sendBeacon(url, '{"a":1}')],
    [
      'a beacon of a JSON Blob',
      (url) => navigator.sendBeacon(url, new Blob(['{"a":1}'], { type: 'application/json' })),
    ],
    ['a beacon of a form', (url) => navigator.sendBeacon(url, new URLSearchParams('a=1'))],
    ['a beacon of bytes', (url) => navigator.sendBeacon(url, new Uint8Array([0, 255]))],
    ['an EventSource', eventSource],
    ['a WebSocket', webSocket],
  ])('%s', async (_name, call) => {
    for (const carrier of CARRIERS) {
      await expectSame(`/agent/${carrier}`, (page, path) => page.run(call, path), servers.site)
    }
  })

  it('RUM tells of them what it tells of others', async () => {
    const told: unknown[] = []
    for (const { page, id } of pages) {
      const path = `/agent/body/${++calls}/`
      const bodies: Body[] = [JSON_BLOB, { as: 'string', text: TEXT }]
      for (const [index, body] of bodies.entries()) {
        await page.run(send, { client: 'fetch(Request)', method: 'POST', url: path + index, body })
        await page.run(send, { client: 'XHR', method: 'POST', url: `${path}xhr-${index}`, body })
      }
      const events = await resourcesOf(servers.site, page, id, path, 4)
      const carrierOf = (end: string) =>
        events.find(({ resource }) => resource.url.replace(/\?.*/, '').endsWith(path + end))?.context?.llm_correlation
      told.push(['0', '1', 'xhr-0', 'xhr-1'].map(carrierOf))
    }
    expect(told[1]).toEqual(told[0])
  })
})
