import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { skipIn } from '../../support/engines/skipIn.js'
import { openPage, type PageOptions } from '../../support/openPage.js'
import { CARRIERS } from '../../support/rumSdks.js'
import { FAILING } from './failingCalls.js'

/** In the page, below all patches: notes for each native function how many frames of the plugin called it. */
function countFrames() {
  const limited = Error as { stackTraceLimit?: number }
  limited.stackTraceLimit = 100
  window.noted = []
  const note = (name: string) => {
    const frames = new Error().stack?.split('\n') ?? []
    window.noted.push([name, frames.filter((frame) => frame.includes('rum-llm-correlation')).length])
  }
  const watch = (owner: object, name: string) => {
    const native = Reflect.get(owner, name)
    const watched = function (this: unknown, ...args: unknown[]) {
      note(name)
      return new.target ? Reflect.construct(native, args) : Reflect.apply(native, this, args)
    }
    Object.defineProperties(watched, { prototype: { value: native.prototype } })
    Reflect.set(owner, name, watched)
  }
  for (const name of ['fetch', 'EventSource', 'WebSocket']) watch(window, name)
  for (const name of ['open', 'setRequestHeader', 'send']) watch(XMLHttpRequest.prototype, name)
  watch(Navigator.prototype, 'sendBeacon')
}

/** In the page: a call of each kind. Each names the native function whose frames count. */
const CALLS = {
  'fetch of a text': { name: 'fetch', call: (url: string) => fetch(url, { method: 'POST', body: '{}' }) },
  'fetch of a URL': { name: 'fetch', call: (url: string) => fetch(new URL(url, location.href)) },
  'fetch of a Request': { name: 'fetch', call: (url: string) => fetch(new Request(url)) },
  'open of an XHR': { name: 'open', call: (url: string) => new XMLHttpRequest().open('GET', url) },
  'setRequestHeader of an XHR': {
    name: 'setRequestHeader',
    call: (url: string) => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      window.noted.length = 0
      xhr.setRequestHeader('x-own', '1')
    },
  },
  'send of an XHR': {
    name: 'send',
    call: (url: string) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', url)
      xhr.send('{}')
    },
  },
  sendBeacon: { name: 'sendBeacon', call: (url: string) => navigator.sendBeacon(url, '{}') },
  EventSource: { name: 'EventSource', call: (url: string) => new EventSource(url).close() },
  WebSocket: {
    name: 'WebSocket',
    call: (url: string) => new WebSocket(new URL(url, location.href.replace('http', 'ws'))).close(),
  },
}

const origins = CARRIERS.map((carrier) => ({ match: `/agent/${carrier}`, carrier }))

async function framesOf(options: PageOptions, { name, call }: { name: string; call: unknown }, url: string) {
  const page = await openPage({ plugin: { origins }, before: countFrames, ...options })
  await page.sessionId()
  const noted = await page.run(
    async ({ call, url }) => {
      window.noted.length = 0
      await (call as (url: string) => unknown)(url)
      return window.noted as Array<[string, number]>
    },
    { call, url },
  )
  await page.close()
  return noted.filter((entry) => entry[0] === name).map(([, count]) => count)
}

describe.each<[string, PageOptions]>([
  ['over RUM', {}],
  ['alone', { sdk: 'stub' }],
])('the frames of the plugin between the page and the browser, %s', (_, options) => {
  it.each(Object.entries(CALLS))('%s: one if no entry takes it', async (_, call) => {
    const frames = await framesOf(options, call, '/other')
    // WebKit has proper tail calls, and so not even that one.
    expect(frames).toEqual([ENGINE === 'webkit' ? 0 : 1])
  })

  it.each(CARRIERS.flatMap((carrier) => Object.entries(CALLS).map(([name, call]) => [name, carrier, call] as const)))(
    '%s: at most three if an entry takes it, with %s',
    async (_, carrier, call) => {
      const [frames] = await framesOf(options, call, `/agent/${carrier}`)
      expect(frames).toBeGreaterThanOrEqual(1)
      expect(frames).toBeLessThanOrEqual(3)
    },
  )
})

describe('of the ten frames that V8 keeps', () => {
  it.each(Object.entries(FAILING))('the plugin takes one, or three: %s', async (name, failing) => {
    skipIn(['firefox', 'webkit'], 'V8 alone keeps ten frames')
    const page = await openPage({ plugin: ['/agent', 'http://127.0.0.1:1/agent'] })
    await page.sessionId()
    const stackOf = ({ failing, path }: { failing: (path: string) => unknown; path: string }) => {
      const deep = async (depth: number): Promise<unknown> => (depth ? deep(depth - 1) : await failing(path))
      return deep(12).then(
        () => [],
        (error: Error) => (error.stack ?? '').split('\n    at ').slice(1),
      )
    }
    const isOwn = (frame: string) => frame.includes('rum-llm-correlation')
    for (const [path, most] of [
      ['/other', 1],
      ['/agent', 3],
    ] as const) {
      const frames = await page.run(stackOf, { failing, path })
      expect(frames.filter(isOwn).length, path).toBeLessThanOrEqual(most)
      const natively = await (await page.twin()).run(stackOf, { failing, path })
      const ofPage = (list: string[]) => list.filter((frame) => frame.includes('test-scripts')).length
      expect(ofPage(frames), `${name} ${path}: ${natively.length}`).toBeGreaterThanOrEqual(ofPage(natively) - most)
      expect(ofPage(frames)).toBeGreaterThan(3)
    }
    await page.close()
  })
})

it('the source map names every source of the plugin as one to ignore', () => {
  const map = JSON.parse(readFileSync('dist/rum-llm-correlation.iife.js.map', 'utf8'))
  expect(map.sources.length).toBeGreaterThan(20)
  expect(map.ignoreList ?? map.x_google_ignoreList).toEqual(map.sources.map((_: string, index: number) => index))
})
