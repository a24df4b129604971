import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Call, type Client, expectOnly, withField } from '../../support/calls.js'
import { held } from '../../support/heldRum.js'
import { openPage, type Page } from '../../support/openPage.js'
import { CARRIERS, resourcesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

const pages = {} as Record<(typeof CARRIERS)[number], { page: Page; id: string }>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    const page = await openPage({ plugin: { origins: ['/agent'], carrier } })
    pages[carrier] = { page, id: await page.sessionId() }
  }
})
afterAll(() => Promise.all(Object.values(pages).map(({ page }) => page.close())))

/**
 * White space that the browser takes off the ends of a header value, and a no-break space, which it does not:
 * {@link https://fetch.spec.whatwg.org/#concept-header-value-normalize}
 */
const AROUND = ['V\n', '\r\nV\r\n', '\tV ', '\n \t\rV\r\t \n', '\u00a0V']

const CLIENTS: Array<[client: Client, headersAs: NonNullable<Call['headersAs']>]> = [
  ['fetch(string, init)', 'object'],
  ['fetch(string, init)', 'tuples'],
  ['fetch(string, init)', 'iterable'],
  ['fetch(string, init)', 'Headers'],
  ['fetch(URL, init)', 'object'],
  ['fetch(Request)', 'object'],
  ['fetch(Request, {})', 'object'],
  ['fetch(Request, init)', 'object'],
  ['fetch(Request, init)', 'tuples'],
  ['XHR', 'object'],
  ['sync XHR', 'object'],
]

describe.each(CLIENTS)('%s with headers as %s and white space around their values', (client, headersAs) => {
  const pairOf = (carrier: (typeof CARRIERS)[number], headers: Record<string, string>) =>
    pages[carrier].page.sendBoth({
      client,
      method: 'POST',
      headers,
      headersAs,
      body: { as: 'string', text: '{"a":1}' },
    })

  it.each(AROUND)('puts the session behind baggage as the browser makes it: %j', async (around) => {
    const { id } = pages.baggage
    const value = around.replace('V', 'a=1;p=x y,b=2')
    const { agent, plain } = await pairOf('baggage', { 'x-own': value, baggage: value, 'x-other': '1' })
    const baggage = agent.header('baggage') as string
    expect(baggage.replace(new RegExp(`, ?session\\.id=${id}$`), '')).toBe(plain.header('baggage'))
    expect(baggage).toContain(id)
    expectOnly({ agent, plain }, { headers: { baggage } })
  })

  it.each(AROUND)('puts the session behind trace tags as the browser makes them: %j', async (around) => {
    const { id } = pages['trace-tags']
    const value = around.replace('V', '_dd.p.a=1')
    const ids = { 'x-datadog-trace-id': ' 1', 'x-datadog-parent-id': '2\n' }
    const { agent, plain } = await pairOf('trace-tags', { ...ids, 'x-datadog-tags': value, 'x-own': value })
    const tags = `${plain.header('x-datadog-tags')},_dd.p.llmobs_sid=${id}`
    expectOnly({ agent, plain }, { headers: { 'x-datadog-tags': tags } })
  })

  it('takes the content type for what the browser makes of it', async () => {
    for (const around of AROUND.slice(0, -1)) {
      const pair = await pairOf('body', { 'content-type': around.replace('V', 'application/json') })
      expectOnly(pair, { body: withField(pair.plain.body, pages.body.id) })
    }
  })

  it('takes white space alone for an empty value', async () => {
    const { agent, plain } = await pairOf('baggage', { baggage: ' \n', 'x-own': '\t' })
    expect(plain.header('baggage') ?? '').toBe('')
    expect(agent.header('baggage')?.replace(/^, /, '')).toBe(`session.id=${pages.baggage.id}`)
  })

  it("leaves the page's own session with white space around it", async () => {
    for (const carrier of ['baggage', 'trace-tags'] as const) {
      const { id } = pages[carrier]
      const tags = `\t_dd.p.llmobs_sid=${id}`
      expectOnly(await pairOf(carrier, { baggage: `session.id=${id}\n`, 'x-datadog-tags': tags, 'x-own': '1\n' }))
    }
  })
})

