import { describe } from 'vitest'
import { itIsTheSameWithEachCarrier, useCarrierPages, WITHOUT_STREAMS } from './eachCarrier.js'

useCarrierPages()

describe('a fetch that is refused', () => {
  itIsTheSameWithEachCarrier([
    {
      name: 'turns of the microtask queue until a wrong call is rejected',
      arrive: 0,
      script: ({ url, turnsUntil }) => turnsUntil(fetch(url, { method: 'a b' })),
    },
    {
      name: 'turns until an aborted call is rejected',
      arrive: 0,
      script: ({ url, turnsUntil, JSON_POST }) => turnsUntil(fetch(url, { ...JSON_POST, signal: AbortSignal.abort() })),
    },
    {
      name: 'a rejection that nobody handles',
      arrive: 0,
      script: ({ url, told, sleep }) => {
        const seen = new Promise((resolve) => {
          const tell = (event: PromiseRejectionEvent) => {
            event.preventDefault()
            resolve(told(event.reason))
          }
          addEventListener('unhandledrejection', tell, { once: true })
        })
        fetch(url, { mode: 'same-origin', method: 'a b' })
        return Promise.race([seen, sleep(2000)])
      },
    },
    {
      name: 'a rejection that is handled in time',
      arrive: 0,
      script: async ({ url, sleep }) => {
        let seen = 0
        const note = (event: Event) => {
          event.preventDefault()
          seen++
        }
        addEventListener('unhandledrejection', note)
        await fetch(url, { method: 'a b' }).catch(() => {})
        await sleep(50)
        removeEventListener('unhandledrejection', note)
        return seen
      },
    },
  ])
})

describe('a Request', () => {
  itIsTheSameWithEachCarrier([
    {
      name: 'bodyUsed at once, and afterwards',
      script: async ({ url, settled, described, JSON_POST }) => {
        const request = new Request(url, JSON_POST)
        const states: unknown[] = [request.bodyUsed]
        const promise = fetch(request)
        states.push(request.bodyUsed, request.body?.locked)
        const response = await promise
        const again = await settled(fetch(request).then(() => 0))
        return [...states, request.bodyUsed, described(response), again, await settled(request.text())]
      },
    },
    {
      name: 'a clone',
      arrive: 2,
      script: async ({ url, described, JSON_POST }) => {
        const request = new Request(url, JSON_POST)
        const copy = request.clone()
        await fetch(request)
        return [copy.bodyUsed, described(await fetch(copy)), copy.bodyUsed]
      },
    },
    {
      name: 'two calls at once',
      arrive: 2,
      script: ({ url, described, JSON_POST }) =>
        Promise.all([fetch(url, JSON_POST), fetch(url)].map(async (promise) => described(await promise))),
    },
  ])
})

describe('a Response', () => {
  itIsTheSameWithEachCarrier([
    {
      name: 'read once',
      script: async ({ url, settled, JSON_POST }) => {
        const response = await fetch(url, JSON_POST)
        const before = response.bodyUsed
        const copy = response.clone()
        const json = await response.json()
        return [before, json, response.bodyUsed, await settled(response.text()), await copy.text()]
      },
    },
    {
      name: 'read in small pieces',
      lacks: { webkit: 'the body of a Response is no stream of bytes' },
      script: async ({ url }) => {
        const response = await fetch(`${url}/large`)
        const reader = (response.body as ReadableStream).getReader({ mode: 'byob' })
        const next = () => reader.read(new Uint8Array(512))
        let size = 0
        for (let part = await next(); !part.done; part = await next()) {
          size += part.value.length
        }
        return size
      },
    },
    {
      name: 'cancelled',
      script: async ({ url, settled }) => {
        const response = await fetch(`${url}/slow`)
        const reader = (response.body as ReadableStream).getReader()
        await reader.read()
        return [await settled(reader.cancel('enough')), await settled(reader.closed)]
      },
    },
  ])
})

describe('an upload by stream', () => {
  itIsTheSameWithEachCarrier([
    {
      name: 'that ends',
      secure: true,
      lacks: WITHOUT_STREAMS,
      script: async ({ url, described }) => {
        let pulls = 0
        const source: UnderlyingDefaultSource = {
          pull(controller) {
            pulls++ < 5 ? controller.enqueue(new TextEncoder().encode(`part${pulls}`)) : controller.close()
          },
        }
        const body = new ReadableStream(source, { highWaterMark: 0 })
        const response = await fetch(url, { method: 'POST', duplex: 'half', body } as RequestInit)
        return [described(response), pulls, body.locked]
      },
    },
    {
      name: 'that fails',
      secure: true,
      lacks: WITHOUT_STREAMS,
      arrive: 'any',
      script: ({ url, settled }) => {
        const source: UnderlyingDefaultSource = {
          pull(controller) {
            controller.error(new RangeError('of the page'))
          },
        }
        const body = new ReadableStream(source, { highWaterMark: 0 })
        return settled(fetch(url, { method: 'POST', duplex: 'half', body } as RequestInit))
      },
    },
    {
      name: 'that is aborted',
      secure: true,
      lacks: WITHOUT_STREAMS,
      arrive: 'any',
      script: async ({ url, told, settled, sleep }) => {
        const controller = new AbortController()
        const { signal } = controller
        let reason: unknown
        const body = new ReadableStream({
          cancel(why) {
            reason = told(why)
          },
        })
        const promise = settled(fetch(url, { method: 'POST', duplex: 'half', body, signal } as RequestInit))
        await sleep(50)
        controller.abort(new RangeError('now'))
        const result = await promise
        await sleep(0)
        return [result, reason]
      },
    },
  ])
})

describe('another realm, whose globals the plugin does not touch', () => {
  itIsTheSameWithEachCarrier([
    {
      name: 'a worker',
      untouched: true,
      script: async ({ url }) => {
        const inWorker = () => {
          self.onmessage = async ({ data }) => {
            const response = await fetch(data, { method: 'POST', body: '{}' })
            const names = Object.getOwnPropertyNames(self).filter((name) => /DD_|rum/.test(name))
            postMessage([response.status, String(fetch), names])
          }
        }
        const worker = new Worker(URL.createObjectURL(new Blob([`(${inWorker})()`])))
        const answer = new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data)
        })
        worker.postMessage(url)
        const result = await answer
        worker.terminate()
        return result
      },
    },
    {
      name: 'an iframe',
      untouched: true,
      script: async ({ url }) => {
        const frame = document.createElement('iframe')
        document.body.append(frame)
        const other = frame.contentWindow as Window & typeof globalThis
        const response = await other.fetch(url, { method: 'POST', body: '{}' })
        const natives = [String(other.fetch), String(other.XMLHttpRequest.prototype.send)]
        const isOfThisRealm = response instanceof Response
        frame.remove()
        return [response.status, ...natives, isOfThisRealm]
      },
    },
  ])
})
