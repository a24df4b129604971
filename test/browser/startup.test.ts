import { describe, expect, it } from 'vitest'
import type { PageDefinition, Source, TestPage } from '../support/page.js'
import { useStage } from '../support/stage.js'

const stage = useStage()

let calls = 0
const nextPath = () => `/agent/startup/${++calls}`

/** Runs in the same task as `init`, when RUM 7 has not started yet; the promise is kept for {@link settled}. */
const rightAfterInit = (call: Source): Source => `
  window.isStarted = DD_RUM.getInternalContext() !== undefined
  window.early = (async () => { const response = await ${call}; return response?.status })()
    .catch((error) => error.name ?? error)`
const settled = (page: TestPage) => page.evaluate<unknown>('early')

/** RUM starts only once its configuration has been fetched, and this server never answers. */
const NEVER_STARTS: PageDefinition = {
  before: `(() => {
    const { open } = XMLHttpRequest.prototype
    window.release = []
    const { send } = XMLHttpRequest.prototype
    XMLHttpRequest.prototype.open = function (method, url, ...rest) { this.isHeld = String(url).includes('/held-configuration'); return open.call(this, method, url, ...rest) }
    XMLHttpRequest.prototype.send = function (...args) { this.isHeld ? release.push(() => send.apply(this, args)) : send.apply(this, args) }
  })()`,
  init: "remoteConfigurationId: 'held', remoteConfigurationProxy: '/held-configuration'",
}

describe('a fetch made right after init', () => {
  it.each<[name: string, call: (path: string) => Source]>([
    ['of a string', (path) => `fetch('${path}', { method: 'POST', body: '{"a":1}' })`],
    ['of a Request', (path) => `fetch(new Request('${path}', { method: 'POST', body: '{"a":1}' }))`],
    ['of a URL', (path) => `fetch(new URL('${path}', location), { method: 'POST', body: '{"a":1}' })`],
    [
      'of a Blob',
      (path) => `fetch('${path}', { method: 'POST', body: new Blob(['{"a":1}'], { type: 'application/json' }) })`,
    ],
  ])('%s waits for RUM to start, and carries the id', async (_, call) => {
    const path = nextPath()
    const page = await stage.open({ correlation: `['/agent']`, after: rightAfterInit(call(path)) })
    const id = await page.sessionId()
    expect(await page.evaluate('isStarted')).toBe(false)
    expect(await settled(page)).toBe(200)
    expect((await stage.site.only(path)).text).toBe(`{"session_id":"${id}","a":1}`)
    await page.close()
  })

  it('goes out as it was then, whatever the page changes afterwards', async () => {
    const path = nextPath()
    const page = await stage.open({
      correlation: `['/agent']`,
      after: `${rightAfterInit('fetch(url, init)').replace(
        'window.early',
        `const url = new URL('${path}', location)
         const init = { method: 'POST', headers: { 'x-state': 'called', 'content-type': 'application/json' }, body: '{"a":1}' }
         window.early`,
      )}
        url.pathname = '/agent/changed'
        init.method = 'PUT'
        init.headers['x-state'] = 'changed'
        init.body = '{"b":1}'`,
    })
    const id = await page.sessionId()
    await settled(page)
    const request = await stage.site.only(path)
    expect([request.method, request.header('x-state'), request.text]).toEqual([
      'POST',
      'called',
      `{"session_id":"${id}","a":1}`,
    ])
    await page.close()
  })

  it('is not held back when no entry takes it', async () => {
    const path = `/plain/startup/${++calls}`
    const page = await stage.open({
      ...NEVER_STARTS,
      correlation: `{ origins: ['/agent'], startupTimeout: 60_000 }`,
      after: rightAfterInit(`fetch('${path}')`),
    })
    expect(await settled(page)).toBe(200)
    await page.close()
  })

  it('rejects at once when it is aborted while it waits', async () => {
    const path = nextPath()
    const page = await stage.open({
      ...NEVER_STARTS,
      correlation: `{ origins: ['/agent'], startupTimeout: 60_000 }`,
      after: `window.controller = new AbortController()
        ${rightAfterInit(`fetch('${path}', { signal: controller.signal })`)}`,
    })
    await page.evaluate("controller.abort('the reason')")
    expect(await settled(page)).toBe('the reason')
    await page.evaluate('release.forEach((send) => send())')
    await page.page.waitForTimeout(300)
    expect(stage.site.requestsTo(path)).toEqual([])
    await page.close()
  })

  it('goes out as made when startupTimeout is over', async () => {
    const path = nextPath()
    const page = await stage.open({
      ...NEVER_STARTS,
      correlation: `{ origins: ['/agent'], startupTimeout: 300 }`,
      after: `window.begun = performance.now(); ${rightAfterInit(`fetch('${path}', { method: 'POST', body: '{}' }).then((r) => { window.took = performance.now() - begun; return r })`)}`,
    })
    expect(await settled(page)).toBe(200)
    expect((await stage.site.only(path)).text).toBe('{}')
    expect(await page.evaluate<number>('took')).toBeGreaterThan(250)
    await page.close()
  })

  it.each<[name: string, correlation: Source, init: Source]>([
    ['startupTimeout is 0', "{ origins: ['/agent'], startupTimeout: 0 }", NEVER_STARTS.init as string],
    ['there is no consent', "{ origins: ['/agent'], startupTimeout: 60_000 }", "trackingConsent: 'not-granted'"],
  ])('never waits when %s', async (_, correlation, init) => {
    const path = nextPath()
    const page = await stage.open({
      ...NEVER_STARTS,
      init,
      correlation,
      after: rightAfterInit(`fetch('${path}', { method: 'POST', body: '{}' })`),
    })
    expect(await settled(page)).toBe(200)
    expect((await stage.site.only(path)).text).toBe('{}')
    await page.close()
  })

  it('waits no longer than RUM needs to find that the session is not sampled', async () => {
    const path = nextPath()
    const page = await stage.open({
      correlation: `{ origins: ['/agent'], startupTimeout: 60_000 }`,
      init: 'sessionSampleRate: 0',
      after: rightAfterInit(`fetch('${path}', { method: 'POST', body: '{}' })`),
    })
    expect(await settled(page)).toBe(200)
    expect((await stage.site.only(path)).text).toBe('{}')
    await page.close()
  })

  it('is not lost when the page goes away while it waits', async () => {
    const path = nextPath()
    const page = await stage.open({
      ...NEVER_STARTS,
      correlation: `{ origins: ['/agent'], startupTimeout: 60_000 }`,
      after: rightAfterInit(`fetch('${path}', { method: 'POST', keepalive: true, body: '{}' })`),
    })
    await page.page.goto(await stage.site.add({ rum: false, plugin: false }))
    expect((await stage.site.only(path)).text).toBe('{}')
    await page.close()
  })
})

it('XHR, EventSource, WebSocket and beacons never wait', async () => {
  const paths = [nextPath(), nextPath(), nextPath(), nextPath()]
  const page = await stage.open({
    ...NEVER_STARTS,
    correlation: `{ origins: ['/agent'], startupTimeout: 60_000 }`,
    after: `
      const xhr = new XMLHttpRequest()
      xhr.open('POST', '${paths[0]}')
      xhr.send('{}')
      window.states = [xhr.readyState]
      new EventSource('${paths[1]}')
      new WebSocket('${paths[2]}')
      states.push(navigator.sendBeacon('${paths[3]}', '{}'))`,
  })
  for (const path of paths) {
    expect((await stage.site.only(path)).query).toBeUndefined()
  }
  expect(await page.evaluate('states')).toEqual([1, true])
  await page.close()
})
