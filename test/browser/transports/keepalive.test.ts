import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { CapturedRequest } from '../../support/captureServer.js'
import { ENGINE } from '../../support/engines/engine.js'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER, placesOf, resourcesOf } from '../../support/rumSdks.js'
import { PATIENTLY, times, useStage } from '../../support/stage.js'
import { PLUGIN_ALONE } from '../../support/twins.js'

const stage = useStage()

const JSON_BODY = '{"a":1}'

interface Kind {
  name: string
  /** The call, to `url`. */
  call: Source
  method?: string
  body?: string
  /** What a carrier needs to know stands in the call, so that it is carried all the same. */
  carriedBy: ReadonlyArray<(typeof CARRIERS)[number]>
}

const HEADERS = ['baggage', 'trace-tags'] as const
const REQUEST = `new Request(url, { method: 'POST', keepalive: true, body: json, headers: jsonType })`
const PARTS: Source = `
  const json = '${JSON_BODY}', jsonType = { 'content-type': 'application/json' }
  const blob = new Blob([json], { type: 'application/json' })
  const post = { method: 'POST', keepalive: true }`

/** Calls that are `keepalive`, in every place where a call can say so, with bodies that are known at once and others. */
const KINDS: Kind[] = [
  { name: 'fetch(string, init)', call: `fetch(url, { ...post, body: json })`, carriedBy: CARRIERS },
  { name: 'fetch(URL, init)', call: `fetch(new URL(url, location), { ...post, body: json })`, carriedBy: CARRIERS },
  { name: 'a POST without a body', call: 'fetch(url, post)', body: '', carriedBy: CARRIERS },
  { name: 'a GET', call: 'fetch(url, { keepalive: true })', method: 'GET', body: '', carriedBy: CARRIERS },
  {
    name: 'URLSearchParams',
    call: `fetch(url, { ...post, body: new URLSearchParams('a=1') })`,
    body: 'a=1',
    carriedBy: CARRIERS,
  },
  { name: 'bytes', call: `fetch(url, { ...post, headers: jsonType, body: bytes(json) })`, carriedBy: CARRIERS },
  { name: 'a JSON Blob', call: 'fetch(url, { ...post, body: blob })', carriedBy: ['query', ...HEADERS] },
  {
    name: 'a JSON File',
    call: `fetch(url, { ...post, body: new File([json], 'a.json', { type: 'application/json' }) })`,
    carriedBy: ['query', ...HEADERS],
  },
  {
    name: 'a Blob without a type beside a content type',
    call: `fetch(url, { ...post, headers: jsonType, body: new Blob([json]) })`,
    carriedBy: ['query', ...HEADERS],
  },
  {
    name: 'a Blob of another type',
    call: `fetch(url, { ...post, body: new Blob(['a'], { type: 'text/csv' }) })`,
    body: 'a',
    carriedBy: CARRIERS,
  },
  {
    name: 'an inherited keepalive with a Blob',
    call: `fetch(url, Object.assign(Object.create({ keepalive: 1 }), { method: 'POST', body: blob }))`,
    carriedBy: ['query', ...HEADERS],
  },
  { name: 'a Request', call: `fetch(${REQUEST})`, carriedBy: HEADERS },
  { name: 'a Request and {}', call: `fetch(${REQUEST}, {})`, carriedBy: HEADERS },
  { name: 'a Request and undefined members', call: `fetch(${REQUEST}, { keepalive: undefined })`, carriedBy: HEADERS },
  {
    name: 'a Request and headers',
    call: `fetch(${REQUEST}, { headers: { ...jsonType, 'x-own': '1' } })`,
    carriedBy: HEADERS,
  },
  {
    name: 'a Request that init makes keepalive',
    call: `fetch(new Request(url, { method: 'POST', body: json, headers: jsonType }), { keepalive: true })`,
    carriedBy: HEADERS,
  },
  { name: 'a Request of a Blob', call: 'fetch(new Request(url, { ...post, body: blob }))', carriedBy: HEADERS },
  { name: 'a Request of text', call: 'fetch(new Request(url, { ...post, body: json }))', carriedBy: HEADERS },
  {
    name: 'a Request of a form',
    call: `fetch(new Request(url, { ...post, body: new URLSearchParams('a=1') }))`,
    body: 'a=1',
    carriedBy: HEADERS,
  },
  {
    name: 'a Request of a class of its own',
    call: `fetch(new (class extends Request {})(url, { ...post, body: json, headers: jsonType }))`,
    carriedBy: HEADERS,
  },
  {
    name: 'a Request with baggage',
    call: `fetch(new Request(url, { ...post, body: json, headers: { ...jsonType, baggage: 'a=1' } }))`,
    carriedBy: HEADERS,
  },
  {
    name: 'a Request without a body',
    call: 'fetch(new Request(url, post))',
    body: '',
    // Firefox does not tell that it has none, and WebKit breaks it when it is asked.
    carriedBy: ENGINE === 'chromium' ? CARRIERS : HEADERS,
  },
  {
    name: 'a Request with the body in init',
    call: 'fetch(new Request(url, post), { body: json })',
    carriedBy: CARRIERS,
  },
  {
    name: 'a Request with a File in init',
    call: `fetch(new Request(url), { ...post, body: new File([json], 'a.json', { type: 'application/json' }) })`,
    carriedBy: ['query', ...HEADERS],
  },
  {
    name: 'a Request with a body, and another one in init',
    call: "fetch(new Request(url, { ...post, body: 'own' }), { body: json })",
    carriedBy: CARRIERS,
  },
]

