/** @module-tag quick */
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectOnly, textOf, withField } from '../../support/calls.js'
import { skipIn } from '../../support/engines/skipIn.js'
import type { Source, TestPage } from '../../support/page.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()
const CARRIERS = ['body', 'query', 'baggage', 'trace-tags'] as const
type Carrier = (typeof CARRIERS)[number]
const pages = {} as Record<Carrier, { page: TestPage; id: string }>

beforeAll(async () => {
  for (const carrier of CARRIERS) {
    const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
    pages[carrier] = { page, id: await page.sessionId() }
  }
})

let calls = 0
async function beacon(page: TestPage, data: Source | undefined, query = '') {
  const isLarge = data?.includes('repeat')
  const path = `beacon/${++calls}`
  const send = (base: string) =>
    page.evaluate<boolean>(`navigator.sendBeacon('${base}/${path}${query}'${data === undefined ? '' : `, ${data}`})`)
  // The limit counts all beacons that are not answered yet, which the page has no way to know.
  expect(await send('/plain')).toBe(true)
  const plain = await stage.site.only(`/plain/${path}`)
  await delay(isLarge ? 500 : 0)
  expect(await send('/agent')).toBe(true)
  return { plain, agent: await stage.site.only(`/agent/${path}`) }
}

// A header carrier has no headers to travel in, so that a beacon is treated as with the body carrier.
describe.each(CARRIERS)('with carrier %s, a beacon', (carrier) => {
  const inBody = carrier !== 'query'

  it.each<[name: string, data: Source]>([
    ['JSON text', `' {"a":1, "b" : 12345678901234567890}'`],
    ['an empty JSON object', `'{}'`],
  ])('of %s', async (_, data) => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, data)
    expectOnly(pair, inBody ? { body: withField(pair.plain.body, id) } : { query: `session_id=${id}` })
  })

  it('of URLSearchParams', async () => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, `new URLSearchParams('a=%20b&a=2')`)
    expectOnly(pair, inBody ? { body: `a=+b&a=2&session_id=${id}` } : { query: `session_id=${id}` })
  })

  it('of FormData', async () => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, `(() => { const form = new FormData(); form.append('a', 'é'); return form })()`)
    const part = `--BOUNDARY\r\nContent-Disposition: form-data; name="session_id"\r\n\r\n${id}\r\n`
    const body = textOf(pair.plain).replace(/--BOUNDARY--\r\n$/, `${part}$&`)
    expectOnly(pair, inBody ? { body } : { query: `session_id=${id}` })
  })

  it.each<[name: string, data: Source | undefined]>([
    ['nothing', undefined],
    ['undefined', 'undefined'],
    ['null', 'null'],
    ['text that is no JSON', "'hello'"],
    ['a JSON array', "'[1]'"],
    ['a JSON-RPC envelope', `'{"jsonrpc":"2.0","id":1,"method":"m"}'`],
    ['bytes', `new TextEncoder().encode('{"a":1}')`],
    ['an ArrayBuffer', `new TextEncoder().encode('{"a":1}').buffer`],
    ['a JSON Blob, which cannot be read in time', `new Blob(['{"a":1}'], { type: 'application/json' })`],
    ['a Blob without a type', `new Blob(['{"a":1}'])`],
    ['a File', `new File(['x'], 'x.txt', { type: 'text/plain' })`],
  ])('of %s takes the query parameter', async (_, data) => {
    const { page, id } = pages[carrier]
    const pair = await beacon(page, data, '?a=%20b')
    expectOnly(pair, { query: `a=%20b&session_id=${id}` })
  })

  it('that the field would push over the limit takes the query parameter', async () => {
    const { page, id } = pages[carrier]
    await delay(500)
    expectOnly(await beacon(page, `'{"a":"' + 'x'.repeat(65_500) + '"}'`), { query: `session_id=${id}` })
  })

  it('that is over the limit itself is refused, as natively', async () => {
    skipIn('firefox', 'beacons have no limit')
    const { page } = pages[carrier]
    const path = `beacon/${++calls}`
    for (const base of ['/plain', '/agent']) {
      expect(await page.evaluate(`navigator.sendBeacon('${base}/${path}', 'x'.repeat(70_000))`)).toBe(false)
    }
    await delay(100)
    expect(stage.site.requestsTo(`/agent/${path}`)).toEqual([])
  })

  it('while the page goes away', async () => {
    const page = await stage.open({ correlation: `{ origins: ['/agent'], carrier: '${carrier}' }` })
    const id = await page.sessionId()
    const path = `/agent/beacon/${++calls}`
    await page.evaluate(`void addEventListener('pagehide', () => navigator.sendBeacon('${path}', '{"a":1}'))`)
    await page.goto(await stage.site.add({ rum: false, plugin: false }))
    const { query, text } = await stage.site.only(path)
    expect([query, text]).toEqual(
      inBody ? [undefined, `{"session_id":"${id}","a":1}`] : [`session_id=${id}`, '{"a":1}'],
    )
    await page.close()
  })
})

it("the page's own values win, with one warning", async () => {
  const page = await stage.open({ correlation: `['/agent']` })
  await page.sessionId()
  expectOnly(await beacon(page, `'{"session_id":"theirs"}'`))
  expectOnly(await beacon(page, `new URLSearchParams('session_id=theirs')`))
  expectOnly(await beacon(page, undefined, '?session_id=theirs'))
  expect(page.console.filter((message) => message.startsWith('warning:'))).toHaveLength(1)
  await page.close()
})

it('without a session it goes out as made', async () => {
  const page = await stage.open({ correlation: `['/agent']`, init: 'sessionSampleRate: 0' })
  expectOnly(await beacon(page, `'{"a":1}'`))
  expectOnly(await beacon(page, undefined, '?a=1'))
  await page.close()
})

it.each([
  ['that has the id: twice', '/agent', 2],
  ['that nothing was added to: once', '/agent?session_id=theirs', 1],
  ['that no entry takes: once', '/plain', 1],
])('a library below is asked for a beacon that is refused for its size, %s', async (_, url, tries) => {
  skipIn('firefox', 'beacons have no limit')
  const page = await stage.open({
    before: `window.tries = 0
      const { sendBeacon } = Navigator.prototype
      Navigator.prototype.sendBeacon = function (...args) { tries++; return sendBeacon.apply(this, args) }`,
    correlation: `['/agent']`,
  })
  await page.sessionId()
  await page.evaluate('void (tries = 0)')
  expect(await page.evaluate(`navigator.sendBeacon('${url}', 'x'.repeat(70_000))`)).toBe(false)
  expect(await page.evaluate('tries')).toBe(tries)
  await page.close()
})
