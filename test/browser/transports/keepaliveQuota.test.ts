import { describe, expect, it } from 'vitest'
import type { TestPage } from '../../support/page.js'
import { ENTRY_PER_CARRIER, placesOf } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'
import { PLUGIN_ALONE } from '../../support/twins.js'

const stage = useStage()

// A page's keepalive fetches and beacons may have 65,536 bytes of bodies in flight, all together; URLs and headers do not
// count: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch. A call is in flight until its answer is complete, so
// that a body that grows may well cost the page its next call.

type Kind = keyof typeof MAKERS
/** One call in the page; `elsewhere` is to a path that no entry matches. */
const MAKERS = {
  fetch: "fetch(url, { method: 'POST', keepalive: true, body: json })",
  'fetch elsewhere': "fetch(url, { method: 'POST', keepalive: true, body: json })",
  'fetch of bytes':
    "fetch(url, { method: 'POST', keepalive: true, headers: type, body: new TextEncoder().encode(json) })",
  'fetch of a Blob':
    "fetch(url, { method: 'POST', keepalive: true, body: new Blob([json], { type: 'application/json' }) })",
  'fetch of a form': "fetch(url, { method: 'POST', keepalive: true, body: new URLSearchParams(form) })",
  'fetch of a Request': "fetch(new Request(url, { method: 'POST', keepalive: true, headers: type, body: json }))",
  'fetch that is aborted': `(() => {
    const controller = new AbortController()
    const promise = fetch(url, { method: 'POST', keepalive: true, body: json, signal: controller.signal })
    controller.abort()
    return promise
  })()`,
  'fetch that is not keepalive': "fetch(url, { method: 'POST', body: json })",
  beacon: 'navigator.sendBeacon(url, json)',
  'beacon elsewhere': 'navigator.sendBeacon(url, json)',
  'beacon of a form': 'navigator.sendBeacon(url, new URLSearchParams(form))',
}
/** Those that need not carry the id: no entry takes them, or they cannot be read at once. */
const OPTIONAL = /elsewhere|Blob|Request|aborted/

type Calls = Array<[kind: Kind, bytes: number]>
/** Kind and bytes of the body of each call. */
const callsOf = (text: string) =>
  text.split(', ').map((call) => [call.replace(/ \d+$/, ''), Number(/\d+$/.exec(call))]) as Calls
const CASES: Calls[] = [
  callsOf('fetch 32748, fetch 32748'),
  callsOf('fetch 32768, fetch 32768'),
  callsOf('fetch 20000, fetch 20000, fetch 25536'),
  callsOf('fetch 16384, fetch 16384, fetch 16384, fetch 16384'),
  callsOf('beacon 32748, beacon 32748'),
  callsOf('fetch 32748, beacon 32748'),
  callsOf('beacon 32748, fetch 32748'),
  callsOf('beacon of a form 32760, fetch of a form 32760'),
  callsOf('fetch of bytes 32760, fetch 32760'),
  callsOf('fetch of a Request 32748, fetch of a Request 32748'),
  callsOf('fetch 65000, fetch elsewhere 536'),
  callsOf('beacon 32748, fetch elsewhere 32748'),
  callsOf('fetch 32748, beacon elsewhere 32748'),
  callsOf('fetch that is not keepalive 100000, fetch 1000'),
]

const open = () =>
  stage.open({
    rum: false,
    between: PLUGIN_ALONE.replace("['/agent']", ENTRY_PER_CARRIER).replace('the-session-id', ID),
  })

/** As long as a real one. */
const ID = '0f6f3a52-3c1b-4b8e-9a57-6d1c2e3f4a5b'

let runs = 0

/** Makes the calls while none has been answered, and tells what became of them. */
async function outcomesOf(page: TestPage, root: string, calls: Calls) {
  const at = `quota/${++runs}`
  const pathOf = (index: number, kind: Kind) => `${kind.includes('elsewhere') ? '/elsewhere' : root}/${at}/${index}`
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const made = calls.map(([kind, bytes], index) => {
    stage.site.respond(pathOf(index, kind), async (_, response) => {
      await released
      response.end()
    })
    return `{
      const url = '${pathOf(index, kind)}', json = '{"a":"' + 'x'.repeat(${bytes - 8}) + '"}', form = 'a=' + 'x'.repeat(${bytes - 2})
      outcomes.push(${MAKERS[kind]})
    }`
  })
  await page.evaluate(`(() => {
    const type = { 'content-type': 'application/json' }
    const outcomes = []
    ${made.join('\n')}
    window.outcomes = outcomes.map((outcome) => Promise.resolve(outcome).then((result) => result.status ?? result, ({ name }) => name))
  })()`)
  release()
  const outcomes = await page.evaluate<unknown[]>('Promise.all(outcomes)')
  return { outcomes, paths: calls.map(([kind], index) => pathOf(index, kind)) }
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
    const native = await stage.open({ rum: false, plugin: false })
    const plain = await outcomesOf(native, `/agent/${carrier}`, calls)
    await native.close()
    expect(plain.outcomes).toEqual(
      calls.map(([kind]) => (kind.includes('aborted') ? 'AbortError' : kind.startsWith('beacon') ? true : 200)),
    )

    const page = await open()
    const agent = await outcomesOf(page, `/agent/${carrier}`, calls)
    expect(agent.outcomes).toEqual(plain.outcomes)
    for (const [index, [kind]] of calls.entries()) {
      if (!kind.includes('aborted')) {
        const request = await stage.site.only(agent.paths[index] as string)
        const { text } = await stage.site.only(plain.paths[index] as string)
        expect(withoutId(request.text) === text, 'the body is that of the page').toBe(true)
        const places = placesOf(request, ID).length
        expect(places).toBeLessThanOrEqual(kind.includes('elsewhere') ? 0 : 1)
        expect(places).toBeGreaterThanOrEqual(OPTIONAL.test(kind) ? 0 : 1)
      }
    }
    await page.close()
  })
})

it.each([
  ['fetch', "fetch(url, { method: 'POST', keepalive: true, body: form })"],
  ['a beacon', 'navigator.sendBeacon(url, form)'],
])('a multipart form that nearly fills the quota goes out by %s, with the id in the query', async (name, call) => {
  const page = await open()
  const path = `/agent/body/multipart/${name.replace(' ', '-')}`
  const outcome = await page.evaluate(`(async () => {
    const url = '${path}', form = new FormData()
    form.append('a', 'x'.repeat(65_350))
    const result = await ${call}
    return result.status ?? result
  })()`)
  expect(outcome).toBe(name === 'fetch' ? 200 : true)
  const request = await stage.site.only(path)
  expect(request.query).toBe(`session_id=${ID}`)
  expect(request.text).not.toContain('session_id')
  await page.close()
})
