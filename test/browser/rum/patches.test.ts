import { describe, expect, it } from 'vitest'
import { openPage } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { CARRIERS, ENTRIES, placesOf, RUM_SDKS } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'

type Xhr = typeof XMLHttpRequest.prototype
interface Captured extends Pick<Xhr, 'setRequestHeader' | 'send'> {
  fetch: typeof globalThis.fetch
  open(this: Xhr, method: string, url: string): void
}

/** In the page: keeps the functions of that moment, as a client does. */
function capture(): void {
  const { open, setRequestHeader, send } = XMLHttpRequest.prototype
  Object.assign(window, { captured: { fetch, open, setRequestHeader, send } })
}

/** In the page: makes each kind of call with the functions that {@link capture} has kept. */
async function callCaptured({ path }: { path: string }): Promise<void> {
  const { fetch, open, setRequestHeader, send } = (window as unknown as { captured: Captured }).captured
  const init = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
  await fetch(`${path}/string`, init)
  await fetch(new Request(`${path}/request`, init))
  const xhr = new XMLHttpRequest()
  open.call(xhr, 'POST', `${path}/xhr`)
  setRequestHeader.call(xhr, 'content-type', 'application/json')
  await new Promise((resolve) => {
    xhr.onload = resolve
    send.call(xhr, '{"a":1}')
  })
}

/** In the page: how deep the stack is when a call gets to the browser's own function tells how many patches it has passed. */
function noteDepths(): void {
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  const { fetch } = window
  const { send } = XMLHttpRequest.prototype
  const note = () => {
    window.noted = [new Error().stack?.split('\n').length]
  }
  window.fetch = function (...args) {
    note()
    return fetch.apply(this, args)
  }
  XMLHttpRequest.prototype.send = function (...args) {
    note()
    send.apply(this, args)
  }
}

/** In the page: the depth of a fetch, and of an XHR. */
async function depths(): Promise<unknown[]> {
  const answer = fetch('/agent/query/depth')
  const [ofFetch] = noted
  const xhr = new XMLHttpRequest()
  xhr.open('GET', '/agent/query/depth')
  xhr.send()
  const [ofXhr] = noted
  await answer
  return [ofFetch, ofXhr]
}

describe.each(RUM_SDKS)('with RUM SDK $version', ({ version, rum }) => {
  it.each([
    ['in the same script', { inInit: capture }],
    ['in the next script', { after: capture }],
  ])('a client that has captured fetch and XHR right after init, %s, is correlated once', async (where, scripts) => {
    const page = await openPage({ sdk: rum, plugin: ENTRIES, ...scripts })
    const id = await page.sessionId()
    for (const carrier of CARRIERS) {
      const path = `/agent/${carrier}/captured-${version}-${where.replace(/\W/g, '')}`
      await page.run(callCaptured, { path })
      for (const call of ['string', 'request', 'xhr']) {
        const request = await servers.site.only(`${path}/${call}`)
        expect(placesOf(request, id), call).toEqual([carrier === 'trace-tags' ? 'x-datadog-tags' : carrier])
      }
    }
    expect(page.errors).toEqual([])
    await page.close()
  })

  it('patches do not stack up, however often the plugin is started or stopped', async () => {
    const page = await openPage({
      sdk: rum,
      before: noteDepths,
      between: inPage((entries) => {
        window.plugin = DD_LLM_CORRELATION.llmCorrelation(entries) as unknown as typeof plugin
      }, ENTRIES),
      plugins: () => [plugin],
    })
    await page.sessionId()
    const before = await page.run(depths)
    expect(before).toEqual([expect.any(Number), expect.any(Number)])
    await page.run(() => {
      for (let i = 0; i < 10; i++) {
        const initConfiguration = DD_RUM.getInitConfiguration() as NonNullable<
          ReturnType<typeof DD_RUM.getInitConfiguration>
        >
        DD_RUM.init({ ...initConfiguration, plugins: [plugin] })
        const options = { initConfiguration, publicApi: DD_RUM }
        plugin.onInit(options)
        plugin.onRumStart({})
        plugin.stop()
        plugin.onInit(options)
        plugin.onRumStart({})
      }
    })
    expect(await page.run(depths)).toEqual(before)
    await page.close()
  })
})
