import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { flushRum } from '../../support/page.js'
import { RUM_SDKS } from '../../support/rumSdks.js'
import { PATIENTLY, useStage } from '../../support/stage.js'

const stage = useStage()
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

const ofPlugin = (messages: string[]) => messages.filter((message) => message.includes('llmCorrelation'))

/** What the plugin prints while the page runs a script. */
async function linesOf(page: TestPage, script: Source): Promise<string[]> {
  const before = page.console.length
  await page.evaluate(`(async () => { ${script} })()`)
  await page.evaluate("console.info('the end')")
  await expect.poll(() => page.console.at(-1), PATIENTLY).toBe('info: the end')
  return ofPlugin(page.console.slice(before))
}

const xhr = (url: string): Source =>
  `await new Promise((resolve) => { const xhr = new XMLHttpRequest(); xhr.open('GET', '${url}'); xhr.onloadend = resolve; xhr.send() });`

const TRANSPORTS: Array<[name: string, call: (url: string) => Source, method: string, carrier: string]> = [
  ['XHR', (url) => `{ const xhr = new XMLHttpRequest(); xhr.open('put', '${url}'); xhr.send('{}') };`, 'PUT', 'body'],
  [
    'XHR, by a method that ends as one without a body',
    (url) => `{ const xhr = new XMLHttpRequest(); xhr.open('TARGET', '${url}'); xhr.send('{}') };`,
    'TARGET',
    'body',
  ],
  ['sendBeacon', (url) => `navigator.sendBeacon('${url}', '{}');`, 'POST', 'body'],
  ['EventSource', (url) => `new EventSource('${url}').close();`, 'GET', 'query'],
  ['WebSocket', (url) => `new WebSocket('${url}').close();`, 'GET', 'query'],
]

it('says at init, in one line, that it is on, its version and its entries', async () => {
  const page = await stage.open({
    correlation: `{ debug: true, origins: ['/agent', 'https://agent.example.com/v1', { match: /models?\\.example/, carrier: 'baggage' }] }`,
  })
  await page.sessionId()
  const [line, ...others] = ofPlugin(page.console)
  expect(others).toEqual([])
  for (const part of [version, '/agent', 'https://agent.example.com/v1', 'models?\\.example', 'baggage']) {
    expect(line).toContain(part)
  }
  await page.close()
})

