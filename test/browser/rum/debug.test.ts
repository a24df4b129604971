import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FETCH_CLIENTS } from '../../support/calls.js'
import { linesOf, ofSdk } from '../../support/debugLines.js'
import { openPage, type Page } from '../../support/openPage.js'
import { flushRum } from '../../support/page.js'
import { get, type PageCall, UNWAITED, xhr } from '../../support/pageCalls.js'
import { PATIENTLY } from '../../support/patiently.js'
import { RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

it('says at init, in one line, that it is on, its version and its entries', async () => {
  const page = await openPage({
    plugin: {
      debug: true,
      origins: ['/agent', 'https://agent.example.com/v1', { match: /models?\.example/, carrier: 'baggage' }],
    },
  })
  await page.sessionId()
  const [line, ...others] = ofSdk(page.console)
  expect(others).toEqual([])
  for (const part of [version, '/agent', 'https://agent.example.com/v1', 'models?\\.example', 'baggage']) {
    expect(line).toContain(part)
  }
  await page.close()
})

it('is silent unless asked for', async () => {
  const page = await openPage({ plugin: ['/agent'] })
  await page.sessionId()
  for (const client of [...FETCH_CLIENTS, 'XHR'] as const) {
    // To a path that an entry takes, and to another.
    await page.sendBoth({ client, method: 'POST', body: { as: 'string', text: '{}' } })
  }
  expect(page.console).toEqual([])
  await page.close()
})

describe('of each call that an entry takes, it says by which method and with which carrier', () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage({
      plugin: {
        debug: true,
        origins: [
          { match: '/agent/body', field: 'sid' },
          { match: '/agent/query', carrier: 'query' },
          { match: '/agent/baggage', carrier: 'baggage' },
          { match: '/agent/trace-tags', carrier: 'trace-tags' },
          { match: '/agent/dotted', field: 'a.sid' },
        ],
      },
    })
    await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each<[name: string, call: PageCall, said: string, path?: string]>([
    ...UNWAITED.map(([name, call, method, carrier]): [string, PageCall, string] => [
      name,
      call,
      `${method}: ${carrier} sid`,
    ]),
    ['fetch', (url) => fetch(url, { method: 'POST', body: '{}' }), 'POST: body sid'],
    ['fetch of a Request', (url) => fetch(new Request(url, { method: 'PUT', body: '{}' })), 'PUT: body sid'],
    ['fetch without a body', get, 'GET: query sid'],
    ['fetch with carrier query', get, 'GET: query session_id', 'query'],
    ['fetch with carrier baggage', get, 'GET: baggage', 'baggage'],
    ['fetch with carrier trace-tags', get, 'GET: trace-tags', 'trace-tags'],
    ['XHR with carrier baggage', xhr, 'GET: baggage', 'baggage'],
  ])('%s', async (_, call, said, path = 'body') => {
    const lines = await linesOf(page, [call, `/agent/${path}/1?a=secret`])
    expect(lines).toHaveLength(1)
    const [method, carried] = said.split(': ')
    expect(lines[0]).toMatch(new RegExp(`: ${method} \\S+/agent/${path}/1: ${carried}( |$)`))
    expect(lines[0]).not.toContain('secret')
  })

  const FULL = 'a'.repeat(8190)
  const FULL_TAGS = `_dd.p.a=${'a'.repeat(490)}`
  const json = (body: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const coded = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
  it.each<[name: string, path: string, init: RequestInit & { isBytes?: true }, said: RegExp]>([
    ['a GET', 'body', {}, /GET|no body|without a body/i],
    ['a POST without a body', 'body', { method: 'POST' }, /no body|without a body/i],
    ['a JSON array', 'body', json('[1]'), /object/i],
    ['JSON-RPC', 'body', json('{"jsonrpc":"2.0"}'), /json-?rpc/i],
    ['another media type', 'body', { ...json('a'), headers: { 'content-type': 'text/markdown' } }, /type/i],
    ['bytes without a type', 'body', { method: 'POST', isBytes: true }, /type/i],
    ['a coded body', 'body', { method: 'POST', headers: coded, isBytes: true }, /encod/i],
    ['something on the path that is no object', 'dotted', json('{"a":1}'), /object/i],
    ['baggage that is full', 'baggage', { headers: { baggage: `a=${FULL}` } }, /8,?192|room|fit|long|full/i],
    ['baggage on a no-cors call', 'baggage', { mode: 'no-cors' }, /no-cors/],
    ['tags that are full', 'trace-tags', { headers: { 'x-datadog-tags': FULL_TAGS } }, /512|room|fit|long|full/i],
    ['tags on a no-cors call', 'trace-tags', { mode: 'no-cors' }, /no-cors/],
    ['a trace of B3', 'trace-tags', { headers: { b3: '000000000000007b-00000000000001c8-1' } }, /b3|trace/i],
  ])('and why the query was taken instead: %s', async (name, carrier, { isBytes, ...init }, said) => {
    const url = `/agent/${carrier}/${name.length}`
    const before = page.console.length
    await page.run(
      ({ url, init, isBytes }) => fetch(url, isBytes ? { ...init, body: new Uint8Array([1]) } : init).then(() => {}),
      { url, init, isBytes },
    )
    await linesOf(page)
    const lines = ofSdk(page.console.slice(before))
    expect(lines).toHaveLength(1)
    const what = lines[0]?.slice((lines[0]?.indexOf(url) ?? 0) + url.length)
    expect(what).toMatch(/query/)
    expect(what).toMatch(said)
  })

  it('but not where it was asked for', async () => {
    const [line] = await linesOf(page, [get, '/agent/query/asked'])
    expect(line).toMatch(/query session_id\W*$/)
  })
})

describe('of calls that no entry takes', () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage({ plugin: { debug: true, origins: ['/agent'] } })
    await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each<[name: string, call: PageCall]>([
    ['fetch(string)', get],
    ['fetch(URL)', (url) => fetch(new URL(url, location.href))],
    ['fetch(Request)', (url) => fetch(new Request(url))],
    ['XHR', xhr],
    ['sendBeacon', (url) => void navigator.sendBeacon(url)],
    ['EventSource', (url) => new EventSource(url).close()],
    ['WebSocket', (url) => new WebSocket(url).close()],
  ])('it names each endpoint once, without its query: %s', async (name, call) => {
    const path = `/other/${name.replace(/\W/g, '')}`
    const lines = await linesOf(
      page,
      [call, `${path}?a=secret`],
      [call, `${path}?a=secret`],
      [call, `${path}?b=secret`],
    )
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(servers.site.origin.replace(/^http/, '') + path)
    expect(lines[0]).toMatch(/entr(y|ies)/)
    expect(lines[0]).not.toContain('secret')
    expect(await linesOf(page, [call, `${path}/more`], [call, path])).toEqual([expect.stringContaining(`${path}/more`)])
  })

  it('not those of RUM itself', async () => {
    const before = servers.site.rumRequests.length
    await page.run(() => DD_RUM.addAction('one'))
    await flushRum(page)
    await expect.poll(() => servers.site.rumRequests.length, PATIENTLY).toBeGreaterThan(before)
    expect(await linesOf(page)).toEqual([])
    expect(page.console.filter((message) => message.includes('rum-intake'))).toEqual([])
  })
})

it.each(RUM_SDKS)('with RUM SDK $version, which traces calls between its patches, it says so once', async ({ rum }) => {
  const page = await openPage({
    sdk: rum,
    plugin: { debug: true, origins: ['/agent'] },
    init: { allowedTracingUrls: [servers.site.origin], traceSampleRate: 100 },
  })
  await page.sessionId()
  const calls: PageCall[] = [
    (url) => fetch(url, { method: 'POST', body: '{}' }),
    (url) => fetch(new Request(url, { method: 'POST', body: '{}' })),
    xhr,
  ]
  for (const call of calls) {
    expect(await linesOf(page, [call, '/agent/traced']), String(call)).toHaveLength(1)
  }
  await page.close()
})
