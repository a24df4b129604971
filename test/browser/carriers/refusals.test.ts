import { describe, expect, it } from 'vitest'
import { type Call, CLIENTS, expectOnly, send, sendPair } from '../../support/calls.js'
import type { TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

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

  /** A page that may call the API, whose place a server of ours takes. */
  async function openWith(origin: string, options: string) {
    const page = await stage.open({ correlation: `{ origins: ['${origin}'], ${options} }` })
    const id = await page.sessionId()
    const { host } = new URL(origin)
    stage.standInFor(host)
    const call = async (details: Omit<Call, 'url'>) => {
      await page.evaluate(send, { ...details, url: `${origin}/v1/chat?a=1` })
      const request = stage.secure.requests.at(-1)
      expect(request?.header(':authority')).toBe(host)
      return request
    }
    return { page, id, call }
  }
  const text = '{"model":"m","messages":[]}'
  const post = { method: 'POST', headers: JSON_TYPE, body: { as: 'string', text } } as const

  it.each(APIS)('%s gets no top-level field and no parameter; one warning names %s', async (origin, path) => {
    const { page, call } = await openWith(origin, '')
    for (const client of CLIENTS) {
      expect(await call({ client, ...post })).toMatchObject({ url: '/v1/chat?a=1', text })
      expect(await call({ client })).toMatchObject({ url: '/v1/chat?a=1', text: '' })
      const form = { as: 'FormData', entries: [['a', '1']] as Array<[string, string]> } as const
      const upload = await call({ client, method: 'POST', body: form })
      expect(upload?.url).toBe('/v1/chat?a=1')
      expect(upload?.text).not.toContain('session_id')
    }
    expect(warningsOf(page)).toHaveLength(1)
    expect(warningsOf(page)[0]).toMatch(path)
    await page.close()
  })

  it.each(APIS)('%s gets the field where it takes it: %s', async (origin, _, field) => {
    const { page, id, call } = await openWith(origin, `field: '${field}'`)
    const [parent, name] = field.split('.')
    for (const client of CLIENTS) {
      expect(await call({ client, ...post })).toMatchObject({
        url: '/v1/chat?a=1',
        text: `{"${parent}":{"${name}":"${id}"},"model":"m","messages":[]}`,
      })
    }
    expect(warningsOf(page)).toEqual([])
    await page.close()
  })

  it('gets the baggage header', async () => {
    const { page, id, call } = await openWith('https://api.openai.com', "carrier: 'baggage'")
    for (const client of CLIENTS) {
      const sent = await call({ client, ...post })
      expect(sent).toMatchObject({ url: '/v1/chat?a=1', text })
      expect(sent?.header('baggage')).toBe(`session.id=${id}`)
    }
    await page.close()
  })

  it.each([
    'https://api.openai.com.example.test',
    'https://xapi.openai.com',
    'https://openai.com',
    'https://constructor',
  ])('%s is none of them', async (origin) => {
    const { page, id, call } = await openWith(origin, '')
    const sent = await call({ client: 'fetch(string, init)', ...post })
    expect(sent?.text).toBe(`{"session_id":"${id}","model":"m","messages":[]}`)
    await page.close()
  })
})
