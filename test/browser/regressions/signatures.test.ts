import { createHash, createHmac } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Client, expectOnly, send } from '../../support/calls.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

const CARRIERS = ['body', 'query', 'baggage'] as const
const CLIENTS: Client[] = ['fetch(string, init)', 'fetch(Request)', 'XHR']
const pages = {} as Record<(typeof CARRIERS)[number], Page>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    pages[carrier] = await openPage({ sdk: 'stub', plugin: { origins: ['/agent'], carrier } })
  }
})

const BODY = '{"message":"hi"}'

const digest = createHash('sha256').update(BODY).digest()
const hmac = (text: string) => createHmac('sha256', 'secret').update(text).digest('hex')

/** Headers that sign the body or are its digest, some of them with a value that is right for {@link BODY}. */
const HEADERS: Record<string, string> = {
  'X-Amz-Content-Sha256': digest.toString('hex'),
  'X-Ms-Content-Sha256': digest.toString('base64'),
  'Repr-Digest': `sha-256=:${digest.toString('base64')}:`,
  'Content-Digest': `sha-256=:${digest.toString('base64')}:`,
  'X-Amz-Checksum-Sha256': digest.toString('base64'),
  'X-Goog-Hash': 'crc32c=n03x6A==',
  'X-Hub-Signature': 'sha1=a',
  'X-Hub-Signature-256': `sha256=${hmac(BODY)}`,
  Signature: 'sig1=:YQ==:',
  'Signature-Input': 'sig1=("content-digest")',
  'X-Shopify-Hmac-Sha256': createHmac('sha256', 'secret').update(BODY).digest('base64'),
  'X-Example-Signature': 'a',
  'X-Example-Digest': 'a',
  'X-Example-Checksum': 'a',
  'Example-Content-Sha512': 'a',
}
const SCHEMES = [
  ...['Signature keyId="a"', 'Hawk id="a"', 'OAuth oauth_signature="a"', 'SharedKey a:b', 'HMAC-SHA256 Credential=a'],
  ...['TC3-HMAC-SHA256 Credential=a', 'ACS3-HMAC-SHA256 Credential=a', 'SDK-HMAC-SHA256 Access=a'],
  'AWS4-HMAC-SHA256 Credential=a',
]
const SIGNED: Array<Record<string, string>> = [
  ...Object.entries(HEADERS).map(([name, value]) => ({ [name]: value })),
  ...SCHEMES.map((value) => ({ Authorization: value })),
]

describe('a call with a signature or a digest takes nothing but a header', () => {
  it.each(times(CARRIERS, times(CLIENTS, SIGNED)))('with carrier %s: %s', async (carrier, [client, headers]) => {
    const pair = await pages[carrier].sendBoth({
      client,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: { as: 'string', text: BODY },
    })
    expectOnly(pair, carrier === 'baggage' ? { headers: { baggage: `session.id=${STUB_SESSION_ID}` } } : {})
  })
})

const QUERIES = [
  ...['X-Amz-Signature=a', 'X-Goog-Algorithm=a&X-Goog-Signature=a', 'x-oss-signature=a', 'q-ak=a&q-signature=a'],
  ...['Expires=1&Signature=a&Key-Pair-Id=b', 'Policy=c&Signature=a&Key-Pair-Id=b', 'sv=1&se=2030-01-01&sig=a'],
  ...['expires=1&signature=a', `signature=${'a1'.repeat(32)}`, 'signed=r:12345678;e:12345678;abc'],
]

describe('a signed URL stays as it is', () => {
  it.each(times(CARRIERS, times(CLIENTS, QUERIES)))('with carrier %s: %s', async (carrier, [client, query]) => {
    const pair = await pages[carrier].sendBoth({ client }, { query: `?${query}` })
    expectOnly(pair, carrier === 'baggage' ? { headers: { baggage: `session.id=${STUB_SESSION_ID}` } } : {})
  })

  it.each(times(CARRIERS, QUERIES))(
    'of EventSource, WebSocket and a beacon, with carrier %s: %s',
    async (carrier, query) => {
      const path = `/agent/signed/${carrier}/${QUERIES.indexOf(query)}`
      await pages[carrier].run(
        async ({ path, query }) => {
          const source = new EventSource(`${path}/source?${query}`)
          const socket = new WebSocket(`${path}/socket?${query}`)
          navigator.sendBeacon(`${path}/beacon?${query}`, '{"a":1}')
          await Promise.all([
            new Promise((resolve) => {
              source.onerror = resolve
            }),
            new Promise((resolve) => {
              socket.onopen = socket.onerror = resolve
            }),
          ])
          source.close()
          socket.close()
        },
        { path, query },
      )
      for (const kind of ['source', 'socket', 'beacon']) {
        const request = await servers.site.only(`${path}/${kind}`)
        expect([request.query, request.text]).toEqual([query, kind === 'beacon' ? '{"a":1}' : ''])
      }
    },
  )
})

describe('a server that checks the body takes the call', () => {
  it.each(times(CARRIERS, CLIENTS))('with carrier %s: %s', async (carrier, client) => {
    const path = `/agent/checked/${carrier}/${client.replace(/\W/g, '')}`
    let status = 0
    servers.site.respond(path, (_, response, request) => {
      const actual = createHash('sha256').update(request.body).digest('hex')
      status = request.query === undefined && request.header('x-amz-content-sha256') === actual ? 200 : 403
      response.writeHead(status).end()
    })
    await pages[carrier].run(send, {
      client,
      url: path,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-amz-content-sha256': digest.toString('hex') },
      body: { as: 'string', text: BODY },
    })
    expect(status).toBe(200)
  })
})

it('the console says what to do, once per entry and reason', () => {
  for (const carrier of ['body', 'query'] as const) {
    expect(pages[carrier].console.filter((line) => line.includes('llmCorrelation')).sort()).toEqual([
      expect.stringContaining(', and this call can have no header'),
      expect.stringContaining("use carrier: 'baggage'"),
    ])
  }
})
