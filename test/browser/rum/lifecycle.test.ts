import { describe, expect, it } from 'vitest'
import { CLIENTS } from '../../support/calls.js'
import { expectNone, expectOnce } from '../../support/expectOnce.js'
import { openPage, type PageOptions, STUB_SESSION_ID } from '../../support/openPage.js'
import { inPage } from '../../support/pageScript.js'
import { RUM_SDKS } from '../../support/rumSdks.js'

/** A page whose plugin is `plugin`. */
const WITH_PLUGIN: PageOptions = {
  plugins: () => {
    window.plugin = DD_LLM_CORRELATION.llmCorrelation(['/agent'])
    return [plugin]
  },
}

/** In the page. */
const stop = () => plugin.stop()
/** In the page. */
const start = () => plugin.onInit({ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM })

/** In the page: how many stack frames lie between a call and the browser, for fetch and XHR. */
function depths(): number[] {
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  const depths: number[] = []
  const probe = (value: string) => {
    depths.push(new Error().stack?.split('\n').length ?? 0)
    return value
  }
  fetch('/plain/depth', {
    get method() {
      return probe('GET')
    },
  })
  new XMLHttpRequest().open('GET', { toString: () => probe('/plain/depth') } as string)
  return depths
}

/** In the page: fifty instances of the plugin. */
function startMany({ areStopped }: { areStopped: boolean }): void {
  for (let i = 0; i < 50; i++) {
    const another = DD_LLM_CORRELATION.llmCorrelation(['/agent'])
    another.onInit({ initConfiguration: DD_RUM.getInitConfiguration(), publicApi: DD_RUM })
    if (areStopped) {
      another.stop()
    }
  }
}

/** In the page: all that the plugin may patch, as it is now. */
function patchable(): unknown[] {
  const places: Array<[owner: object, name: string]> = [
    [window, 'fetch'],
    [XMLHttpRequest.prototype, 'open'],
    [XMLHttpRequest.prototype, 'send'],
    [XMLHttpRequest.prototype, 'setRequestHeader'],
    [window, 'XMLHttpRequest'],
    [window, 'EventSource'],
    [window, 'WebSocket'],
    [Navigator.prototype, 'sendBeacon'],
    [navigator, 'sendBeacon'],
    [EventSource.prototype, 'constructor'],
    [WebSocket.prototype, 'constructor'],
  ]
  return places.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name)?.value)
}

/** In the page: what the plugin patches and RUM does not. */
const passedByRum = (): unknown[] => [EventSource, WebSocket, Navigator.prototype.sendBeacon]

/** In the page: notes what `functions` gives. */
const note = (functions: () => unknown[]) => {
  window.noted = functions()
}
/** In the page: of what `functions` gives, whether it is what was noted. */
const areNoted = (functions: () => unknown[]) => functions().map((value, index) => value === noted[index])

