import { beforeAll, describe, expect, it } from 'vitest'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { openPage, type Page } from '../../support/openPage.js'
import { PATIENTLY } from '../../support/patiently.js'
import { CARRIERS, placesOf } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'

let page: Page
let id: string
beforeAll(async () => {
  const roots = ['', servers.secure.origin]
  const origins = roots.flatMap((root) => CARRIERS.map((carrier) => ({ match: `${root}/agent/${carrier}`, carrier })))
  page = await openPage({
    plugin: { origins },
    // Notes all that reads a body.
    before: () => {
      window.noted = []
      for (const prototype of [Request.prototype, Blob.prototype] as unknown as Array<Record<string, () => unknown>>) {
        for (const name of ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text', 'stream']) {
          const native = prototype[name]
          if (native) {
            prototype[name] = function (...args: []) {
              noted.push(name)
              return native.apply(this, args)
            }
          }
        }
      }
      const { decode } = TextDecoder.prototype
      TextDecoder.prototype.decode = function (...args) {
        noted.push('decode')
        return decode.apply(this, args)
      }
    },
  })
  id = await page.sessionId()
})

const LENGTH = 5_000_000
/** Types of bodies that may be large. */
const FILE_TYPES = ['application/octet-stream', 'audio/webm', 'video/mp4', 'image/png', 'application/pdf', 'text/csv']

/** Sends a Request with a large file. Gives what read it. */
const put = (path: string, type: string) =>
  page.run(
    async ({ path, type, length }) => {
      noted.length = 0
      const body = new File([new Uint8Array(length).fill(32)], 'a', { type })
      const call = fetch(new Request(path, { method: 'PUT', body }))
      const read = [...noted]
      await call
      return [...read, ...noted.slice(read.length)]
    },
    { path, type, length: LENGTH },
  )

describe('a Request with a file is not read', () => {
  it.each(times(CARRIERS, FILE_TYPES))('with carrier %s: %s', async (carrier, type) => {
    const path = `/agent/${carrier}/file/${type.replace(/\W/g, '-')}`
    expect(await put(path, type)).toEqual([])
    const request = await servers.site.only(path)
    expect([request.method, request.query, request.body.length]).toEqual(['PUT', undefined, LENGTH])
    expect(placesOf(request, id)).toHaveLength(carrier === 'baggage' || carrier === 'trace-tags' ? 1 : 0)
  })
})

describe('a live stream in a Request goes out as it comes', () => {
  it.each(times(CARRIERS, ['audio/webm', 'application/octet-stream', 'text/event-stream']))(
    'with carrier %s: %s',
    async (carrier, type) => {
      skipIn(['firefox', 'webkit'], NO_STREAMS)
      const path = `/agent/${carrier}/live/${type.replace(/\W/g, '-')}`
      await page.run(
        ({ url, type }) => {
          const body = new ReadableStream({
            start(controller) {
              controller.enqueue(new TextEncoder().encode('first'))
              Object.assign(window, { endStream: () => controller.close() })
            },
          })
          const init = { method: 'POST', headers: { 'content-type': type }, body, duplex: 'half' }
          Object.assign(window, { live: fetch(new Request(url, init as RequestInit)) })
        },
        { url: servers.secure.origin + path, type },
      )
      await expect.poll(() => servers.secure.incoming(path), PATIENTLY).toBe('first')
      await page.run(async () => {
        const { endStream, live } = window as unknown as { endStream(): void; live: Promise<Response> }
        endStream()
        await live
      })
      expect((await servers.secure.only(path)).text).toBe('first')
    },
  )
})

describe('a body that is read for the sake of the URL is not decoded', () => {
  const BODIES: Record<string, () => BodyInit> = {
    JSON: () => new Blob(['{"a":1}'], { type: 'application/json' }),
    'plain text': () => 'hello',
    pairs: () => new URLSearchParams('a=1'),
  }
  it.each(Object.entries(BODIES))('%s', async (name, body) => {
    const path = `/agent/query/${name.replace(' ', '-')}`
    const read = await page.run(
      async ({ path, body }) => {
        noted.length = 0
        await fetch(new Request(path, { method: 'POST', body: body() }))
        return [...new Set(noted)]
      },
      { path, body },
    )
    expect(read).toContain('blob')
    expect(read).not.toEqual(expect.arrayContaining(['arrayBuffer']))
    expect(read).not.toEqual(expect.arrayContaining(['decode']))
    expect((await servers.site.only(path)).query).toBe(`session_id=${id}`)
  })
})
