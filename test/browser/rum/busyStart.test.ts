import { describe, expect, it } from 'vitest'
import { openPage, type PageOptions } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'

/** What a page does while it is loaded: what it is given runs in the page. */
interface Tools {
  /** Blocks the main thread, as a large bundle does that is compiled and run. */
  busy(milliseconds: number): void
  /** Calls the agent. */
  call(): Promise<Response>
}
type Script = (tools: Tools) => void

/** The source of the script, whose calls go to this path. */
const scriptOf = (script: Script, path: string) =>
  inPage(
    ({ script, path }) =>
      script({
        busy(milliseconds) {
          for (const end = performance.now() + milliseconds; performance.now() < end; );
        },
        call: () => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }),
      }),
    { script, path },
  )

/** Pages that are blocked between `init` and the start of RUM, for longer than a call waits. */
const PAGES: Record<string, Partial<Record<'inInit' | 'after' | 'module', Script>>> = {
  'blocked before the call': {
    inInit({ busy, call }) {
      busy(1200)
      call()
    },
  },
  'blocked after the call': {
    inInit({ busy, call }) {
      call()
      busy(1200)
    },
  },
  'blocked before and after the call': {
    inInit({ busy, call }) {
      busy(700)
      call()
      busy(700)
    },
  },
  'blocked by the next script': { inInit: ({ call }) => void call(), after: ({ busy }) => busy(1200) },
  'blocked by the next script, which calls': {
    after({ busy, call }) {
      busy(1200)
      call()
    },
  },
  'blocked by a microtask': {
    inInit({ busy, call }) {
      call()
      Promise.resolve().then(() => busy(1200))
    },
  },
  'blocked by a task': {
    inInit({ busy, call }) {
      call()
      setTimeout(() => busy(1200))
    },
  },
  'blocked by several tasks': {
    inInit({ busy, call }) {
      call()
      for (let task = 0; task < 4; task++) setTimeout(() => busy(300), task)
    },
  },
  'blocked by a message': {
    inInit({ busy, call }) {
      call()
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => busy(1200)
      port2.postMessage(0)
    },
  },
  'blocked by a module': { inInit: ({ call }) => void call(), module: ({ busy }) => busy(1200) },
}

let count = 0

const optionsOf = (name: string, path: string): PageOptions =>
  Object.fromEntries(Object.entries(PAGES[name] ?? {}).map(([when, script]) => [when, scriptOf(script, path)]))

describe('a page that is blocked for longer than startupTimeout before RUM has had its turn', () => {
  it.each([...times(['body'], Object.keys(PAGES)), ...times(CARRIERS.slice(1), ['blocked after the call'])])(
    'with carrier %s: %s, the call carries the id',
    async (carrier, name) => {
      const path = `/agent/${carrier}/${++count}`
      const page = await openPage({ ...optionsOf(name, path), plugin: ENTRIES })
      const request = await page.server.only(path)
      expect(withoutId(request, await page.sessionId())).toMatchObject({ carried: 1, text: '{"a":1}' })
      await page.close()
    },
  )

  it('is blocked, and a Request, a Blob and a call without a body carry the id, each once', async () => {
    const path = `/agent/body/${++count}`
    const page = await openPage({
      plugin: ENTRIES,
      inInit: inPage((path) => {
        const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
        fetch(new Request(`${path}/request`, init))
        fetch(`${path}/blob`, { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })
        fetch(`${path}/none`)
        for (const end = performance.now() + 1200; performance.now() < end; );
      }, path),
    })
    const requests = await Promise.all(['request', 'blob', 'none'].map((call) => page.server.only(`${path}/${call}`)))
    const id = await page.sessionId()
    expect(requests.map((request) => withoutId(request, id).carried)).toEqual([1, 1, 1])
    await page.close()
  })
})

/** RUM that never starts: it waits for a plugin that is never ready. */
const never = (options: { startupTimeout?: number } = {}): PageOptions => ({
  plugins: inPage(
    (options) => [
      DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], ...options }),
      { name: 'never', onInit: () => new Promise(() => {}) },
    ],
    options,
  ),
})

/** In the page: calls the agent, and notes how long that took. */
function timeCall({ call }: Tools): void {
  window.noted = []
  const called = performance.now()
  call().then(() => noted.push(performance.now() - called))
}

describe('the call goes out, as it was made, when RUM does not start', () => {
  it.each<[name: string, blocked: Script, most: number]>([
    ['on a page that is blocked once', ({ busy }) => busy(1200), 4000],
    [
      'on a page that is blocked again and again',
      ({ busy }) => {
        const again = () => {
          busy(150)
          if (performance.now() < 6000) setTimeout(again, 10)
        }
        again()
      },
      6000,
    ],
    ['on a page that is idle', () => {}, 3000],
  ])('%s', async (_, blocked, most) => {
    const path = `/agent/${++count}`
    const page = await openPage({
      ...never(),
      inInit: `${scriptOf(timeCall, path)};${scriptOf(blocked, path)}`,
    })
    const request = await page.server.only(path)
    expect([request.query, request.text]).toEqual([undefined, '{"a":1}'])
    expect(await page.waitFor(() => noted[0] as number)).toBeLessThan(most)
    await page.close()
  })

  it('with startupTimeout: 0 it does not wait, blocked or not', async () => {
    const path = `/agent/${++count}`
    const page = await openPage({
      ...never({ startupTimeout: 0 }),
      inInit: scriptOf(({ busy, call }) => {
        busy(600)
        call()
      }, path),
    })
    expect((await page.server.only(path)).text).toBe('{"a":1}')
    await page.close()
  })

  it.each<[name: string, options: PageOptions]>([
    ['before init', { between: fakeTimers }],
    ['after init', { inInit: fakeTimers }],
  ])('with timers that are fakes since %s', async (_, options) => {
    const path = `/agent/${++count}`
    const page = await openPage({ ...never(), ...options, after: scriptOf(({ call }) => void call(), path) })
    expect((await page.server.only(path)).text).toBe('{"a":1}')
    await page.close()
  })
})

/** In the page: as vi.useFakeTimers() does, has time stand still until a test moves it. */
function fakeTimers(): void {
  const kinds = ['Timeout', 'Interval', 'Immediate']
  const starts = [...kinds.map((kind) => `set${kind}`), 'requestAnimationFrame', 'requestIdleCallback']
  const ends = [...kinds.map((kind) => `clear${kind}`), 'cancelAnimationFrame', 'cancelIdleCallback']
  Object.assign(window, Object.fromEntries(starts.map((name) => [name, () => 1])))
  Object.assign(window, Object.fromEntries(ends.map((name) => [name, () => {}])))
  Date.now = () => 0
  performance.now = () => 0
}
