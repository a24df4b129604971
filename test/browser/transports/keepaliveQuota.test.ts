import { describe, expect, it } from 'vitest'
import { openPage, STUB_SESSION_ID } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { ENTRIES, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

// A page's keepalive fetches and beacons may have 65,536 bytes of bodies in flight, all together; URLs and headers do not
// count: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch. A call is in flight until its answer is complete, so
// that a body that grows may well cost the page its next call.

interface Given {
  url: string
  /** Bodies of as many bytes as the call is to have. */
  json: string
  form: string
  /** A POST that is keepalive. */
  post: { method: 'POST'; keepalive: true }
  /** Members of `init` that say that the body is JSON. */
  typed: { headers: { 'content-type': string } }
}

/** In the page: one call. `elsewhere` is to a path that no entry matches. */
const MAKERS = {
  fetch: ({ url, post, json }) => fetch(url, { ...post, body: json }),
  'fetch elsewhere': ({ url, post, json }) => fetch(url, { ...post, body: json }),
  'fetch of bytes': ({ url, post, typed, json }) =>
    fetch(url, { ...post, ...typed, body: new TextEncoder().encode(json) }),
  'fetch of a Blob': ({ url, post, json }) =>
    fetch(url, { ...post, body: new Blob([json], { type: 'application/json' }) }),
  'fetch of a form': ({ url, post, form }) => fetch(url, { ...post, body: new URLSearchParams(form) }),
  'fetch of a Request': ({ url, post, typed, json }) => fetch(new Request(url, { ...post, ...typed, body: json })),
  'fetch that is aborted': ({ url, post, json }) => {
    const controller = new AbortController()
    const promise = fetch(url, { ...post, body: json, signal: controller.signal })
    controller.abort()
    return promise
  },
  'fetch that is not keepalive': ({ url, json }) => fetch(url, { method: 'POST', body: json }),
  beacon: ({ url, json }) => navigator.sendBeacon(url, json),
  'beacon elsewhere': ({ url, json }) => navigator.sendBeacon(url, json),
  'beacon of a form': ({ url, form }) => navigator.sendBeacon(url, new URLSearchParams(form)),
} satisfies Record<string, (t: Given) => Promise<Response> | boolean>
type Kind = keyof typeof MAKERS
/** Those that need not carry the id: no entry takes them, or they cannot be read at once. */
const OPTIONAL = /elsewhere|Blob|Request|aborted/

/** Kind and bytes of the body of each call. */
type Calls = Array<[kind: Kind, bytes: number]>
const CASES: Calls[] = [
  [
    ['fetch', 32_748],
    ['fetch', 32_748],
  ],
  [
    ['fetch', 32_768],
    ['fetch', 32_768],
  ],
  [
    ['fetch', 20_000],
    ['fetch', 20_000],
    ['fetch', 25_536],
  ],
  [
    ['fetch', 16_384],
    ['fetch', 16_384],
    ['fetch', 16_384],
    ['fetch', 16_384],
  ],
  [
    ['beacon', 32_748],
    ['beacon', 32_748],
  ],
  [
    ['fetch', 32_748],
    ['beacon', 32_748],
  ],
  [
    ['beacon', 32_748],
    ['fetch', 32_748],
  ],
  [
    ['beacon of a form', 32_760],
    ['fetch of a form', 32_760],
  ],
  [
    ['fetch of bytes', 32_760],
    ['fetch', 32_760],
  ],
  [
    ['fetch of a Request', 32_748],
    ['fetch of a Request', 32_748],
  ],
  [
    ['fetch', 65_000],
    ['fetch elsewhere', 536],
  ],
  [
    ['beacon', 32_748],
    ['fetch elsewhere', 32_748],
  ],
  [
    ['fetch', 32_748],
    ['beacon elsewhere', 32_748],
  ],
  [
    ['fetch that is not keepalive', 100_000],
    ['fetch', 1000],
  ],
]

/** What the stub of RUM answers is as long as a real id. */
const open = () => openPage({ sdk: 'stub', plugin: { origins: ENTRIES } })

let runs = 0

/** Makes the calls while none has been answered, and tells what became of them. */
async function outcomesOf(page: TestPage, root: string, calls: Calls) {
  const at = `quota/${++runs}`
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const made = calls.map(([kind, bytes], index) => {
    const url = `${kind.includes('elsewhere') ? '/elsewhere' : root}/${at}/${index}`
    servers.site.respond(url, async (_, response) => {
      await released
      response.end()
    })
    return { url, bytes, make: MAKERS[kind] as (t: Given) => Promise<Response> | boolean }
  })
  await page.run(
    ({ made }) => {
      const outcomes = made.map(({ url, bytes, make }) =>
        make({
          url,
          json: `{"a":"${'x'.repeat(bytes - 8)}"}`,
          form: `a=${'x'.repeat(bytes - 2)}`,
          post: { method: 'POST', keepalive: true },
          typed: { headers: { 'content-type': 'application/json' } },
        }),
      )
      window.noted = outcomes.map((outcome) =>
        Promise.resolve(outcome).then(
          (result) => (typeof result === 'boolean' ? result : result.status),
          ({ name }: Error) => name,
        ),
      )
    },
    { made },
  )
  release()
  const outcomes = await page.run(() => Promise.all(noted))
  return { outcomes, paths: made.map(({ url }) => url) }
}

const withoutId = (text: string) => text.replace(/"session_id":"[^"]*",|&session_id=.*/, '')

const told = (calls: Calls) => calls.map(([kind, bytes]) => `${kind}, ${bytes} bytes`).join('; ')

describe('what the browser takes as the page made it, it takes with the id, too', () => {
  const rows = [
    ...CASES.map((calls) => ['body', told(calls), calls] as const),
    // Beacons have no headers, so that a header carrier is treated as the body carrier.
    ...CASES.filter((calls) => calls.every(([kind]) => kind === 'beacon')).map(
      (calls) => ['baggage', told(calls), calls] as const,
    ),
  ]

  it.each(rows)('with carrier %s: %s', async (carrier, _, calls) => {
    const page = await open()
    const plain = await outcomesOf(await page.twin(), `/agent/${carrier}`, calls)
    const answerOf = (kind: Kind) => (kind.startsWith('beacon') ? true : 200)
    expect(plain.outcomes).toEqual(calls.map(([kind]) => (kind.includes('aborted') ? 'AbortError' : answerOf(kind))))

    const agent = await outcomesOf(page, `/agent/${carrier}`, calls)
    expect(agent.outcomes).toEqual(plain.outcomes)
    for (const [index, [kind]] of calls.entries()) {
      if (!kind.includes('aborted')) {
        const request = await servers.site.only(agent.paths[index] as string)
        const { text } = await servers.site.only(plain.paths[index] as string)
        expect(withoutId(request.text) === text, 'the body is that of the page').toBe(true)
        const places = placesOf(request, STUB_SESSION_ID).length
        expect(places).toBeLessThanOrEqual(kind.includes('elsewhere') ? 0 : 1)
        expect(places).toBeGreaterThanOrEqual(OPTIONAL.test(kind) ? 0 : 1)
      }
    }
    await page.close()
  })
})

it.each<[name: string, send: (url: string, form: FormData) => Promise<Response> | boolean]>([
  ['fetch', (url, form) => fetch(url, { method: 'POST', keepalive: true, body: form })],
  ['a beacon', (url, form) => navigator.sendBeacon(url, form)],
])('a multipart form that nearly fills the quota goes out by %s, with the id in the query', async (name, send) => {
  const page = await open()
  const url = `/agent/body/multipart/${name.replace(' ', '-')}`
  const outcome = await page.run(
    async ({ url, send }) => {
      const form = new FormData()
      form.append('a', 'x'.repeat(65_350))
      const result = await send(url, form)
      return typeof result === 'boolean' ? result : result.status
    },
    { url, send },
  )
  expect(outcome).toBe(name === 'fetch' ? 200 : true)
  const request = await servers.site.only(url)
  expect(request.query).toBe(`session_id=${STUB_SESSION_ID}`)
  expect(request.text).not.toContain('session_id')
  await page.close()
})
