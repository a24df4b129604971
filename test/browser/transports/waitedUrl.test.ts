import { beforeAll, describe, expect, it } from 'vitest'
import type { Carrier } from '../../../src/index.js'
import { openPage, type Page, STUB_SESSION_ID } from '../../support/openPage.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'

/** Carriers, and a RUM that starts without a session. */
const MODES = [...CARRIERS, 'no session'] as const
type Mode = (typeof MODES)[number]
const carrierOf = (mode: Mode) => (mode === 'no session' ? 'body' : mode)
const sessionOf = (mode: Mode) => (mode === 'no session' ? undefined : { session_id: STUB_SESSION_ID })
const idsOf = (mode: Mode) => (mode === 'no session' ? 0 : 1)

let page: Page
beforeAll(async () => {
  page = await openPage({
    sdk: 'none',
    // Below the plugin: notes what `fetch` gets, as a test's stub does.
    before: () => {
      window.noted = []
      const native = window.fetch
      window.fetch = function (...args) {
        const [input] = args
        noted.push(typeof input === 'string' ? input : 'url' in input ? input.url : input.href)
        return native.apply(this, args)
      }
    },
  })
})

/** In the page: a plugin that waits for its RUM to be started. */
function waitingPlugin(carrier: Carrier, session: object | undefined): { startRum(): void; stop(): void } {
  const options = { origins: ['/agent'], carrier, startupTimeout: 30_000 }
  const plugin = DD_LLM_CORRELATION.llmCorrelation(options) as typeof window.plugin
  let current: object | undefined
  plugin.onInit({
    initConfiguration: {},
    publicApi: { getInternalContext: () => current, getUser: () => ({}), getAccount: () => ({}) },
  })
  return {
    stop: plugin.stop,
    startRum() {
      current = session
      plugin.onRumStart()
    },
  }
}

/** Makes the call, changes the page, starts RUM, undoes the change; gives what the function below got. */
const call = <I extends string | URL>(
  mode: Mode,
  path: string,
  makeInput: (path: string) => I,
  change: (input: I) => void = () => {},
) =>
  page.run(
    async ({ waitingPlugin, carrier, session, path, makeInput, change }) => {
      noted.length = 0
      const home = location.href
      const plugin = waitingPlugin(carrier, session)
      try {
        const input = makeInput(path)
        const headers = { 'content-type': 'application/json' }
        const answered = fetch(input, { method: 'POST', headers, body: '{"a":1}' })
        change(input)
        plugin.startRum()
        await answered
        return noted as string[]
      } finally {
        document.querySelector('base')?.remove()
        if (location.href !== home) history.replaceState(0, '', home)
        plugin.stop()
      }
    },
    { waitingPlugin, carrier: carrierOf(mode), session: sessionOf(mode), path, makeInput, change },
  )

let count = 0
/** In the page, which is in `/pages/`: how it writes a URL. */
const TEXTS = {
  'a path': (path) => path,
  'a path with a query and a hash': (path) => `${path}?x=1&y=#h`,
  'a path with an empty query': (path) => `${path}?`,
  'a relative path': (path) => `..${path}?x=1`,
  'a path with dots': (path) => `./..${path}#h`,
  'a path that is not encoded': (path) => `${path}/\u00fc?q=\u00e4 b`,
  'an absolute URL': (path) => `${location.origin}${path}?x=1`,
  'a URL in capitals': (path) => `${location.origin.replace('http', 'HTTP')}${path}`,
  'a URL without a scheme': (path) => `//${location.host}${path}`,
} satisfies Record<string, (path: string) => string>
const NAMES = Object.keys(TEXTS) as Array<keyof typeof TEXTS>

describe('a call that waited keeps the text of its URL', () => {
  it.each(times(MODES, NAMES))('with %s: %s', async (mode, name) => {
    const path = `/agent/${++count}`
    const written = await page.run(({ text, path }) => text(path), { text: TEXTS[name], path })
    const [handed, ...others] = await call(mode, path, TEXTS[name])
    expect(others).toEqual([])
    if (mode === 'query') {
      // The parameter may stand in place of the white space at the end.
      expect(handed).toContain(`session_id=${STUB_SESSION_ID}`)
      expect(handed?.replace(/[?&]session_id=[\w-]+/, '').trim()).toBe(written.replace(/\?(?=#|$)/, '').trim())
    } else {
      expect(handed).toBe(written)
    }
    const request = servers.site.requests.find((request) => request.path.startsWith(path))
    expect(request && withoutId(request).carried).toBe(idsOf(mode))
  })
})

/** In the page: what changes the base of the page's relative URLs while the call waits. */
const CHANGES = {
  pushState: () => history.pushState(0, '', '/elsewhere/deep/page'),
  replaceState: () => history.replaceState(0, '', '/elsewhere/deep/page?x=1'),
  'a new <base>': () => document.head.insertAdjacentHTML('afterbegin', '<base href="/elsewhere/deep/">'),
  'a <base> of another origin': () =>
    document.head.insertAdjacentHTML('afterbegin', '<base href="http://127.0.0.1:9/">'),
} satisfies Record<string, () => void>

/** In the page: what changes a URL object while the call waits. */
const ASSIGNMENTS = {
  'its href': (url) => {
    url.href = `${location.origin}/elsewhere`
  },
  'its path': (url) => {
    url.pathname = '/elsewhere'
  },
  'its query': (url) => url.searchParams.set('x', '2'),
} satisfies Record<string, (url: URL) => void>

describe('a call that waited goes where it went when it was made', () => {
  it.each(times(MODES, Object.keys(CHANGES) as Array<keyof typeof CHANGES>))('with %s: %s', async (mode, change) => {
    for (const name of ['a path', 'a relative path', 'a path with dots'] as const) {
      const path = `/agent/${++count}`
      await call(mode, path, TEXTS[name], CHANGES[change])
      expect(withoutId(await servers.site.only(path))).toMatchObject({ carried: idsOf(mode), text: '{"a":1}' })
    }
  })

  it.each(times(MODES, Object.keys(ASSIGNMENTS) as Array<keyof typeof ASSIGNMENTS>))(
    'with %s: a URL object when the page changes %s',
    async (mode, part) => {
      const path = `/agent/${++count}`
      await call(mode, path, (path) => new URL(`${path}?x=1`, location.href), ASSIGNMENTS[part])
      expect(withoutId(await servers.site.only(path))).toMatchObject({ carried: idsOf(mode), query: 'x=1' })
    },
  )
})

it.each(NAMES)('a call whose Blob was read first keeps the text of its URL: %s', async (name) => {
  const path = `/agent/${++count}`
  const [written, ...handed] = await page.run(
    async ({ waitingPlugin, session, text, path }) => {
      const plugin = waitingPlugin('body', session)
      plugin.startRum()
      noted.length = 0
      const body = new Blob(['{"a":1}'], { type: 'application/json' })
      await fetch(text(path), { method: 'POST', body })
      plugin.stop()
      return [text(path), ...(noted as string[])]
    },
    { waitingPlugin, session: sessionOf('body'), text: TEXTS[name], path },
  )
  expect(handed).toEqual([written])
})
