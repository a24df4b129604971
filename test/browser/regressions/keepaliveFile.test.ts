import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { CapturedRequest } from '../../support/captureServer.js'
import { openPage } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

const JSON_TEXT = '{"a":1}'

/** What the page makes while it goes away. */
interface Made {
  readonly input: (path: string) => string | URL | Request
  readonly init: () => RequestInit
}

const INPUTS: Record<string, Made['input']> = {
  'a Request': (path) => new Request(path),
  'a POST Request': (path) => new Request(path, { method: 'POST' }),
  'a keepalive Request': (path) => new Request(path, { method: 'POST', keepalive: true }),
  'a text': (path) => path,
  'a URL': (path) => new URL(path, location.href),
}

const INITS: Record<string, Made['init']> = {
  'a File': () => ({ body: new File(['{"a":1}'], 'a.json', { type: 'application/json' }) }),
  'a File of another type': () => ({ body: new File(['{"a":1}'], 'a.bin', { type: 'application/octet-stream' }) }),
  'a File, its type in the headers': () => ({
    headers: { 'content-type': 'application/json' },
    body: new File(['{"a":1}'], 'a.json'),
  }),
  'a Blob': () => ({ body: new Blob(['{"a":1}'], { type: 'application/json' }) }),
  text: () => ({ headers: { 'content-type': 'application/json' }, body: '{"a":1}' }),
}

/** When the page makes its calls. */
const MOMENTS = {
  'in beforeunload': 'beforeunload',
  'in pagehide': 'pagehide',
  'right before it leaves': undefined,
}
type Moment = keyof typeof MOMENTS

const ROWS = times(Object.keys(INPUTS), Object.keys(INITS))
const PLACES = ['plain', ...CARRIERS.map((carrier) => `agent/${carrier}`)]
const pathOf = (place: string, ...names: string[]) => `/${place}/${names.join('/').replace(/[^\w/]+/g, '-')}`
const arrivedAt = (moment: Moment) =>
  servers.site.requests.filter(({ path }) => path.includes(pathOf('', moment).replace('//', '/')))

const ids = {} as Record<Moment, string>

/** Opens a page, and has it make all calls when it leaves. */
async function leave(moment: Moment): Promise<void> {
  const origins = CARRIERS.map((carrier) => ({ match: `/agent/${carrier}`, carrier }))
  const page = await openPage({ plugin: { origins } })
  ids[moment] = await page.sessionId()
  const calls = ROWS.map(([input, init]) => ({
    input: INPUTS[input],
    init: INITS[init],
    paths: PLACES.map((place) => pathOf(place, moment, input, init)),
  }))
  const next = await servers.site.add({ rum: false, plugin: false })
  await page.run(
    ({ calls, event, next }) => {
      const makeAll = () => {
        for (const { input, init, paths } of calls) {
          for (const path of paths) {
            fetch(input?.(path) as Request, { method: 'POST', keepalive: true, ...init?.() }).catch(() => {})
          }
        }
      }
      // The test has its answer before the page is gone.
      setTimeout(() => {
        event === undefined ? makeAll() : addEventListener(event, makeAll)
        location.href = next
      })
    },
    { calls, event: MOMENTS[moment], next },
  )
  const count = ROWS.length * PLACES.length
  await vi.waitFor(() => expect(arrivedAt(moment)).toHaveLength(count), PATIENTLY).catch(() => {})
  await page.close()
}

describe.each(Object.keys(MOMENTS) as Moment[])('a keepalive call that the page makes %s', (moment) => {
  beforeAll(() => leave(moment))

  it.each(ROWS)('arrives once and whole: %s and an init with %s', (input, init) => {
    for (const place of PLACES) {
      const requests = arrivedAt(moment).filter(({ path }) => path === pathOf(place, moment, input, init))
      expect(
        requests.map(({ method }) => method),
        place,
      ).toEqual(['POST'])
      const [{ text }] = requests as [CapturedRequest]
      expect(text.replace(/"session_id":"[^"]*",/, '')).toBe(JSON_TEXT)
    }
  })

  it.each(ROWS)('has the id with every carrier: %s and an init with %s', (input, init) => {
    for (const carrier of CARRIERS) {
      const path = pathOf(`agent/${carrier}`, moment, input, init)
      const [request] = arrivedAt(moment).filter((request) => request.path === path)
      expect(placesOf(request as CapturedRequest, ids[moment]), carrier).toHaveLength(1)
    }
  })
})
