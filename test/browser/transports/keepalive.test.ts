import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { CapturedRequest } from '../../support/captureServer.js'
import { held } from '../../support/heldRum.js'
import { openPage, type Page } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, ENTRIES, placesOf, resourcesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { JSON_BODY, KINDS, type Kind, partsOf } from './keepaliveCalls.js'

const pathOf = (carrier: string, { name }: Kind, when: string) =>
  `/agent/${carrier}/${when}/${name.replace(/\W+/g, '-')}`

/** Every call with every carrier, and what makes it in the page. */
const everyCall = (when: string) => ({
  calls: times(CARRIERS, KINDS).map(([carrier, kind]) => ({ url: pathOf(carrier, kind, when), call: kind.call })),
  partsOf,
})

/** In the page. */
function makeAll(t: ReturnType<typeof everyCall>): void {
  for (const { url, call } of t.calls) {
    call(t.partsOf(url)).catch(() => {})
  }
}

/** What has come in once all calls have, or none comes any more for long. */
async function arrivedOf(when: string) {
  const arrived = () => servers.site.requests.filter(({ path }) => path.split('/')[3] === when)
  await vi.waitFor(() => expect(arrived()).toHaveLength(CARRIERS.length * KINDS.length), PATIENTLY).catch(() => {})
  return arrived()
}

const ROWS = KINDS.map((kind) => [kind.name, kind] as const)

describe('a keepalive call made while the page goes away arrives with every carrier, once and whole', () => {
  let id: string
  let arrived: CapturedRequest[]
  beforeAll(async () => {
    const page = await openPage({ plugin: { origins: ENTRIES } })
    id = await page.sessionId()
    await page.run(({ makeAll, every }) => addEventListener('pagehide', () => makeAll(every)), {
      makeAll,
      every: everyCall('pagehide'),
    })
    await page.goto(await servers.site.add({ rum: false, plugin: false }))
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
    // Its RUM never starts, so that nothing but the time-out would end a wait.
    const page = await openPage(held({ origins: ENTRIES }))
    await page.run(makeAll, everyCall('startup'))
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
const countAtOnce = (page: Page, call: Kind['call']) =>
  page.run(
    ({ call, partsOf }) => {
      noted.length = 0
      call(partsOf('/agent/at-once')).catch(() => {})
      return noted.length
    },
    { call, partsOf },
  )

describe('the browser has the call when fetch returns', () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage({
      before: () => {
        window.noted = []
        const native = fetch
        window.fetch = function (...args) {
          noted.push(args.length)
          return native.apply(this, args)
        }
      },
      sdk: 'stub',
      plugin: ['/agent'],
    })
  })

  it.each(ROWS)('%s', async (_, { call }) => {
    expect(await countAtOnce(page, call)).toBe(1)
  })

  it.each<[name: string, call: Kind['call']]>([
    ['keepalive: false', (t) => fetch(t.request(), { keepalive: false })],
    ['keepalive: null', (t) => fetch(t.request(), { keepalive: null } as object)],
    ['keepalive: 0 beside a Blob', (t) => fetch(t.url, { ...t.post, keepalive: 0, body: t.blob } as object)],
  ])('but one that is not keepalive after all has its body read: %s', async (_, call) => {
    expect(await countAtOnce(page, call)).toBe(0)
  })
})

it('a keepalive Request is taken over at once, as natively', async () => {
  const page = await openPage({ plugin: { origins: ENTRIES } })
  await page.sessionId()
  const states = await page.run(
    ({ roots, partsOf }) =>
      Promise.all(
        roots.map(async (root) => {
          const request = partsOf(`${root}/taken-over`).request()
          const before = request.bodyUsed
          const call = fetch(request)
          const after = request.bodyUsed
          const { status } = await call
          const again = await fetch(request).catch((error: Error) => error.name)
          return [before, after, status, again]
        }),
      ),
    { roots: ['/plain', ...CARRIERS.map((carrier) => `/agent/${carrier}`)], partsOf },
  )
  expect(states).toEqual(Array(5).fill([false, true, 200, 'TypeError']))
  await page.close()
})

it('the RUM resource of a keepalive call that could not take the id says so', async () => {
  const page = await openPage({ plugin: ['/agent'] })
  const id = await page.sessionId()
  await page.run(
    async ({ partsOf, url }) => {
      await fetch(partsOf(url).request())
    },
    { partsOf, url: '/agent/annotated' },
  )
  const request = await servers.site.only('/agent/annotated')
  const [event] = await resourcesOf(servers.site, page, id, '/agent/annotated', 1)
  const [carrier = 'none'] = placesOf(request, id)
  expect(event?.context?.llm_correlation).toMatchObject(
    carrier === 'none' ? { carrier, reason: expect.any(String) } : { carrier },
  )
  await page.close()
})
