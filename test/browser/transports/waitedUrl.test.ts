import { beforeAll, describe, expect, it } from 'vitest'
import { ALONE_ID, withoutId } from '../../support/alone.js'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { times, useStage } from '../../support/stage.js'

const stage = useStage()

/** Carriers, and a RUM that starts without a session. */
const MODES = [...CARRIERS, 'no session'] as const
type Mode = (typeof MODES)[number]
const idsOf = (mode: Mode) => (mode === 'no session' ? 0 : 1)

/** A page with a function below the plugin that notes what `fetch` gets, as a test's stub does. */
const PAGE: PageDefinition = {
  rum: false,
  before: `
    window.handed = []
    const nativeFetch = window.fetch
    window.fetch = function (...args) {
      const [input] = args
      handed.push(typeof input === 'string' ? input : input.url ?? input.href)
      return nativeFetch.apply(this, args)
    }`,
  between: `
    // A plugin whose RUM starts when it is told to, with or without a session.
    window.newPlugin = (carrier) => {
      let session
      const plugin = DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], carrier, startupTimeout: 30000 })
      plugin.onInit({ initConfiguration: {}, publicApi: { getInternalContext: () => session, getUser: () => ({}), getAccount: () => ({}) } })
      return { stop: plugin.stop, startRum(id) { session = id && { session_id: id }; plugin.onRumStart() } }
    }`,
}
const INIT = `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }`

let page: TestPage
beforeAll(async () => {
  page = await stage.open(PAGE)
})

/** Makes the call, changes the page, starts RUM, undoes the change; gives what the function below got. */
const call = (mode: Mode, input: Source, change: Source = '', undo: Source = '') =>
  page.evaluate<string[]>(`(async () => {
    handed.length = 0
    const plugin = newPlugin('${mode === 'no session' ? 'body' : mode}')
    try {
      const input = ${input}
      const answered = fetch(input, ${INIT})
      ${change}
      plugin.startRum(${mode === 'no session' ? undefined : `'${ALONE_ID}'`})
      await answered
      return [...handed]
    } finally {
      ${undo}
      plugin.stop()
    }
  })()`)

let count = 0
/** How a page writes the URL; `PATH` is `/agent/<number>`, and pages are in `/pages/`. */
const TEXTS: Record<string, Source> = {
  'a path': "'PATH'",
  'a path with a query and a hash': "'PATH?x=1&y=#h'",
  'a path with an empty query': "'PATH?'",
  'a relative path': "'..PATH?x=1'",
  'a path with dots': "'./..PATH#h'",
  'a path that is not encoded': "'PATH/\\u00fc?q=\\u00e4 b'",
  'an absolute URL': "location.origin + 'PATH?x=1'",
  'a URL in capitals': "location.origin.replace('http', 'HTTP') + 'PATH'",
  'a URL without a scheme': "'//' + location.host + 'PATH'",
}
const textOf = (name: string, path: string) => (TEXTS[name] as Source).replace('PATH', path)

describe('a call that waited keeps the text of its URL', () => {
  it.each(times(MODES, Object.keys(TEXTS)))('with %s: %s', async (mode, name) => {
    const path = `/agent/${++count}`
    const written = await page.evaluate<string>(textOf(name, path))
    const [handed, ...others] = await call(mode, textOf(name, path))
    expect(others).toEqual([])
    if (mode === 'query') {
      // The parameter may stand in place of the white space at the end.
      expect(handed).toContain(`session_id=${ALONE_ID}`)
      expect(handed?.replace(/[?&]session_id=[\w-]+/, '').trim()).toBe(written.replace(/\?(?=#|$)/, '').trim())
    } else {
      expect(handed).toBe(written)
    }
    const request = stage.site.requests.find((request) => request.path.startsWith(path))
    expect(request && withoutId(request).carried).toBe(idsOf(mode))
  })
})

const addBase = (href: string) => [
  `document.head.insertAdjacentHTML('afterbegin', '<base href="${href}">')`,
  "document.querySelector('base').remove()",
]
/** What changes the base of the page's relative URLs while the call waits, and what undoes that. */
const CHANGES: Record<string, Source[]> = {
  pushState: ["history.pushState(0, '', '/elsewhere/deep/page')", "history.pushState(0, '', '/pages/1.html')"],
  replaceState: [
    "history.replaceState(0, '', '/elsewhere/deep/page?x=1')",
    "history.replaceState(0, '', '/pages/1.html')",
  ],
  'a new <base>': addBase('/elsewhere/deep/'),
  'a <base> of another origin': addBase('http://127.0.0.1:9/'),
}

describe('a call that waited goes where it went when it was made', () => {
  it.each(times(MODES, Object.keys(CHANGES)))('with %s: %s', async (mode, change) => {
    for (const name of ['a path', 'a relative path', 'a path with dots']) {
      const path = `/agent/${++count}`
      await call(mode, textOf(name, path), ...(CHANGES[change] as Source[]))
      expect(withoutId(await stage.site.only(path))).toMatchObject({ carried: idsOf(mode), text: '{"a":1}' })
    }
  })

  const ASSIGNMENTS = [
    "input.href = location.origin + '/elsewhere'",
    "input.pathname = '/elsewhere'",
    "input.searchParams.set('x', 2)",
  ]
  it.each(times(MODES, ASSIGNMENTS))('with %s: a URL object, and then %s', async (mode, change) => {
    const path = `/agent/${++count}`
    await call(mode, `new URL('${path}?x=1', location)`, change)
    expect(withoutId(await stage.site.only(path))).toMatchObject({ carried: idsOf(mode), query: 'x=1' })
  })
})

it.each(Object.keys(TEXTS))('a call whose Blob was read first keeps the text of its URL: %s', async (name) => {
  const path = `/agent/${++count}`
  const written = await page.evaluate<string>(textOf(name, path))
  const handed = await page.evaluate(`(async () => {
    const plugin = newPlugin('body')
    plugin.startRum('${ALONE_ID}')
    handed.length = 0
    await fetch(${textOf(name, path)}, { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })
    plugin.stop()
    return [...handed]
  })()`)
  expect(handed).toEqual([written])
})
