import { describe, expect, it } from 'vitest'
import { ALONE_ID, startAlone } from '../../support/alone.js'
import { CLIENTS, expectOnly, send, sendPair } from '../../support/calls.js'
import type { PageDefinition, TestPage } from '../../support/page.js'
import { RUM_SDKS } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()
const CARRIERS = ['body', 'query', 'baggage'] as const
const JSON_CALL = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: { as: 'string', text: '{"a":1}' },
} as const

/** The id is in each client's calls, JSON and GET, exactly once, and nothing else differs from an uncorrelated call. */
async function expectOnce(page: TestPage, id: string, carrier: string = 'body'): Promise<void> {
  for (const client of CLIENTS) {
    const post = await sendPair(page, stage.site, { client, ...JSON_CALL })
    const get = await sendPair(page, stage.site, { client })
    switch (carrier) {
      case 'body':
        expectOnly(post, { body: `{"session_id":"${id}","a":1}` })
        expectOnly(get, { query: `session_id=${id}` })
        break
      case 'query':
        expectOnly(post, { query: `session_id=${id}` })
        expectOnly(get, { query: `session_id=${id}` })
        break
      default:
        expectOnly(post, { headers: { baggage: `session.id=${id}` } })
        expectOnly(get, { headers: { baggage: `session.id=${id}` } })
    }
  }
}

async function expectNone(page: TestPage): Promise<void> {
  for (const client of CLIENTS) {
    expectOnly(await sendPair(page, stage.site, { client, ...JSON_CALL }))
    expectOnly(await sendPair(page, stage.site, { client }))
  }
}

const OPTIONS = (carrier: string) => `{ origins: ['/agent'], carrier: '${carrier}' }`
const INIT = `{
  applicationId: '00000000-0000-4000-8000-000000000000',
  clientToken: 'pub00000000000000000000000000000000',
  sessionSampleRate: 100,
  telemetrySampleRate: 0,
  proxy: location.origin + '/rum-intake',
}`