const pathOf = (carrier: string, { name }: Kind, when: string) =>
  `/agent/${carrier}/${when}/${name.replace(/\W+/g, '-')}`

const makeAll = (when: string): Source => `(() => {
  ${PARTS}
  const bytes = (text) => new TextEncoder().encode(text)
  ${times(CARRIERS, KINDS)
    .map(([carrier, kind]) => `{ const url = '${pathOf(carrier, kind, when)}'; ${kind.call}.catch(() => {}) }`)
    .join('\n')}
})()`

/** A page whose RUM never starts, so that nothing but the time-out would end a wait. */
const NEVER_STARTS: PageDefinition = {
  plugins: `[
    DD_LLM_CORRELATION.llmCorrelation({ origins: ${ENTRY_PER_CARRIER}, startupTimeout: 60_000 }),
    { name: 'held', onInit: () => new Promise(() => {}) },
  ]`,
}

/** What has come in once all calls have, or none comes any more for long. */
async function arrivedOf(when: string) {
  const arrived = () => stage.site.requests.filter(({ path }) => path.split('/')[3] === when)
  await vi.waitFor(() => expect(arrived()).toHaveLength(CARRIERS.length * KINDS.length), PATIENTLY).catch(() => {})
  return arrived()
}

const ROWS = KINDS.map((kind) => [kind.name, kind] as const)

