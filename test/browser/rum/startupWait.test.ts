import { describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import { expectAsMade, expectNothingSent, held, newPath, startRum } from '../../support/heldRum.js'
import { openPage, type PageOptions } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

/** In the page: posts JSON to the paths, and notes when. */
function post(paths: string[]): void {
  for (const path of paths) {
    fetch(path, { method: 'POST', body: '{"a":1}' })
  }
  window.noted = [performance.now()]
}

/**
 * Milliseconds from the time that the page has noted to the moment when the browser began with a
 * request.
 */
async function waitOf(page: TestPage, path: string): Promise<number> {
  const wait = await page.waitFor((path) => {
    const [entry] = performance.getEntriesByName(new URL(path, location.href).href)
    return entry && entry.startTime - (noted[0] as number)
  }, path)
  return wait as number
}

describe('a matching fetch made before RUM has started', () => {
  it('waits and carries the id, made right after init', async () => {
    const path = newPath()
    const page = await openPage({
      plugin: ['/agent'],
      inInit: inPage((path) => {
        window.noted = [fetch(path, { method: 'POST', body: '{"a":1}' }).then((response) => response.json())]
      }, path),
    })
    const id = await page.sessionId()
    expect(await page.run(() => noted[0])).toEqual({ ok: true })
    expect((await page.server.only(path)).text).toBe(`{"session_id":"${id}","a":1}`)
    await page.close()
  })

  it('waits until RUM starts, with every carrier', async () => {
    const page = await openPage(held({ origins: ENTRIES }))
    const paths = CARRIERS.map((carrier) => `/agent/${carrier}/startup`)
    await page.run(post, paths)
    await expectNothingSent(...paths)
    const id = await startRum(page)
    const [body, query, baggage, tags] = await Promise.all(paths.map((path) => page.server.only(path)))
    expect(body?.text).toBe(`{"session_id":"${id}","a":1}`)
    expect(query?.query).toBe(`session_id=${id}`)
    expect(baggage?.header('baggage')).toBe(`session.id=${id}`)
    expect(tags?.header('x-datadog-tags')).toBe(`_dd.p.llmobs_sid=${id}`)
    await page.close()
  })

  it.each<[name: string, options: PageOptions, event: () => void]>([
    ['RUM starts without a session', { init: { sessionSampleRate: 0 } }, () => letRumStart()],
    ['the plugin is stopped', {}, () => plugin.stop()],
  ])('goes out as made, at once, when %s', async (_, options, event) => {
    const path = newPath()
    const page = await openPage({ ...held(), ...options })
    await page.run(post, [path])
    await expectNothingSent(path)
    await page.run(event)
    await expectAsMade(path)
    await page.close()
  })

  it('goes out as made after startupTimeout, counted from init', async () => {
    const paths = [newPath(), newPath()]
    const page = await openPage({
      ...held({ startupTimeout: 1500 }),
      inInit: inPage(([first, second]) => {
        const call = (path = '') => fetch(path, { method: 'POST', body: '{"a":1}' })
        call(first)
        setTimeout(() => call(second), 1000)
        window.noted = [performance.now()]
      }, paths),
    })
    const [waited, other] = await Promise.all(paths.map((path) => waitOf(page, path)))
    for (const path of paths) {
      await expectAsMade(path)
    }
    expect(waited).toBeGreaterThan(1300)
    expect(waited).toBeLessThan(4000)
    // Both wait for the same moment, although the second call was made a second later.
    expect(Math.abs((other as number) - (waited as number))).toBeLessThan(700)
    await page.close()
  })

  it.each<[name: string, options: PageOptions]>([
    [
      'a plugin holds RUM back',
      {
        plugins: () => [
          DD_LLM_CORRELATION.llmCorrelation(['/agent']),
          { name: 'never', onInit: () => new Promise(() => {}) },
        ],
      },
    ],
    [
      'cookies are blocked',
      {
        before: () => {
          Object.defineProperty(document, 'cookie', { get: () => '', set() {} })
          Object.defineProperty(window, 'cookieStore', { value: undefined })
        },
        plugin: ['/agent'],
      },
    ],
  ])('waits half a second at most unless told otherwise, when %s', async (_, options) => {
    const path = newPath()
    const page = await openPage({ ...options, inInit: inPage(post, [path]) })
    const waited = await waitOf(page, path)
    await expectAsMade(path)
    expect(waited).toBeGreaterThan(350)
    expect(waited).toBeLessThan(3000)
    await page.close()
  })

  it('still goes out when the page is left', async () => {
    skipIn(
      'webkit',
      'what a page calls in pagehide is lost without the plugin, too, but for beacons and keepalive calls',
    )
    const paths = [newPath(), newPath()]
    const page = await openPage(held())
    await page.run(([plain = '', request = '']) => {
      fetch(plain, { method: 'POST', body: '{"a":1}' })
      fetch(new Request(request, { method: 'POST', body: '{"a":1}' }))
    }, paths)
    await expectNothingSent(...paths)
    await page.goto(await servers.site.add({ rum: false, plugin: false }))
    for (const path of paths) {
      await expectAsMade(path)
    }
    await page.close()
  })
})
