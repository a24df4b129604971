import { describe, expect, it } from 'vitest'
import { withoutId } from '../../support/alone.js'
import type { PageDefinition, Source } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER } from '../../support/rumSdks.js'
import { times, useStage } from '../../support/stage.js'

const stage = useStage()

/** Blocks the main thread, as a large bundle does that is compiled and run. */
const BUSY: Source = `
  const busy = (milliseconds) => { for (const end = performance.now() + milliseconds; performance.now() < end;); }`
const CALL: Source = `fetch('PATH', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' })`

/** Pages that are blocked between `init` and the start of RUM for longer than a call waits. */
const PAGES: Record<string, PageDefinition> = {
  'blocked before the call': { inInitScript: `busy(1200); ${CALL}` },
  'blocked after the call': { inInitScript: `${CALL}; busy(1200)` },
  'blocked before and after the call': { inInitScript: `busy(700); ${CALL}; busy(700)` },
  'blocked by the next script': { inInitScript: CALL, after: 'busy(1200)' },
  'blocked by the next script, which calls': { inInitScript: '', after: `busy(1200); ${CALL}` },
  'blocked by a microtask': { inInitScript: `${CALL}; Promise.resolve().then(() => busy(1200))` },
  'blocked by a task': { inInitScript: `${CALL}; setTimeout(() => busy(1200))` },
  'blocked by several tasks': {
    inInitScript: `${CALL}; for (let task = 0; task < 4; task++) setTimeout(() => busy(300), task)`,
  },
  'blocked by a message': {
    inInitScript: `${CALL}
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => busy(1200)
      port2.postMessage(0)`,
  },
  'blocked by a module': {
    inInitScript: CALL,
    module: `const end = performance.now() + 1200; while (performance.now() < end);`,
  },
}

let count = 0
const at = (definition: PageDefinition, path: string): PageDefinition => ({
  ...Object.fromEntries(
    Object.entries(definition).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.replaceAll('PATH', path) : value,
    ]),
  ),
  before: BUSY,
})

describe('a page that is blocked for longer than startupTimeout before RUM has had its turn', () => {
  it.each([...times(['body'], Object.keys(PAGES)), ...times(CARRIERS.slice(1), ['blocked after the call'])])(
    'with carrier %s: %s, the call carries the id',
    async (carrier, name) => {
      const path = `/agent/${carrier}/${++count}`
      const page = await stage.open({ ...at(PAGES[name] as PageDefinition, path), correlation: ENTRY_PER_CARRIER })
      const request = await stage.site.only(path)
      expect(withoutId(request, await page.sessionId())).toMatchObject({ carried: 1, text: '{"a":1}' })
      await page.close()
    },
  )

  it('is blocked, and a Request, a Blob and a call without a body carry the id, each once', async () => {
    const path = `/agent/body/${++count}`
    const page = await stage.open({
      correlation: ENTRY_PER_CARRIER,
      before: BUSY,
      inInitScript: `
        fetch(new Request('${path}/request', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }))
        fetch('${path}/blob', { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })
        fetch('${path}/none')
        busy(1200)`,
    })
    const requests = await Promise.all(['request', 'blob', 'none'].map((call) => stage.site.only(`${path}/${call}`)))
    const id = await page.sessionId()
    expect(requests.map((request) => withoutId(request, id).carried)).toEqual([1, 1, 1])
    await page.close()
  })
})

/** RUM that never starts: it waits for a plugin that is never ready. */
const never = (options = ''): PageDefinition => ({
  before: BUSY,
  plugins: `[
    DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], ${options} }),
    { name: 'never', onInit: () => new Promise(() => {}) },
  ]`,
})

describe('the call goes out, as it was made, when RUM does not start', () => {
  it.each<[name: string, blocked: Source, most: number]>([
    ['on a page that is blocked once', 'busy(1200)', 4000],
    [
      'on a page that is blocked again and again',
      'const again = () => { busy(150); if (performance.now() < 6000) setTimeout(again, 10) }; again()',
      6000,
    ],
    ['on a page that is idle', '', 3000],
  ])('%s', async (_, blocked, most) => {
    const path = `/agent/${++count}`
    const page = await stage.open({
      ...never(),
      inInitScript: `const called = performance.now(); ${CALL.replace('PATH', path)}.then(() => { window.waited = performance.now() - called }); ${blocked}`,
    })
    const request = await stage.site.only(path)
    expect([request.query, request.text]).toEqual([undefined, '{"a":1}'])
    expect(await page.waitFor('window.waited')).toBeLessThan(most)
    await page.close()
  })

  it('with startupTimeout: 0 it does not wait, blocked or not', async () => {
    const path = `/agent/${++count}`
    const page = await stage.open({
      ...never('startupTimeout: 0'),
      inInitScript: `busy(600); ${CALL.replace('PATH', path)}`,
    })
    expect((await stage.site.only(path)).text).toBe('{"a":1}')
    await page.close()
  })

  // As vi.useFakeTimers() does: time stands still until a test moves it.
  const FAKE: Source = `
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame', 'requestIdleCallback']) window[name] = () => 1
    for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate', 'cancelAnimationFrame', 'cancelIdleCallback']) window[name] = () => {}
    Date.now = () => 0
    performance.now = () => 0`
  it.each<[name: string, definition: PageDefinition]>([
    ['before init', { between: FAKE }],
    ['after init', { inInitScript: FAKE }],
  ])('with timers that are fakes since %s', async (_, definition) => {
    const path = `/agent/${++count}`
    const page = await stage.open({ ...never(), ...definition, after: CALL.replace('PATH', path) })
    expect((await stage.site.only(path)).text).toBe('{"a":1}')
    await page.close()
  })
})
