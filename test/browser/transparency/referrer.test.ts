import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import type { Source, TestPage } from '../../support/page.js'
import { ENTRY_PER_CARRIER, placesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

/** Requests whose referrer another one of the page's address would be told from. */
const REQUESTS: Source[] = [
  "referrerPolicy: 'no-referrer'",
  "referrer: ''",
  "referrer: '/elsewhere?a=1', referrerPolicy: 'unsafe-url'",
  "referrer: '/elsewhere?a=1', referrerPolicy: 'origin'",
]
/** What every carrier has to do with a Request: read and replace its body, build it with another URL, set a header. */
const KINDS: Array<[carrier: string, members: Source]> = [
  ['body', `method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}'`],
  ['body', "method: 'GET'"],
  ['query', `method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}'`],
  ['query', "method: 'GET'"],
  ['baggage', `method: 'POST', headers: { baggage: 'a=1' }, body: '{"a":1}'`],
  ['trace-tags', "method: 'GET'"],
]
const CALLS = REQUESTS.flatMap((request) => KINDS.map(([carrier, members]) => ({ carrier, request, members })))

/** Second arguments without a defined member that browsers know: the Request keeps its referrer. */
const EMPTY: Source[] = [
  'undefined',
  'null',
  '{}',
  '{ signal: undefined }',
  '{ next: {} }',
  '{ next: { revalidate: 60 }, signal: undefined, cache: undefined }',
  '{ method: undefined, headers: undefined, body: undefined, mode: undefined, credentials: undefined, redirect: undefined }',
  '{ referrer: undefined, referrerPolicy: undefined, keepalive: undefined, integrity: undefined, priority: undefined }',
  '{ [Symbol("mine")]: 1 }',
  '{ timeout: 5, retry: null }',
  'Object.freeze({ signal: undefined })',
  'Object.create(null)',
  'Object.create({ next: 1 })',
  "Object.create({ cache: 'no-store' }, { cache: { value: undefined } })",
  '[]',
  "['GET']",
  '() => {}',
  'new Map([["cache", "no-store"]])',
  'new (class { get signal() {} })()',
]

/** Second arguments with one: the Request is sent with the referrer of the page, or with theirs. */
const FULL: Source[] = [
  '{ signal: null }',
  '{ keepalive: false }',
  "{ cache: 'no-store' }",
  "{ credentials: 'include' }",
  "{ mode: 'cors' }",
  "{ redirect: 'follow' }",
  "{ integrity: '' }",
  "{ priority: 'high' }",
  '{ body: null }',
  "{ referrerPolicy: 'origin' }",
  "{ referrer: '/another', next: {} }",
  "{ referrer: '', signal: undefined }",
  "Object.create({ cache: 'no-store' })",
  "Object.defineProperty({}, 'cache', { value: 'no-store' })",
  "new (class { get cache() { return 'no-store' } })()",
]

/** Members of which some browsers take notice and others do not. */
const EITHER: Source[] = [
  '{ window: null }',
  "{ duplex: 'half' }",
  "{ targetAddressSpace: 'loopback' }",
  '{ browsingTopics: false }',
  '{ attributionReporting: { eventSourceEligible: false, triggerEligible: false } }',
]

/** Members that are none to WebKit, or not with these values: there the Requests keep their referrers. The plugin goes by the standard. */
const UNKNOWN_TO_WEBKIT = ["{ integrity: '' }", "{ priority: 'high' }", '{ body: null }']

let calls = 0

/** Makes each call to a path that no entry matches and to one that its carrier's does. */
async function refererPairs(page: TestPage, init: Source, whenMade: Source = '') {
  const at = `referrer/${++calls}`
  const url = (root: string, index: number) => `/${root}/${CALLS[index]?.carrier}/${at}/${index}`
  await page.evaluate(`(async () => {
    const answers = []
    ${['plain', 'agent']
      .flatMap((root) =>
        CALLS.map(
          ({ request, members }, index) =>
            `answers.push(fetch(new Request('${url(root, index)}', { ${members}, ${request} }), ${init}))`,
        ),
      )
      .join('\n')}
    ${whenMade}
    await Promise.all(answers)
  })()`)
  const refererOf = async (root: string) =>
    Promise.all(
      CALLS.map(async ({ request, carrier }, index) => {
        const captured = await stage.site.only(url(root, index))
        return { carrier, request, referer: captured.header('referer') ?? 'none', captured }
      }),
    )
  return { plain: await refererOf('plain'), agent: await refererOf('agent') }
}

const told = (list: Awaited<ReturnType<typeof refererPairs>>['plain']) =>
  list.map(({ carrier, request, referer }) => `${carrier}, ${request}: ${referer}`)

describe('a Request goes out with the referrer that it would have without the plugin', () => {
  let page: TestPage
  let id: string
  beforeAll(async () => {
    page = await stage.open({ correlation: ENTRY_PER_CARRIER })
    id = await page.sessionId()
  })
  afterAll(() => page?.close())

  it.each(EMPTY)('its own, beside %s', async (init) => {
    const { plain, agent } = await refererPairs(page, init)
    for (const { referer, request } of plain) {
      const { origin } = stage.site
      const own = request.includes('unsafe')
        ? `${origin}/elsewhere?a=1`
        : request.includes('origin')
          ? `${origin}/`
          : 'none'
      expect(referer).toBe(own)
    }
    expect(told(agent)).toEqual(told(plain))
    expect(agent.map(({ captured }) => placesOf(captured, id).length)).toEqual(CALLS.map(() => 1))
  })

  it.each(FULL)('that of %s', async (init) => {
    const { plain, agent } = await refererPairs(page, init)
    const isKnown = ENGINE !== 'webkit' || !UNKNOWN_TO_WEBKIT.includes(init)
    expect(new Set(plain.map(({ referer }) => referer)).size).toBe(isKnown ? 1 : 3)
    if (isKnown) {
      expect(told(agent)).toEqual(told(plain))
    } else {
      const client = await page.evaluate<string>('location.href')
      for (const [index, { referer }] of agent.entries()) {
        expect([plain[index]?.referer, client]).toContain(referer)
      }
    }
    expect(agent.map(({ captured }) => placesOf(captured, id).length)).toEqual(CALLS.map(() => 1))
  })

  it.each(EITHER)('whatever the browser makes of %s', async (init) => {
    const { plain, agent } = await refererPairs(page, init)
    expect(told(agent)).toEqual(told(plain))
  })
})

it.each(['undefined', '{ signal: undefined }', '{ next: {} }', "{ cache: 'no-store' }"])(
  'one that waited for RUM to start, too: beside %s',
  async (init) => {
    const page = await stage.open({
      plugins: `[
        DD_LLM_CORRELATION.llmCorrelation({ origins: ${ENTRY_PER_CARRIER}, startupTimeout: 60_000 }),
        { name: 'held', onInit: () => new Promise((resolve) => { window.startRum = () => resolve() }) },
      ]`,
    })
    const { plain, agent } = await refererPairs(page, init, 'startRum()')
    const id = await page.sessionId()
    expect(told(agent)).toEqual(told(plain))
    expect(agent.map(({ captured }) => placesOf(captured, id).length)).toEqual(CALLS.map(() => 1))
    await page.close()
  },
)
