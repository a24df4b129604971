/** @module-tag quick */
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectOnly, textOf, withField } from '../../support/calls.js'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'

const CARRIERS = ['body', 'query', 'baggage', 'trace-tags'] as const
type Carrier = (typeof CARRIERS)[number]
const pages = {} as Record<Carrier, { page: Page; id: string }>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    const page = await openPage({ plugin: { origins: ['/agent'], carrier } })
    pages[carrier] = { page, id: await page.sessionId() }
  }
})

let calls = 0
/** Makes the data of a beacon, in the page. Without it, `sendBeacon` gets a URL alone. */
type MakeData = () => BodyInit | null | undefined

async function beacon(page: Page, data?: MakeData, { query = '', isLarge = false } = {}) {
  const path = `beacon/${++calls}`
  const send = (base: string) =>
    page.run(({ url, data }) => (data ? navigator.sendBeacon(url, data()) : navigator.sendBeacon(url)), {
      url: `${base}/${path}${query}`,
      data,
    })
  // The limit counts all beacons that are not answered yet, which the page has no way to know.
  expect(await send('/plain')).toBe(true)
  const plain = await servers.site.only(`/plain/${path}`)
  await delay(isLarge ? 500 : 0)
  expect(await send('/agent')).toBe(true)
  return { plain, agent: await servers.site.only(`/agent/${path}`) }
}

// A header carrier has no headers to travel in, so that a beacon is treated as with the body carrier.
describe.each(CARRIERS)('with carrier %s, a beacon', (carrier) => {
  const inBody = carrier !== 'query'

  it.each<[name: string, data: MakeData]>([
    ['JSON text', () => ' {"a":1, "b" : 12345678901234567890}'],
    ['an empty JSON object', () => '{}'],
  ])('of %s', async (_, data) => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, data)
    expectOnly(pair, inBody ? { body: withField(pair.plain.body, id) } : { query: `session_id=${id}` })
  })

  it('of URLSearchParams', async () => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, () => new URLSearchParams('a=%20b&a=2'))
    expectOnly(pair, inBody ? { body: `a=+b&a=2&session_id=${id}` } : { query: `session_id=${id}` })
  })

  it('of FormData', async () => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, () => {
      const form = new FormData()
      form.append('a', 'é')
      return form
    })
    const part = `--BOUNDARY\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n${id}\r\n`
    const body = textOf(pair.plain).replace(/--BOUNDARY--\r\n$/, `${part}$&`)
    expectOnly(pair, inBody ? { body } : { query: `session_id=${id}` })
  })

  it.each<[name: string, data: MakeData | undefined]>([
    ['nothing', undefined],
    ['undefined', () => undefined],
    ['null', () => null],
    ['text that is no JSON', () => 'hello'],
    ['a JSON array', () => '[1]'],
    ['a JSON-RPC envelope', () => '{"jsonrpc":"2.0","id":1,"method":"m"}'],
    ['bytes', () => new TextEncoder().encode('{"a":1}')],
    ['an ArrayBuffer', () => new TextEncoder().encode('{"a":1}').buffer],
    ['a JSON Blob, which cannot be read in time', () => new Blob(['{"a":1}'], { type: 'application/json' })],
    ['a Blob without a type', () => new Blob(['{"a":1}'])],
    ['a File', () => new File(['x'], 'x.txt', { type: 'text/plain' })],
  ])('of %s takes the query parameter', async (_, data) => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, data, { query: '?a=%20b' })
    expectOnly(pair, { query: `a=%20b&session_id=${id}` })
  })

  it('that the field would push over the limit takes the query parameter', async () => {
    const { page, id } = pages[carrier]
    await delay(500)
    expectOnly(await beacon(page, () => `{"a":"${'x'.repeat(65_500)}"}`, { isLarge: true }), {
      query: `session_id=${id}`,
    })
  })

  it('that is over the limit itself is refused, as natively', async () => {
    skipIn('firefox', 'beacons have no limit')
    const { page } = pages[carrier]
    const path = `beacon/${++calls}`
    for (const base of ['/plain', '/agent']) {
      expect(
        await page.run(({ base, path }) => navigator.sendBeacon(`${base}/${path}`, 'x'.repeat(70_000)), { base, path }),
      ).toBe(false)
    }
    await delay(100)
    expect(servers.site.requestsTo(`/agent/${path}`)).toEqual([])
  })

  it('while the page goes away', async () => {
    const page = await openPage({ plugin: { origins: ['/agent'], carrier } })
    const id = await page.sessionId()
    const path = `/agent/beacon/${++calls}`
    await page.run(({ path }) => void addEventListener('pagehide', () => navigator.sendBeacon(path, '{"a":1}')), {
      path,
    })
    await page.goto(await servers.site.add({ rum: false, plugin: false }))
    const { query, text } = await servers.site.only(path)
    expect([query, text]).toEqual(
      inBody ? [undefined, `{"session_id":"${id}","a":1}`] : [`session_id=${id}`, '{"a":1}'],
    )
    await page.close()
  })
})

it("the page's own values win, with one warning", async () => {
  const page = await openPage({ plugin: ['/agent'] })
  await page.sessionId()
  expectOnly(await beacon(page, () => '{"session_id":"theirs"}'))
  expectOnly(await beacon(page, () => new URLSearchParams('session_id=theirs')))
  expectOnly(await beacon(page, undefined, { query: '?session_id=theirs' }))
  expect(page.console.filter((message) => message.startsWith('warning:'))).toHaveLength(1)
  await page.close()
})

it('without a session it goes out as made', async () => {
  const page = await openPage({ plugin: ['/agent'], init: { sessionSampleRate: 0 } })
  expectOnly(await beacon(page, () => '{"a":1}'))
  expectOnly(await beacon(page, undefined, { query: '?a=1' }))
  await page.close()
})

it.each([
  ['that has the id: twice', '/agent', 2],
  ['that nothing was added to: once', '/agent?session_id=theirs', 1],
  ['that no entry takes: once', '/plain', 1],
])('a library below is asked for a beacon that is refused for its size, %s', async (_, url, tries) => {
  skipIn('firefox', 'beacons have no limit')
  const page = await openPage({
    before: () => {
      window.noted = []
      const { sendBeacon } = Navigator.prototype
      Navigator.prototype.sendBeacon = function (...args) {
        noted.push(args)
        return sendBeacon.apply(this, args)
      }
    },
    plugin: ['/agent'],
  })
  await page.sessionId()
  await page.run(() => {
    window.noted = []
  })
  expect(await page.run(({ url }) => navigator.sendBeacon(url, 'x'.repeat(70_000)), { url })).toBe(false)
  expect(await page.run(() => noted.length)).toBe(tries)
  await page.close()
})
