import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, XHR_CLIENTS } from '../../support/calls.js'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type PageDefinition, type Source, type TestPage } from '../../support/page.js'
import { RUM_SDKS } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

/** Longer than any test here takes: what goes out with a start that is held back does not wait for it. */
const LONG = 60_000

/** A page whose RUM starts when the test says `startRum()`: the SDK waits for plugins with an asynchronous `onInit`. */
const held = (options: Source = `origins: ['/agent']`, startupTimeout = LONG): PageDefinition => ({
  plugins: `[
    DD_LLM_CORRELATION.llmCorrelation({ ${options}, startupTimeout: ${startupTimeout} }),
    { name: 'held', onInit: () => new Promise((resolve) => { window.startRum = () => resolve() }) },
  ]`,
})

let count = 0
const newPath = () => `/agent/${++count}`

/** Nothing has reached the server by now; what a page sends at once takes a few milliseconds. */
async function expectNothingSent(...paths: string[]): Promise<void> {
  await delay(150)
  expect(paths.flatMap((path) => stage.site.requestsTo(path))).toEqual([])
}

/** Milliseconds from `calledAt`, which the page has noted, to the moment when the browser began with a request. */
async function waitOf(page: TestPage, path: string): Promise<number> {
  return page.waitFor((path) => {
    const [entry] = performance.getEntriesByName(new URL(path, location.href).href)
    return entry && entry.startTime - (window as unknown as { calledAt: number }).calledAt
  }, path) as Promise<number>
}

async function startRum(page: TestPage): Promise<string> {
  await page.evaluate('startRum()')
  return page.sessionId()
}

describe('a matching fetch made before RUM has started', () => {
  it('waits and carries the id, made right after init', async () => {
    const path = newPath()
    const page = await stage.open({
      correlation: `['/agent']`,
      inInitScript: `window.answered = fetch('${path}', { method: 'POST', body: '{"a":1}' }).then((r) => r.json())`,
    })
    const id = await page.sessionId()
    expect(await page.evaluate('window.answered')).toEqual({ ok: true })
    expect((await stage.site.only(path)).text).toBe(`{"session_id":"${id}","a":1}`)
    await page.close()
  })

  it('waits until RUM starts, with every carrier', async () => {
    const page = await stage.open(
      held(`origins: [
        { match: '/agent/body', carrier: 'body' },
        { match: '/agent/query', carrier: 'query' },
        { match: '/agent/baggage', carrier: 'baggage' },
        { match: '/agent/trace-tags', carrier: 'trace-tags' },
      ]`),
    )
    const paths = ['body', 'query', 'baggage', 'trace-tags'].map((carrier) => `/agent/${carrier}/startup`)
    await page.evaluate((paths) => {
      for (const path of paths) {
        fetch(path, { method: 'POST', body: '{}' })
      }
    }, paths)
    await expectNothingSent(...paths)
    const id = await startRum(page)
    const [body, query, baggage, tags] = await Promise.all(paths.map((path) => stage.site.only(path)))
    expect(body?.text).toBe(`{"session_id":"${id}"}`)
    expect(query?.query).toBe(`session_id=${id}`)
    expect(baggage?.header('baggage')).toBe(`session.id=${id}`)
    expect(tags?.header('x-datadog-tags')).toBe(`_dd.p.llmobs_sid=${id}`)
    await page.close()
  })

  it.each<[name: string, definition: PageDefinition, event: Source]>([
    ['RUM starts without a session', { init: 'sessionSampleRate: 0' }, 'startRum()'],
    ['the plugin is stopped', {}, 'DD_RUM.getInitConfiguration().plugins[0].stop()'],
  ])('goes out as made, at once, when %s', async (_, definition, event) => {
    const path = newPath()
    const page = await stage.open({ ...held(), ...definition })
    await page.evaluate((path) => void fetch(path, { method: 'POST', body: '{"a":1}' }), path)
    await expectNothingSent(path)
    await page.evaluate(event)
    const request = await stage.site.only(path)
    expect([request.query, request.text]).toEqual([undefined, '{"a":1}'])
    await page.close()
  })

  it('goes out as made after startupTimeout, counted from init', async () => {
    const [first, second] = [newPath(), newPath()]
    const page = await stage.open({
      ...held(undefined, 1500),
      inInitScript: `
        const call = (path) => fetch(path, { method: 'POST', body: '{"a":1}' })
        call('${first}')
        setTimeout(() => call('${second}'), 1000)
        window.calledAt = performance.now()`,
    })
    const [waited, other] = await Promise.all([first, second].map((path) => waitOf(page, path)))
    for (const path of [first, second]) {
      const request = await stage.site.only(path)
      expect([request.query, request.text]).toEqual([undefined, '{"a":1}'])
    }
    expect(waited).toBeGreaterThan(1300)
    expect(waited).toBeLessThan(4000)
    // Both wait for the same moment, although the second call was made a second later.
    expect(Math.abs((other as number) - (waited as number))).toBeLessThan(700)
    await page.close()
  })

  it.each<[name: string, definition: PageDefinition]>([
    [
      'a plugin holds RUM back',
      {
        plugins: `[DD_LLM_CORRELATION.llmCorrelation(['/agent']), { name: 'never', onInit: () => new Promise(() => {}) }]`,
      },
    ],
    [
      'cookies are blocked',
      {
        before: `
          Object.defineProperty(document, 'cookie', { get: () => '', set() {} })
          Object.defineProperty(window, 'cookieStore', { value: undefined })`,
        correlation: `['/agent']`,
      },
    ],
  ])('waits half a second at most unless told otherwise, when %s', async (_, definition) => {
    const path = newPath()
    const page = await stage.open({
      ...definition,
      inInitScript: `fetch('${path}'); window.calledAt = performance.now()`,
    })
    const waited = await waitOf(page, path)
    expect((await stage.site.only(path)).query).toBeUndefined()
    expect(waited).toBeGreaterThan(350)
    expect(waited).toBeLessThan(3000)
    await page.close()
  })

  it('still goes out when the page is left', async () => {
    skipIn(
      'webkit',
      'what a page calls in pagehide is lost without the plugin, too, but for beacons and keepalive calls',
    )
    const paths = [newPath(), newPath()]
    const page = await stage.open(held())
    await page.evaluate(([plain, request]) => {
      fetch(plain as string, { method: 'POST', body: '{"a":1}' })
      fetch(new Request(request as string, { method: 'POST', body: '{"a":1}' }))
    }, paths)
    await expectNothingSent(...paths)
    await page.goto(await stage.site.add({ rum: false, plugin: false }))
    for (const path of paths) {
      expect((await stage.site.only(path)).text).toBe('{"a":1}')
    }
    await page.close()
  })
})

