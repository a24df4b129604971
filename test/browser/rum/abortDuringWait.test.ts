import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingSent, held, newPath, startRum } from '../../support/heldRum.js'
import { openPage, type Page } from '../../support/openPage.js'
import { servers } from '../../support/servers.js'

type SignalledCall = (path: string, signal: AbortSignal) => Promise<unknown>
/** In the page. */
const CALLS: Array<[client: string, call: SignalledCall]> = [
  ['fetch(string, init)', (path, signal) => fetch(path, { method: 'POST', body: '{}', signal })],
  ['fetch(URL, init)', (path, signal) => fetch(new URL(path, location.href), { method: 'POST', body: '{}', signal })],
  ['fetch(Request)', (path, signal) => fetch(new Request(path, { method: 'POST', body: '{}', signal }))],
  ['fetch(Request, init)', (path, signal) => fetch(new Request(path, { method: 'POST', body: '{}' }), { signal })],
]

interface Abort {
  when: 'before the call' | 'after the call'
  /** In the page. */
  abort(controller: AbortController): void
  expected: string
}
const ABORTS: Array<[name: string, abort: Abort]> = [
  ['with a reason', { when: 'after the call', abort: (controller) => controller.abort('enough'), expected: 'enough' }],
  ['without a reason', { when: 'after the call', abort: (controller) => controller.abort(), expected: 'AbortError' }],
  [
    'that has fired before',
    { when: 'before the call', abort: (controller) => controller.abort('before'), expected: 'before' },
  ],
]

/** In the page: makes the call and aborts it. Gives how it ends. */
function outcomeOf({ path, call, when, abort }: Abort & { path: string; call: SignalledCall }): Promise<unknown> {
  const controller = new AbortController()
  if (when === 'before the call') {
    abort(controller)
  }
  const outcome = call(path, controller.signal).then(
    () => 'sent',
    (reason) => reason.name ?? reason,
  )
  if (when === 'after the call') {
    abort(controller)
  }
  return Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, 3000, 'nothing within three seconds'))])
}

describe('the abort signal of a fetch that waits', () => {
  let page: Page
  beforeAll(async () => {
    page = await openPage(held())
  })
  afterAll(() => page?.close())

  it.each(CALLS.flatMap(([client, call]) => ABORTS.map(([name, abort]) => [client, name, call, abort] as const)))(
    'of %s, aborted %s, rejects at once, and nothing is sent',
    async (_client, _name, call, abort) => {
      const path = newPath()
      expect(await page.run(outcomeOf, { ...abort, call, path })).toBe(abort.expected)
      await expectNothingSent(path)
    },
  )

  it('of all of them: nothing is sent when RUM starts, either', async () => {
    const path = newPath()
    await page.run((path) => {
      const controller = new AbortController()
      fetch(path, { signal: controller.signal }).catch(() => {})
      controller.abort()
      fetch(`${path}/kept`)
    }, path)
    const toAgent = () => page.server.requests.filter(({ url }) => url.startsWith('/agent/')).length
    const before = toAgent()
    await startRum(page)
    await page.server.only(`${path}/kept`)
    expect(toAgent()).toBe(before + 1)
    expect(page.errors).toEqual([])
  })

  it('has no listener left once the call goes out, for it may live as long as the page', async () => {
    const own = await openPage({ plugin: ['/agent'] })
    await own.sessionId()
    const counts = await own.run(async (path) => {
      const { signal } = new AbortController()
      const counts = { addEventListener: 0, removeEventListener: 0 }
      for (const name of ['addEventListener', 'removeEventListener'] as const) {
        signal[name] = (...args: unknown[]) => {
          counts[name]++
          Reflect.apply(AbortSignal.prototype[name], signal, args)
        }
      }
      await fetch(path, { method: 'POST', body: new Blob(['{}'], { type: 'application/json' }), signal })
      return counts
    }, newPath())
    expect(counts).toEqual({ addEventListener: 1, removeEventListener: 1 })
    await own.close()
  })

  it('that fires while the call is on its way aborts it as ever', async () => {
    const path = newPath()
    servers.site.respond(path, () => {})
    const own = await openPage(held())
    await own.run((path) => {
      const controller = new AbortController()
      window.noted = [controller, fetch(path, { signal: controller.signal }).catch((error) => error.name)]
    }, path)
    await startRum(own)
    await own.server.only(path)
    const outcome = await own.run(() => {
      const [controller, outcome] = noted as [AbortController, Promise<string>]
      controller.abort()
      return outcome
    })
    expect(outcome).toBe('AbortError')
    await own.close()
  })
})