describe('of calls that no entry takes', () => {
  let page: TestPage
  beforeAll(async () => {
    page = await stage.open({ correlation: "{ debug: true, origins: ['/agent'] }" })
    await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each<[name: string, call: (url: string) => Source]>([
    ['fetch(string)', (url) => `await fetch('${url}');`],
    ['fetch(URL)', (url) => `await fetch(new URL('${url}', location.href));`],
    ['fetch(Request)', (url) => `await fetch(new Request('${url}'));`],
    ['XHR', xhr],
    ['sendBeacon', (url) => `navigator.sendBeacon('${url}');`],
    ['EventSource', (url) => `new EventSource('${url}').close();`],
    ['WebSocket', (url) => `new WebSocket('${url}').close();`],
  ])('it names each endpoint once, without its query: %s', async (name, call) => {
    const path = `/other/${name.replace(/\W/g, '')}`
    const lines = await linesOf(page, call(`${path}?a=secret`) + call(`${path}?a=secret`) + call(`${path}?b=secret`))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(stage.site.origin.replace(/^http/, '') + path)
    expect(lines[0]).toMatch(/entr(y|ies)/)
    expect(lines[0]).not.toContain('secret')
    const others = await linesOf(page, call(`${path}/more`) + call(path))
    expect(others).toHaveLength(1)
    expect(others[0]).toContain(`${path}/more`)
  })

  it('not those of RUM itself', async () => {
    const before = stage.site.rumRequests.length
    await page.evaluate("DD_RUM.addAction('one')")
    await flushRum(page)
    await expect.poll(() => stage.site.rumRequests.length, PATIENTLY).toBeGreaterThan(before)
    expect(await linesOf(page, '')).toEqual([])
    expect(page.console.filter((message) => message.includes('rum-intake'))).toEqual([])
  })

  it('none where it is not asked for', async () => {
    const silent = await stage.open({ correlation: "['/agent']" })
    await silent.sessionId()
    expect(await linesOf(silent, `await fetch('/other/silent'); ${xhr('/other/silent')}`)).toEqual([])
    await silent.close()
  })
})

describe('without a session, it says why', () => {
  const correlation = "{ debug: true, origins: ['/agent'], startupTimeout: 0 }"
  const held: PageDefinition = {
    plugins: `[DD_LLM_CORRELATION.llmCorrelation(${correlation}), { name: 'held', onInit: () => new Promise((resolve) => { window.startRum = resolve }) }]`,
  }
  const started: Source = 'await new Promise((resolve) => setTimeout(resolve, 1000));'

  it.each<[name: string, definition: PageDefinition, before: Source, said: RegExp, unsaid: RegExp]>([
    ['it is not sampled', { correlation, init: 'sessionSampleRate: 0' }, started, /sampl/i, /consent/i],
    ['consent is refused', { correlation, init: "trackingConsent: 'not-granted'" }, started, /consent/i, /sampl/i],
    ['RUM has not started', held, '', /start/i, /sampl|consent/i],
  ])('%s', async (_, definition, before, said, unsaid) => {
    const page = await stage.open(definition)
    await linesOf(page, before)
    // None of the words that are looked for.
    const path = `/agent/why/${said.source.length}-${unsaid.source.length}`
    for (const call of [`await fetch('${path}?a=secret');`, xhr(`${path}?a=secret`)]) {
      const lines = await linesOf(page, call)
      expect(lines).toHaveLength(1)
      expect(lines[0]).toContain(path)
      expect(lines[0]).toMatch(said)
      expect(lines[0]).not.toMatch(unsaid)
      expect(lines[0]).not.toContain('secret')
    }
    await page.close()
  })

  it('RUM has not started, and what cannot wait goes out', async () => {
    const page = await stage.open({
      plugins: `[DD_LLM_CORRELATION.llmCorrelation({ debug: true, origins: ['/agent'] }), { name: 'held', onInit: () => new Promise(() => {}) }]`,
      inInitScript: TRANSPORTS.map(([, call]) => call('/agent/early')).join(''),
    })
    await expect.poll(() => ofPlugin(page.console).slice(1), PATIENTLY).toHaveLength(TRANSPORTS.length)
    for (const [index, [, , method]] of TRANSPORTS.entries()) {
      expect(ofPlugin(page.console)[index + 1]).toMatch(new RegExp(`${method} \\S+/agent/early: none \\(.*start`))
    }
    await page.close()
  })

  it('once consent is given, and once RUM has started, calls carry the id', async () => {
    const page = await stage.open({ correlation, init: "trackingConsent: 'not-granted'" })
    expect((await linesOf(page, xhr('/agent/why/1')))[0]).toMatch(/consent/i)
    await page.evaluate("DD_RUM.setTrackingConsent('granted')")
    await page.sessionId()
    expect((await linesOf(page, xhr('/agent/why/2')))[0]).toMatch(/query session_id/)
    await page.close()
  })
})

describe('of every transport, it says by which method and with which carrier', () => {
  let page: TestPage
  beforeAll(async () => {
    page = await stage.open({ correlation: "{ debug: true, origins: [{ match: '/agent', field: 'sid' }] }" })
    await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each(TRANSPORTS)('%s', async (_, call, method, carrier) => {
    const lines = await linesOf(page, call('/agent/transport?a=secret'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(new RegExp(`: ${method} \\S+/agent/transport: ${carrier} sid( |$)`))
  })
})

it.each(RUM_SDKS)('with RUM SDK $version, which traces calls between its patches, it says so once', async ({ rum }) => {
  const page = await stage.open({
    rum,
    correlation: "{ debug: true, origins: ['/agent'] }",
    init: 'allowedTracingUrls: [location.origin], traceSampleRate: 100',
  })
  await page.sessionId()
  for (const call of [
    "await fetch('/agent/traced', { method: 'POST', body: '{}' });",
    "await fetch(new Request('/agent/traced', { method: 'POST', body: '{}' }));",
    xhr('/agent/traced'),
  ]) {
    expect(await linesOf(page, call), call).toHaveLength(1)
  }
  await page.close()
})

describe('where the query was taken instead, it says why', () => {
  let page: TestPage
  beforeAll(async () => {
    page = await stage.open({
      correlation: `{ debug: true, origins: [
        { match: '/agent/body' }, { match: '/agent/query', carrier: 'query' }, { match: '/agent/dotted', field: 'a.sid' },
        { match: '/agent/baggage', carrier: 'baggage' }, { match: '/agent/trace-tags', carrier: 'trace-tags' },
      ] }`,
    })
    await page.sessionId()
  })
  afterAll(() => page?.close())

  let calls = 0
  const json = (body: string): Source =>
    `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '${body}' }`
  const ROWS: Array<[name: string, path: string, init: Source, said: RegExp]> = [
    ['a GET', 'body', '{}', /GET|no body|without a body/i],
    ['a POST without a body', 'body', "{ method: 'POST' }", /no body|without a body/i],
    ['a JSON array', 'body', json('[1]'), /object/i],
    ['JSON-RPC', 'body', json('{"jsonrpc":"2.0"}'), /json-?rpc/i],
    [
      'another media type',
      'body',
      "{ method: 'POST', headers: { 'content-type': 'text/markdown' }, body: 'a' }",
      /type/i,
    ],
    ['bytes without a type', 'body', "{ method: 'POST', body: new Uint8Array([1]) }", /type/i],
    [
      'a coded body',
      'body',
      "{ method: 'POST', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' }, body: new Uint8Array([1]) }",
      /encod/i,
    ],
    ['something on the path that is no object', 'dotted', json('{"a":1}'), /object/i],
    [
      'baggage that is full',
      'baggage',
      `{ headers: { baggage: 'a=${'a'.repeat(8190)}' } }`,
      /8,?192|room|fit|long|full/i,
    ],
    ['baggage on a no-cors call', 'baggage', "{ mode: 'no-cors' }", /no-cors/],
    [
      'tags that are full',
      'trace-tags',
      `{ headers: { 'x-datadog-tags': '_dd.p.a=${'a'.repeat(490)}' } }`,
      /512|room|fit|long|full/i,
    ],
    ['tags on a no-cors call', 'trace-tags', "{ mode: 'no-cors' }", /no-cors/],
    ['a trace of B3', 'trace-tags', "{ headers: { b3: '000000000000007b-00000000000001c8-1' } }", /b3|trace/i],
  ]

  it.each(ROWS)('%s', async (_, carrier, init, said) => {
    const path = `/agent/${carrier}/${++calls}`
    const lines = await linesOf(page, `await fetch('${path}', ${init});`)
    expect(lines).toHaveLength(1)
    const what = lines[0]?.slice((lines[0]?.indexOf(path) ?? 0) + path.length)
    expect(what).toMatch(/query/)
    expect(what).toMatch(said)
  })

  it('and nothing where it was asked for', async () => {
    const [line] = await linesOf(page, "await fetch('/agent/query/asked');")
    expect(line).toMatch(/query session_id\W*$/)
  })
})
