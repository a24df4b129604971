import { beforeEach, describe, expect, it } from 'vitest'
import { ALONE_ID } from '../../support/alone.js'
import { skipIn } from '../../support/engines/skipIn.js'
import type { Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER } from '../../support/rumSdks.js'
import { PATIENTLY, times, useStage } from '../../support/stage.js'
import { useCarrierTwins } from '../../support/twins.js'

const stage = useStage()
const pages = useCarrierTwins(stage)

/**
 * What stands behind the path. Browsers refuse a text that has both a newline, tab or carriage return and a `<`:
 * https://github.com/whatwg/fetch/pull/519
 */
const REFUSED = [
  '?a=\\n<',
  '?a=<\\n',
  '?a=<\\tb',
  '?<\\r',
  '/<\\nb',
  '/\\t?<',
  '#<\\n',
  '?a=1#\\n<',
  '?a=<b\\nc=d&e=f#g',
]
/** One of the two alone. */
const TAKEN = ['?a=<', '?a=\\n', '?a=\\tb#\\r', '/<', '/\\n', '?a=< b', '?a=%3C\\n', '?a=%3C%0A']

/** One call of each kind, with `URL` for its text; what it gives tells whether it was refused. */
const CALLS: Record<string, Source> = {
  fetch: 'fetch(URL)',
  'fetch with JSON': `fetch(URL, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' })`,
  'fetch with a Blob': `fetch(URL, { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })`,
  'fetch with a body that takes no field': `fetch(URL, { method: 'POST', headers: { 'content-type': 'text/html' }, body: 'a' })`,
  'fetch of a Request': 'fetch(new Request(URL))',
  'fetch of a Request with JSON': `fetch(new Request(URL, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }))`,
  'fetch of a copied Request': "fetch(new Request(new Request(URL)).clone(), { headers: { 'x-a': '1' } })",
  XHR: `new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', URL)
    xhr.onload = () => resolve(xhr)
    xhr.onerror = reject
    xhr.send('a')
  })`,
  'sync XHR': `(() => { const xhr = new XMLHttpRequest(); xhr.open('GET', URL, false); xhr.send(); return xhr })()`,
  sendBeacon: "navigator.sendBeacon(URL, 'a') || Promise.reject()",
}

let count = 0
const isRefused = (page: TestPage, call: Source, url: string) =>
  page.evaluate<boolean>(`(async () => {
    try {
      await (${call.replace('URL', `'${url}'`)})
      return false
    } catch {
      return true
    }
  })()`)

const rows = times(CARRIERS, Object.keys(CALLS))

describe('a text with dangling markup, which the browser refuses to fetch, stays refused', () => {
  beforeEach(() => skipIn(['firefox', 'webkit'], 'a URL with dangling markup is fetched'))

  it.each(rows)('with carrier %s: %s', async (carrier, name) => {
    const wrong: string[] = []
    for (const suffix of REFUSED) {
      const [call, path] = [CALLS[name] as Source, `${carrier}/${++count}`]
      expect(await isRefused(pages.native, call, `/native/${path}${suffix}`), suffix).toBe(true)
      if (!(await isRefused(pages.served, call, `/agent/${path}${suffix}`))) {
        wrong.push(suffix)
      }
    }
    expect(wrong).toEqual([])
  })

  it('by EventSource', async () => {
    for (const suffix of REFUSED) {
      const path = `/agent/query/${++count}`
      await pages.served.evaluate(`new Promise((resolve) => {
        const source = new EventSource('${path}${suffix}')
        source.onerror = () => { source.close(); resolve() }
      })`)
      expect(stage.site.requests.filter(({ url }) => url.startsWith(path))).toEqual([])
    }
  })

  it('in a fetch that waits while RUM starts', async () => {
    const page = await stage.open({
      rum: false,
      between: `
        let session
        const plugin = DD_LLM_CORRELATION.llmCorrelation({ origins: ${ENTRY_PER_CARRIER}, startupTimeout: 20000 })
        plugin.onInit({ initConfiguration: {}, publicApi: { getInternalContext: () => session, getUser: () => ({}), getAccount: () => ({}) } })
        window.startRum = () => { session = { session_id: '${ALONE_ID}' }; plugin.onRumStart() }`,
    })
    const urls = times(CARRIERS, REFUSED).map(([carrier, suffix]) => `/agent/${carrier}/${++count}${suffix}`)
    const refused = await page.evaluate(`(() => {
      const calls = [${urls.map((url) => `fetch('${url}').then(() => false, () => true)`)}]
      startRum()
      return Promise.all(calls)
    })()`)
    expect(refused).toEqual(urls.map(() => true))
    await page.close()
  })
})

describe('a text with nothing but a newline or a < is taken', () => {
  it.each(rows)('with carrier %s: %s', async (carrier, name) => {
    for (const suffix of TAKEN) {
      const [call, path] = [CALLS[name] as Source, `${carrier}/${++count}`]
      expect(await isRefused(pages.native, call, `/native/${path}${suffix}`), suffix).toBe(false)
      expect(await isRefused(pages.served, call, `/agent/${path}${suffix}`), suffix).toBe(false)
      const arrived = async (start: string) => {
        const found = () => stage.site.requests.find(({ url }) => url.startsWith(start))
        await expect.poll(found, PATIENTLY).toBeDefined()
        return found()
      }
      const expected = (await arrived(`/native/${path}`))?.url
      const sent = await arrived(`/agent/${path}`)
      expect(sent?.url.replace(/[?&]session_id=[\w-]+/, '')).toBe(expected?.replace('/native/', '/agent/'))
      // The text of a Request cannot be seen.
      if (!name.includes('Request')) {
        expect(JSON.stringify([sent, sent?.text]), suffix).toContain(ALONE_ID)
      }
    }
  })
})