it.each(['baggage', 'trace-tags'] as const)(
  'a fetch that waited for RUM to start has its values trimmed, too: %s',
  async (carrier) => {
    const page = await openPage(held({ carrier }))
    const path = `/agent/waited/${carrier}`
    await page.run(
      async ({ path }) => {
        const ids = { 'x-datadog-trace-id': '1', 'x-datadog-parent-id': '2' }
        const answered = fetch(path, { headers: { ...ids, baggage: 'a=1\n', 'x-datadog-tags': '_dd.p.a=1\n' } })
        letRumStart()
        await answered
      },
      { path },
    )
    const id = await page.sessionId()
    const request = await servers.site.only(path)
    expect([request.header('baggage')?.replace(', ', ','), request.header('x-datadog-tags')]).toEqual(
      carrier === 'baggage' ? [`a=1,session.id=${id}`, '_dd.p.a=1'] : ['a=1', `_dd.p.a=1,_dd.p.llmobs_sid=${id}`],
    )
    await page.close()
  },
)

describe('what the browser refuses is refused as it would be', () => {
  const VALUES = ['a=1\nb', '\r\na\r\nb\r\n', 'a\u0000', 'a=€\n']
  it.each(times(CARRIERS, VALUES))('with carrier %s: %j', async (carrier, value) => {
    const outcomes = (base: string) =>
      pages[carrier].page.run(
        ({ url, value }) => {
          const xhr = new XMLHttpRequest()
          xhr.open('POST', url)
          const calls: Array<() => unknown> = [
            () => fetch(url, { headers: { baggage: value } }),
            () => fetch(url, { method: 'POST', headers: [['x-datadog-tags', value]], body: '{}' }),
            () => fetch(new Request(url), { headers: { 'x-own': value } }),
            () => xhr.setRequestHeader('baggage', value),
            () => xhr.setRequestHeader('x-datadog-tags', value),
          ]
          const outcomeOf = async (call: () => unknown) => {
            try {
              await call()
              return 'sent'
            } catch (error) {
              return `${(error as Error).name}: ${(error as Error).message}`
            }
          }
          return Promise.all(calls.map(outcomeOf))
        },
        { url: `${base}/refused`, value },
      )
    const plain = await outcomes('/plain')
    expect(plain).not.toContain('sent')
    // Firefox and WebKit show the value in the exception's text, and with the plugin the id in it.
    const agent = await outcomes('/agent')
    expect(agent.map((text) => text.replace(/,session\.id=[\w-]{36}(?='$| is an invalid)/, ''))).toEqual(plain)
  })
})

it('XHR headers that are set twice, with white space, are joined as the browser joins them', async () => {
  for (const [carrier, name, value] of [
    ['baggage', 'baggage', 'a=1'],
    ['trace-tags', 'x-datadog-tags', '_dd.p.a=1'],
  ] as const) {
    const { page, id } = pages[carrier]
    await page.run(
      async ({ urls, name, values }) => {
        for (const url of urls) {
          const xhr = new XMLHttpRequest()
          xhr.open('POST', url)
          for (const value of values) xhr.setRequestHeader(name, value)
          await new Promise((resolve) => {
            xhr.onloadend = resolve
            xhr.send('{}')
          })
        }
      },
      { urls: [`/plain/joined/${carrier}`, `/agent/joined/${carrier}`], name, values: [`${value}\n`, '\tb=2 '] },
    )
    const plain = await servers.site.only(`/plain/joined/${carrier}`)
    const agent = await servers.site.only(`/agent/joined/${carrier}`)
    expect(plain.header(name)).toBe(`${value}, b=2`)
    const ours = new RegExp(`, ?(session\\.id|_dd\\.p\\.llmobs_sid)=${id}$`)
    if (carrier === 'baggage') {
      expect(agent.header(name)?.replace(ours, '')).toBe(plain.header(name))
      expect(agent.header(name)).toMatch(ours)
    } else {
      // Tracers drop tags with a space behind the comma, as the browser joins them.
      expect([agent.header(name), agent.query]).toContainEqual(expect.stringContaining(id))
    }
  }
})

it('the RUM resource names the carrier that arrived', async () => {
  const { page, id } = pages.baggage
  await page.run(async () => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', '/agent/white-space/xhr')
    xhr.setRequestHeader('baggage', 'a=1\n')
    await new Promise((resolve) => {
      xhr.onloadend = resolve
      xhr.send('{}')
    })
    await fetch('/agent/white-space/fetch', { headers: { baggage: 'a=1\n' } })
  })
  for (const path of ['/agent/white-space/xhr', '/agent/white-space/fetch']) {
    const [event] = await resourcesOf(servers.site, page, id, path, 1)
    expect(event?.context?.llm_correlation).toEqual({ carrier: 'baggage' })
    expect((await servers.site.only(path)).header('baggage')).toContain(id)
  }
})

it('nothing of this made a console error', () => {
  for (const { page } of Object.values(pages)) {
    expect(page.errors).toEqual([])
    expect(page.console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
  }
})