describe('nothing waits', () => {
  it.each<[name: string, definition: PageDefinition]>([
    ['with startupTimeout 0', held(undefined, 0)],
    ['without tracking consent', { ...held(), init: "trackingConsent: 'not-granted'" }],
  ])('%s', async (_, definition) => {
    const path = newPath()
    const page = await stage.open({
      ...definition,
      inInitScript: `fetch('${path}', { method: 'POST', body: '{"a":1}' })`,
    })
    const request = await stage.site.only(path)
    expect([request.query, request.text]).toEqual([undefined, '{"a":1}'])
    await page.close()
  })

  it.each<[name: string, change: (page: TestPage) => Promise<unknown>]>([
    ['once RUM has started without a session', async () => {}],
    [
      'once the session is stopped',
      async (page) => {
        await page.sessionId()
        await page.evaluate('DD_RUM.stopSession()')
        await page.waitFor('DD_RUM.getInternalContext() === undefined')
      },
    ],
  ])('%s', async (name, change) => {
    const path = newPath()
    const page = await stage.open({
      plugins: `[
        DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], startupTimeout: ${LONG} }),
        { name: 'observer', onRumStart: () => { window.hasStarted = true } },
      ]`,
      init: name.includes('without') ? 'sessionSampleRate: 0' : '',
    })
    await page.waitFor('window.hasStarted')
    await change(page)
    await page.evaluate(send, { client: 'fetch(string, init)', url: path })
    expect((await stage.site.only(path)).query).toBeUndefined()
    await page.close()
  })

  it.each(RUM_SDKS.filter(({ version }) => version < 7))(
    'with RUM SDK $version, which starts inside init',
    async ({ rum }) => {
      const path = newPath()
      const page = await stage.open({
        rum,
        correlation: `{ origins: ['/agent'], startupTimeout: ${LONG} }`,
        inInitScript: `fetch('${path}')`,
      })
      const id = await page.sessionId()
      expect((await stage.site.only(path)).query).toBe(`session_id=${id}`)
      await page.close()
    },
  )

  it("of RUM's own calls, which its start needs", async () => {
    stage.site.respond('/remote-configuration', (_, response) =>
      response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end('{"rum":{"applicationId":"00000000-0000-4000-8000-000000000000"}}'),
    )
    const page = await stage.open({
      correlation: `{ origins: [/.*/], startupTimeout: ${LONG} }`,
      init: "remoteConfiguration: { id: 'one', sync: true }, remoteConfigurationProxy: '/remote-configuration'",
    })
    await page.sessionId()
    await page.close()
  })
})