describe('a keepalive call made while the page goes away arrives with every carrier, once and whole', () => {
  let id: string
  let arrived: CapturedRequest[]
  beforeAll(async () => {
    const page = await stage.open({ correlation: ENTRY_PER_CARRIER })
    id = await page.sessionId()
    await page.evaluate(`void addEventListener('pagehide', () => ${makeAll('pagehide')})`)
    await page.goto(await stage.site.add({ rum: false, plugin: false }))
    arrived = await arrivedOf('pagehide')
    await page.close()
  })

  it.each(ROWS)('%s', (_, kind) => {
    const { method = 'POST', body = JSON_BODY, carriedBy } = kind
    const requests = CARRIERS.map((carrier) => arrived.filter(({ path }) => path === pathOf(carrier, kind, 'pagehide')))
    expect(requests.map(({ length }) => length)).toEqual([1, 1, 1, 1])
    for (const [index, carrier] of CARRIERS.entries()) {
      const [request] = requests[index] as [CapturedRequest]
      expect(request.method).toBe(method)
      expect(request.text.replace(/"session_id":"[^"]*",|&session_id=.*/, '')).toBe(body)
      const places = placesOf(request, id)
      expect(places.length, `times that the id travels with ${carrier}`).toBeLessThanOrEqual(1)
      expect(places.length).toBeGreaterThanOrEqual(carriedBy.includes(carrier) ? 1 : 0)
    }
  })
})

describe('a keepalive call made before RUM has started goes out at once with every carrier, as made', () => {
  let arrived: CapturedRequest[]
  beforeAll(async () => {
    const page = await stage.open(NEVER_STARTS)
    await page.evaluate(`void ${makeAll('startup')}`)
    // Before the page is closed, which would end all waits.
    arrived = await arrivedOf('startup')
    await page.close()
  })

  it.each(ROWS)('%s', (_, kind) => {
    const { method = 'POST', body = JSON_BODY } = kind
    for (const carrier of CARRIERS) {
      const requests = arrived.filter(({ path }) => path === pathOf(carrier, kind, 'startup'))
      expect(requests.map(({ method, text, query }) => [method, text, query])).toEqual([[method, body, undefined]])
    }
  })
})

/** How many calls have reached the browser when `fetch` returns. */
const countAtOnce = (page: TestPage, call: Source) =>
  page.evaluate<number>(`(() => {
    const url = '/agent/at-once'
    ${PARTS}
    const bytes = (text) => new TextEncoder().encode(text)
    const before = calls
    ${call}.catch(() => {})
    return calls - before
  })()`)

describe('the browser has the call when fetch returns', () => {
  let page: TestPage
  beforeAll(async () => {
    page = await stage.open({
      before: `window.calls = 0
        const inner = fetch
        window.fetch = function () { calls++; return inner.apply(this, arguments) }`,
      rum: false,
      between: PLUGIN_ALONE,
    })
  })

  it.each(ROWS)('%s', async (_, { call }) => {
    expect(await countAtOnce(page, call)).toBe(1)
  })

  it.each([
    ['keepalive: false', `fetch(${REQUEST}, { keepalive: false })`],
    ['keepalive: null', `fetch(${REQUEST}, { keepalive: null })`],
    ['keepalive: 0 beside a Blob', 'fetch(url, { ...post, keepalive: 0, body: blob })'],
  ])('but one that is not keepalive after all has its body read: %s', async (_, call) => {
    expect(await countAtOnce(page, call)).toBe(0)
  })
})

it('a keepalive Request is taken over at once, as natively', async () => {
  const page = await stage.open({ correlation: ENTRY_PER_CARRIER })
  await page.sessionId()
  const states =
    await page.evaluate(`Promise.all(['/plain', ...${JSON.stringify(CARRIERS.map((carrier) => `/agent/${carrier}`))}].map(async (base) => {
    const url = base + '/taken-over'
    ${PARTS}
    const request = ${REQUEST}
    const before = request.bodyUsed
    const call = fetch(request)
    const after = request.bodyUsed
    const { status } = await call
    const again = await fetch(request).catch((error) => error.name)
    return [before, after, status, again]
  }))`)
  expect(states).toEqual(Array(5).fill([false, true, 200, 'TypeError']))
  await page.close()
})

it('the RUM resource of a keepalive call that could not take the id says so', async () => {
  const page = await stage.open({ correlation: "['/agent']" })
  const id = await page.sessionId()
  await page.evaluate(`(async () => {
    const url = '/agent/annotated'
    ${PARTS}
    await fetch(${REQUEST})
  })()`)
  const request = await stage.site.only('/agent/annotated')
  const [event] = await resourcesOf(stage.site, page, id, '/agent/annotated', 1)
  const [carrier = 'none'] = placesOf(request, id)
  expect(event?.context?.llm_correlation).toMatchObject(
    carrier === 'none' ? { carrier, reason: expect.any(String) } : { carrier },
  )
  await page.close()
})
