import type { IncomingMessage, ServerResponse } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Client, expectOnly } from '../../support/calls.js'
import type { CapturedRequest } from '../../support/captureServer.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

const TYPES = [
  'application/grpc-web',
  'application/grpc-web+proto',
  'application/grpc-web-text',
  'Application/gRPC-Web+JSON',
  'application/grpc-web+proto; charset=x',
]
/** A frame of gRPC: no compression, a length of two, and the message. */
const MESSAGE = [0, 0, 0, 0, 2, 8, 1]
const CLIENTS: Client[] = ['fetch(string, init)', 'fetch(Request)', 'fetch(Request, {})', 'XHR', 'sync XHR']
const CARRIERS = ['body', 'query', 'baggage'] as const
const pages = {} as Record<(typeof CARRIERS)[number], Page>

/** Answers as gRPC servers do: the path names the method, and the body must be one frame. */
function answer(path: string) {
  return (_: IncomingMessage, response: ServerResponse, { url, body }: CapturedRequest) => {
    const isKnown = url === path
    const isFrame = body.length === 7 && body.readUInt32BE(1) === 2
    const status = isKnown ? (isFrame ? 0 : 13) : 12
    response.writeHead(200, { 'grpc-status': status }).end()
  }
}

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    pages[carrier] = await openPage({ sdk: 'stub', plugin: { origins: ['/agent'], carrier } })
  }
})

describe('a gRPC-Web call', () => {
  it.each(times(CARRIERS, times(CLIENTS, TYPES)))(
    'with carrier %s takes nothing but a header: %s',
    async (carrier, [client, type]) => {
      const body = { as: 'Uint8Array', bytes: MESSAGE } as const
      const pair = await pages[carrier].sendBoth({ client, method: 'POST', headers: { 'content-type': type }, body })
      expectOnly(pair, carrier === 'baggage' ? { headers: { baggage: `session.id=${STUB_SESSION_ID}` } } : {})
    },
  )

  it.each(times(CARRIERS, TYPES))('with carrier %s finds its method: %s', async (carrier, type) => {
    const path = `/agent/${carrier}.Chat/${type.replace(/\W/g, '')}`
    servers.site.respond(path, answer(path))
    const status = await pages[carrier].run(
      async ({ path, type, message }) => {
        const init = { method: 'POST', headers: { 'content-type': type }, body: new Uint8Array(message) }
        const responses = [await fetch(path, init), await fetch(new Request(path, init))]
        return responses.map((response) => response.headers.get('grpc-status'))
      },
      { path, type, message: MESSAGE },
    )
    expect(status).toEqual(['0', '0'])
  })

  it('says once for each entry which carrier it takes', () => {
    for (const carrier of ['body', 'query'] as const) {
      expect(pages[carrier].console).toEqual([expect.stringContaining("use carrier: 'baggage'")])
    }
    expect(pages.baggage.console).toEqual([])
  })
})