describe('with RUM that has not started', () => {
  let page: TestPage
  beforeAll(async () => {
    page = await stage.open(held())
  })
  afterAll(() => page?.close())

  it.each(XHR_CLIENTS)('%s goes out at once, as made', async (client) => {
    const path = newPath()
    await page.evaluate(send, { client, url: path, method: 'POST', body: { as: 'string', text: '{"a":1}' } })
    const request = await stage.site.only(path)
    expect([request.query, request.text]).toEqual([undefined, '{"a":1}'])
  })

  it('a fetch that no entry matches goes out at once', async () => {
    await page.evaluate(send, { client: 'fetch(string, init)', url: '/other' })
    expect((await stage.site.only('/other')).query).toBeUndefined()
  })

  it('a beacon goes out at once', async () => {
    const path = newPath()
    await page.evaluate((path) => navigator.sendBeacon(path, '{"a":1}'), path)
    expect((await stage.site.only(path)).text).toBe('{"a":1}')
  })

  it('a call that native fetch refuses is refused with a TypeError', async () => {
    const path = newPath()
    const outcomes = page.evaluate<string[]>(`{
      const path = '${path}'
      const used = new Request(path, { method: 'POST', body: 'a' })
      const calls = [
        () => fetch(path, { method: 'a b' }),
        () => fetch(path, { body: 'a' }),
        () => fetch(path, 1),
        () => used.text().then(() => fetch(used)),
      ].map((call) => call().then(() => 'sent', (error) => error.constructor.name))
      setTimeout(startRum, 300)
      Promise.all(calls)
    }`)
    expect(await outcomes).toEqual(Array(4).fill('TypeError'))
    expect(stage.site.requestsTo(path)).toEqual([])
  })
})

/** What a page does to its own objects while its call waits. The call goes out as it was when the page made it. */
const CHANGES: Array<[name: string, call: Source, expected: { query?: string; text?: string; header?: string }]> = [
  [
    'the method and body of init',
    "const init = { method: 'POST', body: '{\"a\":1}' }; fetch(path, init); init.method = 'PUT'; init.body = '{}'",
    {},
  ],
  [
    'a body that is taken out of init',
    "const init = { method: 'POST', body: '{\"a\":1}' }; fetch(path, init); delete init.body",
    {},
  ],
  [
    'a headers object',
    "const headers = { 'x-a': '1' }; fetch(path, { ...post, headers }); headers['x-a'] = '2'",
    { header: '1' },
  ],
  [
    'a Headers object',
    "const headers = new Headers({ 'x-a': '1' }); fetch(path, { ...post, headers }); headers.set('x-a', '2'); headers.set('content-type', 'text/csv')",
    { header: '1' },
  ],
  [
    'header tuples',
    "const headers = [['x-a', '1']]; fetch(path, { ...post, headers }); headers[0][1] = '2'; headers.push(['x-a', '3'])",
    { header: '1' },
  ],
  [
    'a URL object',
    "const url = new URL(path, location.href); fetch(url, post); url.pathname = '/agent/changed'; url.search = 'b'",
    {},
  ],
  [
    'the address that a relative URL is based on',
    "fetch('..' + path, post); history.replaceState(null, '', '/agent/elsewhere/')",
    {},
  ],
  ['the bytes of a typed array', 'const body = bytes(\'{"a":1}\'); fetch(path, { ...json, body }); body.fill(32)', {}],
  [
    'the bytes of an ArrayBuffer',
    'const body = bytes(\'{"a":1}\'); fetch(path, { ...json, body: body.buffer }); body.fill(32)',
    {},
  ],
  [
    'the bytes of a DataView',
    'const body = bytes(\'{"a":1}\'); fetch(path, { ...json, body: new DataView(body.buffer) }); body.fill(32)',
    {},
  ],
  [
    'the bytes of a transferred ArrayBuffer',
    'const body = bytes(\'{"a":1}\'); fetch(path, { ...json, body }); structuredClone(body.buffer, { transfer: [body.buffer] })',
    {},
  ],
  [
    'the entries of a URLSearchParams',
    "const body = new URLSearchParams('a=1'); fetch(path, { method: 'POST', body }); body.append('b', '2')",
    { text: 'a=1&session_id=ID' },
  ],
  [
    'the headers of a Request',
    "const request = new Request(path, { ...post, headers: { 'x-a': '1' } }); fetch(request); request.headers.set('x-a', '2')",
    { header: '1' },
  ],
  [
    'the init beside a Request',
    "const request = new Request(path, { method: 'POST' }); const init = { body: '{\"a\":1}', headers: { 'x-a': '1' } }; fetch(request, init); init.body = '{}'; init.headers['x-a'] = '2'",
    { header: '1' },
  ],
]

