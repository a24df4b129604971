import { describe, expect, it } from 'vitest'
import { type Call, CLIENTS, expectOnly, send, sendPair, XHR_CLIENTS } from '../support/calls.js'
import type { TestPage } from '../support/page.js'
import { useStage } from '../support/stage.js'

const JSON_TYPE = { 'content-type': 'application/json' }
const stage = useStage()
const warningsOf = (page: TestPage) => page.console.filter((message) => message.startsWith('warning:'))

describe('a signed request', () => {
  const AWS =
    'AWS4-HMAC-SHA256 Credential=AKID/20261120/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=ab'

  describe.each(['body', 'query'])('with carrier %s', (carrier) => {
    it.each<[string, Record<string, string>, string?]>([
      ['an AWS signature', { Authorization: AWS }],
      ['an AWS signature for several regions', { Authorization: AWS.replace('AWS4-HMAC', 'AWS4-ECDSA-P256') }],
      ['a presigned URL', {}, '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x&X-Amz-Signature=ab'],
      ['Content-Digest', { 'Content-Digest': 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:' }],
      ['Digest', { Digest: 'SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=' }],
      ['Content-MD5', { 'Content-MD5': 'Q2hlY2sgSW50ZWdyaXR5IQ==' }],
      ['Signature-Input', { 'Signature-Input': 'sig1=("@method");created=1', Signature: 'sig1=:ab:' }],
    ])('by %s goes out as it was made, with one warning that names another carrier', async (_, signature, query) => {
      const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
      const id = await page.sessionId()
      for (const client of CLIENTS) {
        const headers = { ...JSON_TYPE, ...signature }
        const body = { as: 'string', text: '{"a":1}' } as const
        expectOnly(await sendPair(page, stage.site, { client, method: 'POST', headers, body }, query))
        expectOnly(await sendPair(page, stage.site, { client, headers: signature }, query))
      }
      expect(warningsOf(page)).toHaveLength(1)
      expect(warningsOf(page)[0]).toMatch(/carrier: ["']baggage["']/)
      // Other calls of the same entry are not held back by it.
      const { agent } = await sendPair(page, stage.site, { client: 'XHR' })
      expect(agent.query).toBe(`session_id=${id}`)
      await page.close()
    })
  })

  it('that cannot carry the baggage header goes out as it was made', async () => {
    const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: 'baggage' }` })
    await page.sessionId()
    const query = '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=ab'
    const call = { client: 'fetch(string, init)', init: { mode: 'no-cors' } } as const
    expectOnly(await sendPair(page, stage.site, call, query))
    await page.close()
  })

  it('is not told by an authorization that signs nothing', async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    const id = await page.sessionId()
    for (const client of CLIENTS) {
      const headers = { ...JSON_TYPE, authorization: 'Bearer AWS4-HMAC-SHA256' }
      const body = { as: 'string', text: '{}' } as const
      const pair = await sendPair(page, stage.site, { client, method: 'POST', headers, body })
      expectOnly(pair, { body: `{"session_id":"${id}"}` })
    }
    await page.close()
  })
})

describe('an API that refuses unknown members', () => {
  const APIS: Array<[origin: string, path: RegExp, field: string]> = [
    ['https://api.openai.com', /metadata\.session_id/, 'metadata.session_id'],
    ['https://api.anthropic.com', /metadata\.user_id/, 'metadata.user_id'],
    ['https://generativelanguage.googleapis.com', /labels\./, 'labels.session_id'],
  ]

  /** A page that may call the API, whose place the browser takes: the request is kept as it would have been sent. */
  async function openWith(origin: string, options: string) {
    const page = await stage.open({ correlation: `{ origins: ['${origin}'], ${options} }` })
    const id = await page.sessionId()
    const sent: Array<{ url: string; body: string | null; headers: Record<string, string> }> = []
    await page.context.route(`${origin}/**`, async (route) => {
      const request = route.request()
      sent.push({ url: request.url(), body: request.postData(), headers: await request.allHeaders() })
      await route.fulfill({
        headers: { 'access-control-allow-origin': '*' },
        contentType: 'application/json',
        body: '{}',
      })
    })
    const call = async (details: Omit<Call, 'url'>) => {
      await page.evaluate(send, { ...details, url: `${origin}/v1/chat?a=1` })
      return sent.at(-1)
    }
    return { page, id, call }
  }
  // A synchronous request of the page would wait for the interception that the page's own thread must take part in.
  const clients = CLIENTS.filter((client) => client !== XHR_CLIENTS[1])
  const text = '{"model":"m","messages":[]}'
  const post = { method: 'POST', headers: JSON_TYPE, body: { as: 'string', text } } as const

  it.each(APIS)('%s gets no top-level field and no parameter; one warning names %s', async (origin, path) => {
    const { page, call } = await openWith(origin, '')
    for (const client of clients) {
      expect(await call({ client, ...post })).toMatchObject({ url: `${origin}/v1/chat?a=1`, body: text })
      expect(await call({ client })).toMatchObject({ url: `${origin}/v1/chat?a=1`, body: null })
      const form = { as: 'FormData', entries: [['a', '1']] as Array<[string, string]> } as const
      const upload = await call({ client, method: 'POST', body: form })
      expect(upload?.url).toBe(`${origin}/v1/chat?a=1`)
      expect(upload?.body ?? '').not.toContain('session_id')
    }
    expect(warningsOf(page)).toHaveLength(1)
    expect(warningsOf(page)[0]).toMatch(path)
    await page.close()
  })

  it.each(APIS)('%s gets the field where it takes it: %s', async (origin, _, field) => {
    const { page, id, call } = await openWith(origin, `field: '${field}'`)
    const [parent, name] = field.split('.')
    for (const client of clients) {
      expect(await call({ client, ...post })).toMatchObject({
        url: `${origin}/v1/chat?a=1`,
        body: `{"${parent}":{"${name}":"${id}"},"model":"m","messages":[]}`,
      })
    }
    expect(warningsOf(page)).toEqual([])
    await page.close()
  })

  it('gets the baggage header', async () => {
    const { page, id, call } = await openWith('https://api.openai.com', "carrier: 'baggage'")
    for (const client of clients) {
      const sent = await call({ client, ...post })
      expect(sent).toMatchObject({ url: 'https://api.openai.com/v1/chat?a=1', body: text })
      expect(sent?.headers.baggage).toBe(`session.id=${id}`)
    }
    await page.close()
  })

  it.each([
    'https://api.openai.com.example.test',
    'https://xapi.openai.com',
    'https://openai.com',
    'http://constructor',
  ])('%s is none of them', async (origin) => {
    const { page, id, call } = await openWith(origin, '')
    const sent = await call({ client: 'fetch(string, init)', ...post })
    expect(sent?.body).toBe(`{"session_id":"${id}","model":"m","messages":[]}`)
    await page.close()
  })
})
