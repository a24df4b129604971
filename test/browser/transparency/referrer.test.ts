import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { openPage, type Page } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { ENTRIES, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

/** Requests whose referrer another one of the page's address would be told from. */
const REFERRERS: RequestInit[] = [
  { referrerPolicy: 'no-referrer' },
  { referrer: '' },
  { referrer: '/elsewhere?a=1', referrerPolicy: 'unsafe-url' },
  { referrer: '/elsewhere?a=1', referrerPolicy: 'origin' },
]
const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
/** What every carrier has to do with a Request: read and replace its body, build it with another URL, set a header. */
const KINDS: Array<[carrier: string, members: RequestInit]> = [
  ['body', JSON_POST],
  ['body', { method: 'GET' }],
  ['query', JSON_POST],
  ['query', { method: 'GET' }],
  ['baggage', { method: 'POST', headers: { baggage: 'a=1' }, body: '{"a":1}' }],
  ['trace-tags', { method: 'GET' }],
]
const CALLS = REFERRERS.flatMap((referrer) => KINDS.map(([carrier, members]) => ({ carrier, referrer, members })))

/** In the page: a second argument of `fetch`. */
type InitOf = () => RequestInit | undefined
const initsOf = (...makers: Array<() => unknown>) => makers as InitOf[]

/** Without a defined member that browsers know: the Request keeps its referrer. */
const EMPTY = initsOf(
  () => undefined,
  () => null,
  () => ({}),
  () => ({ signal: undefined }),
  () => ({ next: {} }),
  () => ({ next: { revalidate: 60 }, signal: undefined, cache: undefined }),
  () => ({
    method: undefined,
    headers: undefined,
    body: undefined,
    mode: undefined,
    credentials: undefined,
    redirect: undefined,
  }),
  () => ({
    referrer: undefined,
    referrerPolicy: undefined,
    keepalive: undefined,
    integrity: undefined,
    priority: undefined,
  }),
  () => ({ [Symbol('mine')]: 1 }),
  () => ({ timeout: 5, retry: null }),
  () => Object.freeze({ signal: undefined }),
  () => Object.create(null),
  () => Object.create({ next: 1 }),
  () => Object.create({ cache: 'no-store' }, { cache: { value: undefined } }),
  () => [],
  () => ['GET'],
  () => () => {},
  () => new Map([['cache', 'no-store']]),
  () =>
    new (class {
      get signal() {
        return undefined
      }
    })(),
)

/** Members that are none to WebKit, or not with these values: there the Requests keep their referrers. The plugin goes by the standard. */
const UNKNOWN_TO_WEBKIT = initsOf(
  () => ({ integrity: '' }),
  () => ({ priority: 'high' }),
  () => ({ body: null }),
)

/** With one: the Request is sent with the referrer of the page, or with theirs. */
const FULL = initsOf(
  () => ({ signal: null }),
  () => ({ keepalive: false }),
  () => ({ cache: 'no-store' }),
  () => ({ credentials: 'include' }),
  () => ({ mode: 'cors' }),
  () => ({ redirect: 'follow' }),
  ...UNKNOWN_TO_WEBKIT,
  () => ({ referrerPolicy: 'origin' }),
  () => ({ referrer: '/another', next: {} }),
  () => ({ referrer: '', signal: undefined }),
  () => Object.create({ cache: 'no-store' }),
  () => Object.defineProperty({}, 'cache', { value: 'no-store' }),
  () =>
    new (class {
      get cache() {
        return 'no-store'
      }
    })(),
)

/** Members of which some browsers take notice and others do not. */
const EITHER = initsOf(
  () => ({ window: null }),
  () => ({ duplex: 'half' }),
  () => ({ targetAddressSpace: 'loopback' }),
  () => ({ browsingTopics: false }),
  () => ({ attributionReporting: { eventSourceEligible: false, triggerEligible: false } }),
)

let runs = 0

/** Makes each call to a path that no entry matches and to one that its carrier's does. */
async function refererPairs(page: Page, initOf: InitOf, whenMade?: () => void) {
  const at = `referrer/${++runs}`
  const url = (root: string, index: number) => `/${root}/${CALLS[index]?.carrier}/${at}/${index}`
  const calls = ['plain', 'agent'].flatMap((root) =>
    CALLS.map(({ referrer, members }, index) => ({ url: url(root, index), init: { ...members, ...referrer } })),
  )
  await page.run(
    async ({ calls, initOf, whenMade }) => {
      const answers = calls.map(({ url, init }) => fetch(new Request(url, init), initOf()))
      whenMade?.()
      await Promise.all(answers)
    },
    { calls, initOf, whenMade },
  )
  const refererOf = async (root: string) =>
    Promise.all(
      CALLS.map(async ({ referrer, carrier }, index) => {
        const captured = await servers.site.only(url(root, index))
        return { carrier, referrer, referer: captured.header('referer') ?? 'none', captured }
      }),
    )
  return { plain: await refererOf('plain'), agent: await refererOf('agent') }
}

/** The referrer with which a Request of these settings is sent. */
function ownReferer({ referrer, referrerPolicy }: RequestInit): string {
  const { origin } = servers.site
  if (!referrer) {
    return 'none'
  }
  return referrerPolicy === 'origin' ? `${origin}/` : `${origin}${referrer}`
}

const told = (list: Awaited<ReturnType<typeof refererPairs>>['plain']) =>
  list.map(({ carrier, referrer, referer }) => `${carrier}, ${JSON.stringify(referrer)}: ${referer}`)

describe('a Request goes out with the referrer that it would have without the plugin', () => {
  let page: Page
  let id: string
  beforeAll(async () => {
    page = await openPage({ plugin: { origins: ENTRIES } })
    id = await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each(EMPTY)('its own, beside %s', async (initOf) => {
    const { plain, agent } = await refererPairs(page, initOf)
    for (const { referer, referrer } of plain) {
      expect(referer).toBe(ownReferer(referrer))
    }
    expect(told(agent)).toEqual(told(plain))
    expect(agent.map(({ captured }) => placesOf(captured, id).length)).toEqual(CALLS.map(() => 1))
  })

  it.each(FULL)('that of %s', async (initOf) => {
    const { plain, agent } = await refererPairs(page, initOf)
    const isKnown = ENGINE !== 'webkit' || !UNKNOWN_TO_WEBKIT.includes(initOf)
    expect(new Set(plain.map(({ referer }) => referer)).size).toBe(isKnown ? 1 : 3)
    if (isKnown) {
      expect(told(agent)).toEqual(told(plain))
    } else {
      const client = await page.run(() => location.href)
      for (const [index, { referer }] of agent.entries()) {
        expect([plain[index]?.referer, client]).toContain(referer)
      }
    }
    expect(agent.map(({ captured }) => placesOf(captured, id).length)).toEqual(CALLS.map(() => 1))
  })

  it.each(EITHER)('whatever the browser makes of %s', async (initOf) => {
    const { plain, agent } = await refererPairs(page, initOf)
    expect(told(agent)).toEqual(told(plain))
  })
})

/** In the page: plugins of a RUM that starts when `startRum` is called. */
function heldPlugins({ origins }: { origins: typeof ENTRIES }) {
  const onInit = () =>
    new Promise<void>((resolve) => {
      Object.assign(window, { startRum: () => resolve() })
    })
  return [DD_LLM_CORRELATION.llmCorrelation({ origins, startupTimeout: 60_000 }), { name: 'held', onInit }]
}

it.each(
  initsOf(
    () => undefined,
    () => ({ signal: undefined }),
    () => ({ next: {} }),
    () => ({ cache: 'no-store' }),
  ),
)('one that waited for RUM to start, too: beside %s', async (initOf) => {
  const page = await openPage({ plugins: inPage(heldPlugins, { origins: ENTRIES }) })
  const { plain, agent } = await refererPairs(page, initOf, () => {
    ;(window as unknown as { startRum(): void }).startRum()
  })
  const id = await page.sessionId()
  expect(told(agent)).toEqual(told(plain))
  expect(agent.map(({ captured }) => placesOf(captured, id).length)).toEqual(CALLS.map(() => 1))
  await page.close()
})
