import { describe, expect, it } from 'vitest'
import type { CapturedRequest } from '../../support/captureServer.js'
import { openPage, STUB_SESSION_ID } from '../../support/openPage.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

/** What a wrapper of another library, below the plugin, answers in place of `true`. The beacon has gone out. */
const ANSWERS: Record<string, () => unknown> = {
  nothing: () => undefined,
  null: () => null,
  '0': () => 0,
  'an empty text': () => '',
  NaN: () => Number.NaN,
  true: () => true,
  'a promise': () => Promise.resolve(false),
}

const DATA: Record<string, () => BodyInit | undefined> = {
  'no data': () => undefined,
  'JSON text': () => '{"a":1}',
  text: () => 'a',
  URLSearchParams: () => new URLSearchParams('a=1'),
  'a JSON Blob': () => new Blob(['{"a":1}'], { type: 'application/json' }),
}

/** Sends a beacon, and then a mark that tells that all of it has arrived. */
async function beacon(page: Awaited<ReturnType<typeof openPage>>, path: string, data: () => BodyInit | undefined) {
  const answer = await page.run(
    async (t) => {
      const answer = navigator.sendBeacon(t.path, t.data())
      await fetch('/mark')
      return String(answer)
    },
    { path, data },
  )
  await servers.site.only(path)
  return answer
}

const isCarried = (request: CapturedRequest | undefined) =>
  `${request?.url} ${request?.text}`.split(STUB_SESSION_ID).length - 1

describe('a beacon goes out once, whatever a wrapper below answers', () => {
  it.each(Object.entries(ANSWERS))('%s', async (name, answer) => {
    const origins = CARRIERS.map((carrier) => ({ match: `/agent/${carrier}`, carrier }))
    const page = await openPage({ sdk: 'stub', plugin: { origins }, before: wrapperThat(answer) })
    const rows = times(CARRIERS, Object.entries(DATA))
    for (const [index, [carrier, [, data]]] of rows.entries()) {
      const path = `${carrier}/${name.replaceAll(' ', '-')}/${index}`
      expect(await beacon(page, `/agent/${path}`, data)).toBe(await beacon(page, `/plain/${path}`, data))
    }
    for (const [index, [carrier]] of rows.entries()) {
      const arrived = servers.site.requestsTo(`/agent/${carrier}/${name.replaceAll(' ', '-')}/${index}`)
      expect(arrived.map(isCarried)).toEqual([1])
    }
    await page.close()
  })
})

/** In the page: wraps `sendBeacon` before the plugin is there. */
function wrapperThat(answer: () => unknown): string {
  return `
    const native = navigator.sendBeacon
    Navigator.prototype.sendBeacon = function (...args) {
      native.apply(this, args)
      return (${answer})()
    }`
}

it('a beacon that is refused for its size goes out as the page made it', async () => {
  const page = await openPage({
    sdk: 'stub',
    plugin: ['/agent'],
    before: () => {
      const native = navigator.sendBeacon
      Navigator.prototype.sendBeacon = function (url, data) {
        return String(data).length < 100 && native.call(this, url, data)
      }
    },
  })
  const text = `{"a":"${'x'.repeat(80)}"}`
  expect(await page.run((t) => navigator.sendBeacon('/agent/refused', t.text), { text })).toBe(true)
  const { query, text: arrived } = await servers.site.only('/agent/refused')
  expect([query, arrived]).toEqual([undefined, text])
  await page.close()
})