describe.each(CARRIERS)('the id is carried once with carrier %s', (carrier) => {
  const plugin = `DD_LLM_CORRELATION.llmCorrelation(${OPTIONS(carrier)})`

  it.each<[name: string, definition: PageDefinition]>([
    ['two plugin instances', { plugins: `[${plugin}, ${plugin}]` }],
    ['one instance twice', { between: `window.plugin = ${plugin}`, plugins: '[plugin, plugin]' }],
    [
      'init called twice before RUM has started',
      { correlation: OPTIONS(carrier), after: `DD_RUM.init({ ...${INIT}, plugins: [${plugin}] })` },
    ],
    [
      'the script-tag bundle loaded twice',
      {
        correlation: OPTIONS(carrier),
        between: `document.write('<script src="/files/dist/rum-llm-correlation.iife.js"></' + 'script>')`,
      },
    ],
    [
      'two copies of the script-tag bundle',
      {
        between: `window.first = ${plugin}; document.write('<script src="/files/dist/rum-llm-correlation.iife.js"></' + 'script>')`,
        plugins: `[first, ${plugin}]`,
      },
    ],
    [
      'the npm and the script-tag build',
      {
        callInit: false,
        module: `import { llmCorrelation } from 'rum-llm-correlation'
        DD_RUM.init({ ...${INIT}, plugins: [llmCorrelation(${OPTIONS(carrier)}), ${plugin}] })`,
      },
    ],
    [
      'the npm builds of plugin and RUM',
      {
        rum: false,
        plugin: false,
        module: `import { datadogRum } from '@datadog/browser-rum'
        import { llmCorrelation } from 'rum-llm-correlation'
        window.DD_RUM = datadogRum
        datadogRum.init({ ...${INIT}, plugins: [llmCorrelation(${OPTIONS(carrier)})] })`,
      },
    ],
    [
      'the npm build of the plugin and the script-tag build of RUM',
      {
        plugin: false,
        callInit: false,
        module: `import { llmCorrelation } from 'rum-llm-correlation'
        DD_RUM.init({ ...${INIT}, plugins: [llmCorrelation(${OPTIONS(carrier)})] })`,
      },
    ],
  ])('with %s', async (_, definition) => {
    const page = await stage.open(definition)
    await expectOnce(page, await page.sessionId(), carrier)
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('with init called again once RUM has started', async () => {
    const page = await stage.open({ correlation: OPTIONS(carrier) })
    const id = await page.sessionId()
    await page.evaluate(`DD_RUM.init({ ...${INIT}, plugins: [${plugin}] })`)
    await expectOnce(page, id, carrier)
    await page.close()
  })

  it('with a new instance after each hot reload, stopped or not', async () => {
    const page = await stage.open({ correlation: OPTIONS(carrier) })
    const id = await page.sessionId()
    const context = `{ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM }`
    await page.evaluate(`for (let i = 0; i < 20; i++) ${plugin}.onInit(${context})`)
    await expectOnce(page, id, carrier)
    await page.evaluate(`for (let i = 0; i < 20; i++) { const next = ${plugin}; next.onInit(${context}); next.stop() }`)
    await expectOnce(page, id, carrier)
    await page.close()
  })
})

it('several instances each serve their own entries', async () => {
  const page = await stage.open({
    plugins: `[
      DD_LLM_CORRELATION.llmCorrelation({ origins: ['/one'], carrier: 'query', field: 'first' }),
      DD_LLM_CORRELATION.llmCorrelation({ origins: ['/two'], carrier: 'baggage' }),
      DD_LLM_CORRELATION.llmCorrelation(['/agent']),
    ]`,
  })
  const id = await page.sessionId()
  for (const [index, client] of CLIENTS.entries()) {
    const path = `several/${index}`
    for (const base of ['/one', '/two', '/none']) {
      await page.evaluate(send, { client, ...JSON_CALL, url: `${base}/${path}` })
    }
    const seen = async (base: string) => {
      const { query, header, text } = await stage.site.only(`${base}/${path}`)
      return [query, header('baggage'), text]
    }
    expect(await seen('/one')).toEqual([`first=${id}`, undefined, '{"a":1}'])
    expect(await seen('/two')).toEqual([undefined, `session.id=${id}`, '{"a":1}'])
    expect(await seen('/none')).toEqual([undefined, undefined, '{"a":1}'])
  }
  await expectOnce(page, id)
  await page.evaluate('DD_RUM.getInitConfiguration().plugins[0].stop()')
  await page.evaluate(send, { client: 'XHR', url: '/one/stopped' })
  await page.evaluate(send, { client: 'XHR', url: '/two/not-stopped' })
  expect((await stage.site.only('/one/stopped')).query).toBeUndefined()
  expect((await stage.site.only('/two/not-stopped')).header('baggage')).toBe(`session.id=${id}`)
  await page.close()
})

describe('patches', () => {
  const PLUGIN = 'DD_RUM.getInitConfiguration().plugins[0]'

  /** How many stack frames lie between a call and the browser, for fetch and XHR. */
  const DEPTH = `(() => {
    Error.stackTraceLimit = Infinity
    const depths = []
    const probe = () => { depths.push(new Error().stack.split('\\n').length) }
    fetch('/plain/depth', { get method() { probe(); return 'GET' } })
    const xhr = new XMLHttpRequest()
    xhr.open('GET', { toString() { probe(); return '/plain/depth' } })
    return depths
  })()`

  it('do not stack up, stopped or not', async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    await page.sessionId()
    const context = `{ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM }`
    const before = await page.evaluate<number[]>(DEPTH)
    expect(before.length).toBeGreaterThanOrEqual(2)
    await page.evaluate(`for (let i = 0; i < 50; i++) DD_LLM_CORRELATION.llmCorrelation(['/agent']).onInit(${context})`)
    expect(await page.evaluate(DEPTH)).toEqual(before)
    await page.evaluate(
      `for (let i = 0; i < 50; i++) { const p = DD_LLM_CORRELATION.llmCorrelation(['/agent']); p.onInit(${context}); p.stop() }`,
    )
    expect(await page.evaluate(DEPTH)).toEqual(before)
    await page.close()
  })

  const GLOBALS = `[
    [window, 'fetch'], [XMLHttpRequest.prototype, 'open'], [XMLHttpRequest.prototype, 'send'],
    [XMLHttpRequest.prototype, 'setRequestHeader'], [window, 'XMLHttpRequest'], [window, 'EventSource'],
    [window, 'WebSocket'], [Navigator.prototype, 'sendBeacon'], [navigator, 'sendBeacon'],
    [EventSource.prototype, 'constructor'], [WebSocket.prototype, 'constructor'],
  ].map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name)?.value)`

  it('are gone after stop, and back after onInit', async () => {
    const page = await stage.open({ between: `window.original = ${GLOBALS}`, correlation: `['/agent']` })
    const id = await page.sessionId()
    const plugin = 'DD_RUM.getInitConfiguration().plugins[0]'
    const isOriginal = () => page.evaluate<boolean>(`${GLOBALS}.every((value, i) => value === original[i])`)
    expect(await isOriginal()).toBe(false)
    await expectOnce(page, id)
    await page.evaluate(`${plugin}.stop()`)
    expect(await isOriginal()).toBe(true)
    await expectNone(page)
    await page.evaluate(`${plugin}.stop()`)
    expect(await isOriginal()).toBe(true)
    await page.evaluate(`${plugin}.onInit({ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM })`)
    await expectOnce(page, id)
    await page.evaluate(`${plugin}.stop()`)
    expect(await isOriginal()).toBe(true)
    await page.close()
  })

  // RUM patches the others.
  const PASSED_BY_RUM = '[EventSource, WebSocket, Navigator.prototype.sendBeacon]'

  it.each(
    RUM_SDKS.flatMap(({ version, rum }) => [
      [version, 'in the task of its init', { rum, inInitScript: `${PLUGIN}.stop()` }] as const,
      [version, 'once it has started', { rum }] as const,
    ]),
  )('that RUM SDK %s puts nothing over are gone after a stop %s', async (_, when, definition) => {
    const page = await stage.open({
      ...definition,
      between: `window.original = ${PASSED_BY_RUM}`,
      correlation: `['/agent']`,
    })
    await page.sessionId()
    const areOriginal = () => page.evaluate(`${PASSED_BY_RUM}.map((value, index) => value === original[index])`)
    if (when === 'once it has started') {
      expect(await areOriginal()).toEqual([false, false, false])
      await page.evaluate(`${PLUGIN}.stop()`)
    }
    expect(await areOriginal()).toEqual([true, true, true])
    await page.close()
  })

  it("are inert after stop under another library's, and work again after onInit", async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    const id = await page.sessionId()
    const plugin = 'DD_RUM.getInitConfiguration().plugins[0]'
    await page.evaluate(`(() => {
      window.wrapped = 0
      const inner = fetch
      window.fetch = function (...args) { wrapped++; return inner.apply(this, args) }
      const { send } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.send = function (...args) { wrapped++; return send.apply(this, args) }
      window.theirs = [fetch, XMLHttpRequest.prototype.send]
    })()`)
    await page.evaluate(`${plugin}.stop()`)
    expect(await page.evaluate('theirs[0] === fetch && theirs[1] === XMLHttpRequest.prototype.send')).toBe(true)
    await expectNone(page)
    await page.evaluate(`${plugin}.onInit({ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM })`)
    await expectOnce(page, id)
    expect(await page.evaluate<number>('wrapped')).toBeGreaterThan(CLIENTS.length * 4)
    await page.close()
  })

  it('are put in the place of what cannot be assigned to, and leave it so', async () => {
    const page = await stage.open({
      rum: false,
      before: "window.original = Object.defineProperty(window, 'fetch', { writable: false }).fetch",
      between: startAlone("origins: ['/agent']"),
    })
    const flags = () =>
      page.evaluate(`(({ value, ...flags }) => flags)(Object.getOwnPropertyDescriptor(window, 'fetch'))`)
    const expected = { configurable: true, enumerable: true, writable: false }
    await page.evaluate("fetch('/agent/read-only').then(() => undefined)")
    expect((await stage.site.only('/agent/read-only')).query).toBe(`session_id=${ALONE_ID}`)
    expect(await flags()).toEqual(expected)
    await page.evaluate('plugin.stop()')
    expect(await page.evaluate('fetch === original')).toBe(true)
    expect(await flags()).toEqual(expected)
    await page.close()
  })

  it('leave a fetch that was captured before them as it was', async () => {
    const page = await stage.open({ between: 'window.early = fetch.bind(window)', correlation: `['/agent']` })
    await page.sessionId()
    await page.evaluate("early('/agent/early', { method: 'POST', body: '{}' }).then((response) => response.text())")
    expect((await stage.site.only('/agent/early')).text).toBe('{}')
    await page.close()
  })

  it('are not in frames', async () => {
    const page = await stage.open({ correlation: `['/agent']` })
    await page.sessionId()
    await page.evaluate(`(async () => {
      const frame = document.body.appendChild(document.createElement('iframe'))
      await frame.contentWindow.fetch('/agent/frame', { method: 'POST', body: '{}' })
    })()`)
    expect((await stage.site.only('/agent/frame')).text).toBe('{}')
    await page.close()
  })
})

it('objects of another frame are taken for what they are', async () => {
  const page = await stage.open({ correlation: `['/agent']` })
  const id = await page.sessionId()
  await page.evaluate(`(async () => {
    const other = document.body.appendChild(document.createElement('iframe')).contentWindow
    const headers = new other.Headers({ 'content-type': 'application/json' })
    await fetch('/agent/realm/init', { method: 'POST', headers, body: new other.Uint8Array([0x7b, 0x7d]) })
    await fetch(new other.Request(location.origin + '/agent/realm/request', { method: 'POST', headers, body: '{}' }))
    await fetch(new other.URL(location.origin + '/agent/realm/url'), { method: 'POST', body: new other.URLSearchParams('a=1') })
    await fetch('/agent/realm/blob', { method: 'POST', body: new other.Blob(['{}'], { type: 'application/json' }) })
  })()`)
  for (const name of ['init', 'request', 'blob']) {
    expect((await stage.site.only(`/agent/realm/${name}`)).text, name).toBe(`{"session_id":"${id}"}`)
  }
  expect((await stage.site.only('/agent/realm/url')).text).toBe(`a=1&session_id=${id}`)
  await page.close()
})
