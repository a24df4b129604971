import { beforeAll, describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page, type PageOptions } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { FAILURES, type Failure } from './failures.js'

/** What a call has in each place where a carrier looks for a value of the page's. */
interface Values {
  query: string
  json: string
  form: string
  headers: Record<string, string>
}
const THEIRS: Values = {
  query: '?session_id=theirs',
  json: '{"session_id":"theirs"}',
  form: 'session_id=theirs',
  headers: { baggage: 'session.id=theirs', 'x-datadog-tags': '_dd.p.llmobs_sid=theirs' },
}
const NOTHING: Values = { query: '', json: '{"a":1}', form: 'a=1', headers: { 'x-own': '1' } }

/** In the page, first of all: keeps what the failures break, for the calls that the page makes. */
function keepNatives(): void {
  Object.assign(window, { asked: 0, natives: { Request, Blob, URL, URLSearchParams } })
}

/** In the page: calls whose body has to be read, and some whose has not. */
function makersOf(values: Values): Array<(url: string) => Promise<{ status: number }>> {
  const { Request, Blob, URL, URLSearchParams } = (window as unknown as { natives: typeof globalThis }).natives
  const { headers } = values
  const json = { ...headers, 'content-type': 'application/json' }
  const post = { method: 'POST' }
  const text = { ...post, headers: json, body: values.json }
  const bytes = Uint8Array.from(values.json, (character) => character.charCodeAt(0))
  const blob = new Blob([values.json], { type: 'application/json' })
  return [
    (url) => fetch(new Request(url, text)),
    (url) => fetch(new Request(url, text), {}),
    (url) => fetch(new Request(url, { ...post, body: values.json }), { headers: json }),
    (url) => fetch(new Request(url, { ...post, headers, body: values.json })),
    (url) => fetch(new Request(url, { ...post, headers, body: new URLSearchParams(values.form) })),
    (url) => fetch(new Request(url, { ...text, body: bytes })),
    (url) => fetch(new Request(url, { ...text, body: bytes, signal: new AbortController().signal })),
    (url) => fetch(new Request(url, { ...text, body: 'no JSON' })),
    (url) => fetch(new Request(url, post), { headers: json, body: blob }),
    (url) => fetch(url, { ...post, headers, body: blob }),
    (url) => fetch(url, { ...text, body: blob }),
    (url) => fetch(url, { ...text, body: bytes }),
    (url) => fetch(new URL(url, location.href), text),
    (url) => fetch(url, { headers }),
    (url) =>
      new Promise((resolve) => {
        const xhr = new XMLHttpRequest()
        xhr.open('POST', url)
        for (const [name, value] of Object.entries(json)) xhr.setRequestHeader(name, value)
        xhr.onloadend = () => resolve(xhr)
        xhr.send(values.json)
      }),
  ]
}

/** In the page: makes all calls, one after the other, or all at once if there is something to do then. */
async function callAll(t: { makersOf: typeof makersOf; values: Values; places: string[]; whenMade?: () => unknown }) {
  const outcomes: Promise<unknown>[] = []
  for (const place of t.places) {
    for (const [index, make] of t.makersOf(t.values).entries()) {
      Object.assign(window, { asked: 0 })
      const outcome = make(`${place}/${index}${t.values.query}`).then(({ status }) => status, String)
      outcomes.push(outcome)
      if (!t.whenMade) await outcome
    }
  }
  t.whenMade?.()
  return Promise.all(outcomes)
}

let runs = 0
/** Has the page make all calls with all carriers. Gives what arrived, but for the id. */
async function makeAll(page: Page, values: Values, whenMade?: () => unknown) {
  const run = ++runs
  const places = CARRIERS.map((carrier) => `/agent/${carrier}/${run}`)
  const statuses = await page.run(callAll, { makersOf, values, places, ...(whenMade ? { whenMade } : {}) })
  expect(statuses).toEqual(statuses.map(() => 200))
  const arrived: unknown[] = []
  for (const place of places) {
    for (let index = 0; index < statuses.length / places.length; index++) {
      const { method, text, query = '', header } = await servers.site.only(`${place}/${index}`)
      const ours = /,? ?"?(session[._]id|_dd\.p\.llmobs_sid)"?[:=]"?[-\da-f]{36}"?,?/
      const names = ['content-type', 'x-own', 'baggage', 'x-datadog-tags']
      const parts = [query, text, ...names.map((name) => header(name) ?? '')]
      arrived.push([index, method, ...parts.map((part) => part.replace(ours, '').replace(/&$/, ''))])
    }
  }
  return arrived
}

const open = (options: PageOptions = {}, early = '') =>
  openPage({
    plugin: { origins: ENTRIES, debug: true },
    ...options,
    before: `${inPage(keepNatives)}\n;${early}`,
  })

/** In the page: what a failure is made with. */
function failing({ fail }: Pick<Failure, 'fail'>): void {
  fail({
    fault() {
      throw new Error('on purpose')
    },
    answerOnce(otherwise) {
      const page = window as unknown as { asked: number }
      const answer = DD_RUM.getInternalContext
      Object.assign(DD_RUM, { getInternalContext: () => (page.asked++ === 0 ? answer() : otherwise()) })
    },
  })
}

/** What arrives from a page without the plugin. */
const natively = new Map<Values, unknown[]>()
beforeAll(async () => {
  const page = await open({ sdk: 'none', plugin: false })
  for (const values of [NOTHING, THEIRS]) {
    natively.set(values, await makeAll(page, values))
  }
  await page.close()
})

describe('when something the plugin works with fails, calls arrive once, as the page made them, but for the id', () => {
  it.each(FAILURES.map((failure) => [failure.name, failure] as const))('%s', async (_, { name, fail, isEarly }) => {
    if (name === 'JSON throws') {
      skipIn('webkit', "its driver needs the page's JSON")
    }
    const page = await open({}, isEarly ? inPage(failing, { fail }) : '')
    await page.sessionId()
    if (!isEarly) await page.run(failing, { fail })
    for (const [values, plain] of natively) {
      expect(await makeAll(page, values)).toEqual(plain)
    }
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each(FAILURES.filter(({ ofWaiting }) => ofWaiting).map((failure) => [failure.name, failure] as const))(
    'also those that waited for RUM to start: %s',
    { tags: ['quick'] },
    async (_, { fail }) => {
      const page = await open({
        plugins: inPage(
          (origins) => [
            DD_LLM_CORRELATION.llmCorrelation({ origins, startupTimeout: 60_000 }),
            { name: 'held', onInit: () => new Promise((resolve) => Object.assign(window, { startRum: resolve })) },
          ],
          ENTRIES,
        ),
      })
      await page.run(
        ({ failing, fail }) => Object.assign(window, { breakThem: () => failing({ fail }) }) && undefined,
        {
          failing,
          fail,
        },
      )
      const arrived = await makeAll(page, NOTHING, () => {
        const page = window as unknown as { breakThem(): void; startRum(): void }
        page.breakThem()
        page.startRum()
      })
      expect(arrived).toEqual(natively.get(NOTHING))
      expect(page.errors).toEqual([])
      await page.close()
    },
  )
})