describe('patches', () => {
  it('do not stack up, stopped or not', async () => {
    const page = await openPage({ plugin: ['/agent'] })
    await page.sessionId()
    const before = await page.run(depths)
    expect(before.length).toBeGreaterThanOrEqual(2)
    for (const areStopped of [false, true]) {
      await page.run(startMany, { areStopped })
      expect(await page.run(depths)).toEqual(before)
    }
    await page.close()
  })

  it('are gone after stop, and back after onInit', async () => {
    const page = await openPage({ ...WITH_PLUGIN, between: inPage(note, patchable) })
    const id = await page.sessionId()
    const isOriginal = async () => !(await page.run(areNoted, patchable)).includes(false)
    expect(await isOriginal()).toBe(false)
    await expectOnce(page, id)
    await page.run(stop)
    expect(await isOriginal()).toBe(true)
    await expectNone(page)
    await page.run(stop)
    expect(await isOriginal()).toBe(true)
    await page.run(start)
    await expectOnce(page, id)
    await page.run(stop)
    expect(await isOriginal()).toBe(true)
    await page.close()
  })

  it.each(
    RUM_SDKS.flatMap(
      ({ version, rum }): Array<[version: number, when: string, options: PageOptions]> => [
        [version, 'in the task of its init', { sdk: rum, inInit: stop }],
        [version, 'once it has started', { sdk: rum }],
      ],
    ),
  )('that RUM SDK %s puts nothing over are gone after a stop %s', async (_, when, options) => {
    const page = await openPage({ ...WITH_PLUGIN, ...options, between: inPage(note, passedByRum) })
    await page.sessionId()
    if (when === 'once it has started') {
      expect(await page.run(areNoted, passedByRum)).toEqual([false, false, false])
      await page.run(stop)
    }
    expect(await page.run(areNoted, passedByRum)).toEqual([true, true, true])
    await page.close()
  })

  it("are inert after stop under another library's, and work again after onInit", async () => {
    const page = await openPage(WITH_PLUGIN)
    const id = await page.sessionId()
    await page.run(() => {
      window.noted = []
      const inner = fetch
      const { send } = XMLHttpRequest.prototype
      const theirFetch: typeof fetch = function (this: unknown, ...args) {
        noted.push('fetch')
        return Reflect.apply(inner, this, args)
      }
      const theirSend: typeof send = function (this: XMLHttpRequest, ...args) {
        noted.push('send')
        send.apply(this, args)
      }
      window.fetch = Object.assign(theirFetch, { isTheirs: true })
      XMLHttpRequest.prototype.send = Object.assign(theirSend, { isTheirs: true })
    })
    await page.run(stop)
    expect(await page.run(() => 'isTheirs' in fetch && 'isTheirs' in XMLHttpRequest.prototype.send)).toBe(true)
    await expectNone(page)
    await page.run(start)
    await expectOnce(page, id)
    expect(await page.run(() => noted.length)).toBeGreaterThan(CLIENTS.length * 4)
    await page.close()
  })

  it('are put in the place of what cannot be assigned to, and leave it so', async () => {
    const page = await openPage({
      sdk: 'stub',
      plugin: ['/agent'],
      before: () => {
        window.noted = [Object.defineProperty(window, 'fetch', { writable: false }).fetch]
      },
    })
    const flags = () =>
      page.run(() => {
        const { value, ...flags } = Object.getOwnPropertyDescriptor(window, 'fetch') ?? {}
        return flags
      })
    const expected = { configurable: true, enumerable: true, writable: false }
    await page.run(() => fetch('/agent/read-only').then(() => undefined))
    expect((await page.server.only('/agent/read-only')).query).toBe(`session_id=${STUB_SESSION_ID}`)
    expect(await flags()).toEqual(expected)
    await page.run(stop)
    expect(await page.run(() => fetch === noted[0])).toBe(true)
    expect(await flags()).toEqual(expected)
    await page.close()
  })

  it('leave a fetch that was captured before them as it was', async () => {
    const page = await openPage({
      plugin: ['/agent'],
      between: () => {
        window.noted = [fetch.bind(window)]
      },
    })
    await page.sessionId()
    await page.run(async () => {
      const [early] = noted as [typeof fetch]
      await early('/agent/early', { method: 'POST', body: '{}' })
    })
    expect((await page.server.only('/agent/early')).text).toBe('{}')
    await page.close()
  })

  it('are not in frames', async () => {
    const page = await openPage({ plugin: ['/agent'] })
    await page.sessionId()
    await page.run(async () => {
      const frame = document.body.appendChild(document.createElement('iframe'))
      await frame.contentWindow?.fetch('/agent/frame', { method: 'POST', body: '{}' })
    })
    expect((await page.server.only('/agent/frame')).text).toBe('{}')
    await page.close()
  })
})

it('objects of another frame are taken for what they are', async () => {
  const page = await openPage({ plugin: ['/agent'] })
  const id = await page.sessionId()
  await page.run(async () => {
    const frame = document.body.appendChild(document.createElement('iframe'))
    const other = frame.contentWindow as unknown as typeof globalThis
    const method = 'POST'
    const headers = new other.Headers({ 'content-type': 'application/json' })
    const url = `${location.origin}/agent/realm`
    await fetch('/agent/realm/init', { method, headers, body: new other.Uint8Array([0x7b, 0x7d]) })
    await fetch(new other.Request(`${url}/request`, { method, headers, body: '{}' }))
    await fetch(new other.URL(`${url}/url`), { method, body: new other.URLSearchParams('a=1') })
    await fetch('/agent/realm/blob', { method, body: new other.Blob(['{}'], { type: 'application/json' }) })
  })
  for (const name of ['init', 'request', 'blob']) {
    expect((await page.server.only(`/agent/realm/${name}`)).text, name).toBe(`{"session_id":"${id}"}`)
  }
  expect((await page.server.only('/agent/realm/url')).text).toBe(`a=1&session_id=${id}`)
  await page.close()
})
