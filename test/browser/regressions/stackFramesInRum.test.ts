import { describe, expect, it, vi } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage } from '../../support/openPage.js'
import { flushRum, type TestPage } from '../../support/page.js'
import { inPage } from '../../support/pageScript.js'
import { RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { FAILING } from './failingCalls.js'

// V8 keeps ten frames of an error. RUM's error events showed two of the page's own, and the plugin's file first.

/** In the page: makes each call to each path at the end of twelve functions. Nobody catches its error. */
async function failEach({ failing, paths }: { failing: Record<string, (path: string) => unknown>; paths: string[] }) {
  const deep = (depth: number, call: () => unknown): unknown => (depth ? [deep(depth - 1, call)][0] : call())
  while (!DD_RUM.getInternalContext()) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  for (const [name, call] of Object.entries(failing)) {
    for (const path of paths) {
      DD_RUM.setGlobalContextProperty('call', `${name} ${path}`)
      const failed = new Promise((resolve) => addEventListener('unhandledrejection', resolve, { once: true }))
      setTimeout(async () => void (await deep(12, () => call(path))))
      await failed
      // RUM may hear of it later than this does.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  window.noted = ['done']
}

const PATHS = ['/agent', '/other']
const ALL = Object.keys(FAILING).flatMap((name) => PATHS.map((path) => `${name} ${path}`))

/** The frames in RUM's error events of a page, innermost first, by the call that failed. */
async function framesOf(page: TestPage): Promise<Map<string, string[]>> {
  const session = await page.sessionId()
  await page.waitFor(() => window.noted)
  const found = new Map<string, string[]>()
  await vi.waitFor(
    async () => {
      await flushRum(page)
      for (const { type, session: own, context, error } of servers.site.rumEvents) {
        if (type === 'error' && own?.id === session) {
          const [, ...frames] = String(error.stack).split('\n')
          found.set(
            context?.call,
            frames.filter((frame) => !frame.includes('get withCredentials')),
          )
        }
      }
      expect([...found.keys()].sort()).toEqual([...ALL].sort())
    },
    { timeout: 20_000, interval: 200 },
  )
  return found
}

const isOwn = (frame: string) => frame.includes('rum-llm-correlation')
const isOfPage = (frame: string) => frame.includes('/pages/')
const isConstructor = (call: string) => /^(WebSocket|EventSource)/.test(call)

describe.each(RUM_SDKS)('the stacks in the error events of RUM SDK $version', ({ rum }) => {
  it('keep the frames of the page', async () => {
    skipIn(['firefox', 'webkit'], 'V8 alone keeps ten frames')
    const page = await openPage({
      sdk: rum,
      plugin: ['/agent', 'http://127.0.0.1:1/agent'],
      // A script of the page itself: RUM drops the frames of what the driver of the browser runs.
      after: inPage(failEach, { failing: FAILING, paths: PATHS }),
    })
    const withPlugin = await framesOf(page)
    const without = await framesOf(await page.twin())
    const counts = ALL.map((call) => {
      const frames = withPlugin.get(call) ?? []
      return {
        call,
        own: frames.filter(isOwn).length,
        lost: (without.get(call) ?? []).filter(isOfPage).length - frames.filter(isOfPage).length,
        isOwnFirst: isOwn(frames[0] ?? ''),
      }
    })
    for (const { call, own, lost, isOwnFirst } of counts) {
      const most = call.endsWith('/agent') ? 3 : 1
      expect(own, call).toBeLessThanOrEqual(most)
      expect(lost, call).toBeLessThanOrEqual(most)
      expect(isOwnFirst, call).toBe(isConstructor(call))
    }
    await page.close()
  })
})
