import { describe, expect, it } from 'vitest'
import { openPage, type PageOptions } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { inPage, scriptSource } from '../../support/pageScript.js'

// Where RUM never starts, the first calls waited: half a second, nine in a background tab. With a limit of the page they were lost.

const LONG = 60_000

let count = 0
const newPath = () => `/agent/never/${++count}`

/** In the page: makes a call, and notes when that was. */
function call({ path, limit }: { path: string; limit?: number }): void {
  const made = performance.now()
  const init = limit === undefined ? {} : { signal: AbortSignal.timeout(limit) }
  Object.assign(window, { made, outcome: fetch(path, init).then(({ status }) => status, String) })
}

/** Milliseconds from the call to the moment when the browser began with its request. */
const waitOf = (page: TestPage, path: string) =>
  page.waitFor((path) => {
    const [entry] = performance.getEntriesByName(new URL(path, location.href).href)
    return entry && entry.startTime - (window as unknown as { made: number }).made
  }, path) as Promise<number>

const notGranted = () => DD_RUM.setTrackingConsent('not-granted')
const granted = () => DD_RUM.setTrackingConsent('granted')

/** A plugin that is never ready, so that RUM never starts. */
const never = (options: object) => ({
  plugins: inPage(
    (options) => [
      DD_LLM_CORRELATION.llmCorrelation({ origins: ['/agent'], ...options }),
      { name: 'never', onInit: () => new Promise(() => {}) },
    ],
    options,
  ),
})

describe('a call goes out at once if RUM will not start:', () => {
  it.each<[why: string, options: PageOptions]>([
    ['consent was refused before init', { between: notGranted }],
    ['consent was refused before init, which has it', { between: notGranted, init: { trackingConsent: 'granted' } }],
    ['consent is refused right after init', { inInit: notGranted }],
    ['the application id is missing', { init: { applicationId: undefined } }],
    ['the client token is empty', { init: { clientToken: '' } }],
    ['both ids are missing', { init: { applicationId: undefined, clientToken: undefined } }],
    ['this origin is not allowed', { init: { allowedTrackingOrigins: ['https://elsewhere.test'] } }],
    ['no origin is allowed', { init: { allowedTrackingOrigins: [/elsewhere/, () => false] } }],
  ])('%s', async (_, options) => {
    const path = newPath()
    const page = await openPage({
      plugin: { origins: ['/agent'], startupTimeout: LONG },
      ...options,
      inInit: `${options.inInit ? scriptSource(options.inInit) : ''};${inPage(call, { path })}`,
    })
    expect((await page.server.only(path)).query).toBeUndefined()
    await page.close()
  })

  it('consent is refused while it waits', async () => {
    const path = newPath()
    // A turn takes a second then.
    const page = await openPage({ ...never({ startupTimeout: 10_000 }), inInit: inPage(call, { path }) })
    await page.run(notGranted)
    expect((await page.server.only(path)).query).toBeUndefined()
    expect(await waitOf(page, path)).toBeLessThan(8000)
    await page.close()
  })
})

it('consent that is granted before an init without it is consent', async () => {
  const path = newPath()
  const page = await openPage({
    plugin: { origins: ['/agent'], startupTimeout: LONG },
    between: granted,
    init: { trackingConsent: 'not-granted' },
    inInit: inPage(call, { path }),
  })
  const id = await page.sessionId()
  expect((await page.server.only(path)).query).toBe(`session_id=${id}`)
  await page.close()
})

describe('RUM that does not start, and nobody knows', () => {
  it('delays a call with a signal for a fifth of startupTimeout', async () => {
    const path = newPath()
    const page = await openPage({ ...never({ startupTimeout: 10_000 }), inInit: inPage(call, { path, limit: 6000 }) })
    const waited = await waitOf(page, path)
    expect(waited).toBeGreaterThan(900)
    expect(waited).toBeLessThan(5000)
    expect(await page.run(() => (window as unknown as { outcome: unknown }).outcome)).toBe(200)
    await page.close()
  })

  it.each<[name: string, makeInit: () => RequestInit, from: number, to: number]>([
    ['which always has a signal, for a fifth', () => ({}), 500, 2500],
    ['without one, because the same call says so, for all of it', () => ({ signal: null }), 2500, 10_000],
    ['with one of the same call, for a fifth', () => ({ signal: new AbortController().signal }), 500, 2500],
  ])('delays a Request %s', async (_, makeInit, from, to) => {
    const path = newPath()
    const page = await openPage({
      ...never({ startupTimeout: 3000 }),
      inInit: inPage(
        ({ path, makeInit }) => {
          Object.assign(window, { made: performance.now() })
          fetch(new Request(path), makeInit())
        },
        { path, makeInit },
      ),
    })
    const waited = await waitOf(page, path)
    expect(waited).toBeGreaterThan(from)
    expect(waited).toBeLessThan(to)
    await page.close()
  })

  it('does not lose a call with a limit of the page', async () => {
    const path = newPath()
    const page = await openPage({ ...never({}), inInit: inPage(call, { path, limit: 300 }) })
    expect((await page.server.only(path)).query).toBeUndefined()
    expect(await page.run(() => (window as unknown as { outcome: unknown }).outcome)).toBe(200)
    await page.close()
  })

  it('delays a call in a background tab for no more than three times startupTimeout', async () => {
    const path = newPath()
    const page = await openPage({
      ...never({}),
      // Browsers run the timers of a background tab once a second. Here no tab is in the background.
      before() {
        Object.defineProperty(document, 'hidden', { get: () => true })
        const { setInterval } = window
        window.setInterval = ((run: () => void) => setInterval(run, 1000)) as typeof window.setInterval
      },
      inInit: inPage(call, { path }),
    })
    const waited = await waitOf(page, path)
    expect(waited).toBeGreaterThan(500)
    expect(waited).toBeLessThan(1500)
    await page.close()
  })
})