describe('while a fetch waits, the page may change', () => {
  let page: TestPage
  const paths = new Map<string, string>()
  let id: string

  // All on one page: its history entry is what relative URLs are based on, so that case is the last to be made.
  beforeAll(async () => {
    page = await stage.open(held())
    const cases = [...CHANGES].sort(([a], [b]) => Number(a.includes('address')) - Number(b.includes('address')))
    for (const [name, call] of cases) {
      const path = newPath()
      paths.set(name, path)
      await page.evaluate(`{
        const path = '${path}'
        const post = { method: 'POST', body: '{"a":1}' }
        const json = { method: 'POST', headers: { 'content-type': 'application/json' } }
        const bytes = (text) => new TextEncoder().encode(text)
        ${call}
      }`)
    }
    id = await startRum(page)
  })
  afterAll(() => page?.close())

  it.each(CHANGES)('%s', async (name, _, { text = '{"session_id":"ID","a":1}', header }) => {
    const request = await stage.site.only(paths.get(name) as string)
    expect(request.method).toBe('POST')
    expect([request.query, request.text]).toEqual([undefined, text.replace('ID', id)])
    expect(request.header('x-a')).toBe(header)
  })
})

it('the entries of a FormData may change while its call waits', async () => {
  const path = newPath()
  const page = await stage.open(held())
  await page.evaluate((path) => {
    const body = new FormData()
    body.append('a', '1')
    fetch(path, { method: 'POST', body })
    body.append('b', '2')
  }, path)
  const id = await startRum(page)
  const { text } = await stage.site.only(path)
  expect(text).toContain(`name="session_id"\r\n\r\n${id}`)
  expect(text).toContain('name="a"')
  expect(text).not.toContain('name="b"')
  await page.close()
})

describe('fetch(Request with a body) that waits', () => {
  it('takes the body at once, as native fetch does', async () => {
    const path = newPath()
    const page = await stage.open(held())
    const states = await page.evaluate(async (path) => {
      const request = new Request(path, { method: 'POST', body: '{"a":1}' })
      const before = request.bodyUsed
      fetch(request)
      const after = request.bodyUsed
      const again = await fetch(request).then(
        () => 'sent',
        (error) => error.constructor.name,
      )
      const read = await request.text().then(
        () => 'read',
        (error) => error.constructor.name,
      )
      return [before, after, again, read]
    }, path)
    expect(states).toEqual([false, true, 'TypeError', 'TypeError'])
    const id = await startRum(page)
    const request = await stage.site.only(path)
    expect([request.query, request.text]).toEqual([undefined, `{"session_id":"${id}","a":1}`])
    await page.close()
  })

  it('keeps everything else that the Request has', async () => {
    const path = newPath()
    const page = await stage.open(held())
    await page.evaluate((path) => {
      const headers = { 'x-a': '1', 'content-type': 'application/json', accept: 'text/plain' }
      const options = { referrer: '/pages/referrer', referrerPolicy: 'unsafe-url', credentials: 'omit' } as const
      fetch(new Request(path, { method: 'PUT', body: '{"a":1}', headers, cache: 'no-store', ...options }))
    }, path)
    const id = await startRum(page)
    const request = await stage.site.only(path)
    expect([request.method, request.text]).toEqual(['PUT', `{"session_id":"${id}","a":1}`])
    expect(['x-a', 'content-type', 'accept', 'cache-control', 'cookie'].map(request.header)).toEqual([
      '1',
      'application/json',
      'text/plain',
      'no-cache',
      undefined,
    ])
    expect(request.header('referer')).toBe(`${stage.site.origin}/pages/referrer`)
    await page.close()
  })
})

