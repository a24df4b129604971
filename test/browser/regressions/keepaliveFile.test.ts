import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { CapturedRequest } from '../../support/captureServer.js'
import { openPage } from '../../support/openPage.js'
import { CARRIERS, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { PATIENTLY, times } from '../../support/stage.js'

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

const ROWS = times(Object.keys(INPUTS), Object.keys(INITS))
const PLACES = ['plain', ...CARRIERS.map((carrier) => `agent/${carrier}`)]
const pathOf = (place: string, row: readonly [string, string]) => `/${place}/${row.join('/').replace(/\W+/g, '-')}`

let id: string
const arrived = () => servers.site.requests.filter(({ path }) => /^\/(plain|agent)\//.test(path))

beforeAll(async () => {
  const origins = CARRIERS.map((carrier) => ({ match: `/agent/${carrier}`, carrier }))
  const page = await openPage({ plugin: { origins } })
  id = await page.sessionId()
  const makers = ROWS.map(([input, init]) => ({ input: INPUTS[input], init: INITS[init] }) as Made)
  const paths = ROWS.map((row) => PLACES.map((place) => pathOf(place, row)))
  await page.run(
    ({ makers, paths }) => {
      addEventListener('pagehide', () => {
        for (const [index, { input, init }] of makers.entries()) {
          for (const path of paths[index] ?? []) {
            fetch(input(path), { method: 'POST', keepalive: true, ...init() }).catch(() => {})
          }
        }
      })
    },
    { makers, paths },
  )
  await page.goto(await servers.site.add({ rum: false, plugin: false }))
  const count = ROWS.length * PLACES.length
  await vi.waitFor(() => expect(arrived()).toHaveLength(count), PATIENTLY).catch(() => {})
  await page.close()
})

describe('a keepalive call that is made while the page goes away arrives once and whole', () => {
  it.each(ROWS)('with %s and an init with %s', (input, init) => {
    for (const place of PLACES) {
      const requests = arrived().filter(({ path }) => path === pathOf(place, [input, init]))
      expect(
        requests.map(({ method }) => method),
        place,
      ).toEqual(['POST'])
      const [{ text }] = requests as [CapturedRequest]
      expect(text.replace(/"session_id":"[^"]*",/, '')).toBe(JSON_TEXT)
    }
  })

  it.each(ROWS)('with the id, by every carrier: %s and %s', (input, init) => {
    for (const carrier of CARRIERS) {
      const [request] = arrived().filter(({ path }) => path === pathOf(`agent/${carrier}`, [input, init]))
      expect(placesOf(request as CapturedRequest, id).length, carrier).toBe(1)
    }
  })
})