describe('the abort signal of a fetch that waits', () => {
  const CALLS: Array<[name: string, call: Source]> = [
    ['fetch(string, init)', 'fetch(path, { method, body, signal })'],
    ['fetch(URL, init)', 'fetch(new URL(path, location.href), { method, body, signal })'],
    ['fetch(Request)', 'fetch(new Request(path, { method, body, signal }))'],
    ['fetch(Request, init)', 'fetch(new Request(path, { method, body }), { signal })'],
  ]
  const ABORTS: Array<[name: string, script: Source, expected: string]> = [
    ['with a reason', "controller.abort('enough')", 'enough'],
    ['without a reason', 'controller.abort()', 'AbortError'],
    ['that has fired before', '', 'before'],
  ]
  let page: TestPage
  beforeAll(async () => {
    page = await stage.open(held())
  })
  afterAll(() => page?.close())

  it.each(
    CALLS.flatMap(([client, call]) => ABORTS.map(([name, abort, expected]) => [client, name, call, abort, expected])),
  )('of %s, aborted %s, rejects at once, and nothing is sent', async (_client, _name, call, abort, expected) => {
    const path = newPath()
    const outcome = await page.evaluate<string>(`{
        const path = '${path}', method = 'POST', body = '{}'
        const controller = new AbortController()
        ${abort === '' ? "controller.abort('before')" : ''}
        const { signal } = controller
        const outcome = ${call}.then(() => 'sent', (reason) => reason.name ?? reason)
        ${abort}
        Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, 3000, 'nothing within three seconds'))])
      }`)
    expect(outcome).toBe(expected)
    await expectNothingSent(path)
  })

  it('of all of them: nothing is sent when RUM starts, either', async () => {
    const path = newPath()
    await page.evaluate((path) => {
      const controller = new AbortController()
      fetch(path, { signal: controller.signal }).catch(() => {})
      controller.abort()
      fetch(`${path}/kept`)
    }, path)
    const before = stage.site.requests.filter(({ url }) => url.startsWith('/agent/')).length
    await startRum(page)
    await stage.site.only(`${path}/kept`)
    expect(stage.site.requests.filter(({ url }) => url.startsWith('/agent/')).length).toBe(before + 1)
    expect(page.errors).toEqual([])
  })

  it('has no listener left once the call goes out, for it may live as long as the page', async () => {
    const own = await stage.open({ correlation: `['/agent']` })
    await own.sessionId()
    const counts = await own.evaluate(`(async () => {
      const { signal } = new AbortController()
      const counts = {}
      for (const name of ['addEventListener', 'removeEventListener']) {
        signal[name] = (...args) => { counts[name] = (counts[name] ?? 0) + 1; return AbortSignal.prototype[name].apply(signal, args) }
      }
      await fetch('${newPath()}', { method: 'POST', body: new Blob(['{}'], { type: 'application/json' }), signal })
      return counts
    })()`)
    expect(counts).toEqual({ addEventListener: 1, removeEventListener: 1 })
    await own.close()
  })

  it('that fires while the call is on its way aborts it as ever', async () => {
    const path = newPath()
    const own = await openPage(stage.browser, await stage.site.add(held()))
    stage.site.respond(path, () => {})
    await own.evaluate((path) => {
      const controller = new AbortController()
      const outcome = fetch(path, { signal: controller.signal }).catch((error) => error.name)
      Object.assign(window, { controller, outcome })
    }, path)
    await startRum(own)
    await stage.site.only(path)
    await own.evaluate('controller.abort()')
    expect(await own.evaluate('outcome')).toBe('AbortError')
    await own.close()
  })
})
