import type { Call } from '../call.js'
import { last, nativeFetch, reading, type Xhr } from './network.js'

const AGENT = 'https://agent.example.com/v1/chat'
/** As most REST agents have it: each conversation is a resource of its own. */
const THREADS = 'https://agent.example.com/v1/threads/'
const BODY = {
  model: 'support-assistant',
  stream: true,
  messages: [
    { role: 'system', content: 'You answer questions about orders.' },
    { role: 'user', content: 'Where is my order? I have been waiting for a week now.' },
  ],
}

let serial = 0

function urlsFor(call: Call, count: number): string[] {
  const isNew = call.endsWith('new')
  if (call.includes('matching') && !isNew) {
    return new Array(count).fill(AGENT)
  }
  const base = call.includes('absolute') ? 'https://api.example.com/v2/items/' : '/v2/items/'
  const urls = Array.from({ length: count }, () =>
    call.includes('matching') ? `${THREADS}${++serial}/runs` : `${base}${isNew ? ++serial : 42}?include=price`,
  )
  // Flat strings, as a page gets them from its data; those that are pasted together are flattened at their first use.
  return JSON.parse(JSON.stringify(urls)) as string[]
}

/** As deep as calls are made in most pages: some libraries take the stack of each call, which costs by its depth. */
function atDepth<T>(depth: number, run: () => T): T {
  return depth ? atDepth(depth - 1, run) : run()
}

function runFetch(call: Call, count: number): number {
  const { serialize } = api
  const urls = urlsFor(call, count)
  reading.arguments = call.endsWith('read')
  const start = performance.now()
  if (call.includes('matching')) {
    for (let i = 0; i < count; i += 1) {
      fetch(urls[i] as string, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: serialize(BODY),
      })
    }
  } else {
    for (let i = 0; i < count; i += 1) {
      fetch(urls[i] as string)
    }
  }
  const end = performance.now()
  reading.arguments = false
  return end - start
}

function runXhr(call: Call, count: number): number {
  const { serialize } = api
  const urls = urlsFor(call, count)
  const xhrs = urls.map(() => new XMLHttpRequest() as Xhr)
  const start = performance.now()
  if (call.includes('matching')) {
    for (let i = 0; i < count; i += 1) {
      const xhr = xhrs[i] as Xhr
      xhr.open('POST', urls[i] as string)
      xhr.setRequestHeader('Content-Type', 'application/json')
      xhr.send(serialize(BODY))
    }
  } else {
    for (let i = 0; i < count; i += 1) {
      const xhr = xhrs[i] as Xhr
      xhr.open('GET', urls[i] as string)
      xhr.send()
    }
  }
  const end = performance.now()
  for (const xhr of xhrs) {
    xhr.answer()
  }
  return end - start
}

const api = {
  /** What the page does to its body before it sends it. */
  serialize: JSON.stringify as (body: object) => string,

  /** Makes a number of calls and returns the milliseconds that they took. */
  run: (call: Call, count: number): number =>
    atDepth(12, () => (call.startsWith('xhr') ? runXhr : runFetch)(call, count)),

  /** Makes a call and tells what of it reached the network, to see that a variant does its work. */
  async arrival(call: Call): Promise<string> {
    api.run(call, 1)
    // A library may put its call off.
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (call.startsWith('xhr')) {
      return JSON.stringify(last.xhr)
    }
    const [input, init] = last.fetch
    const request = new Request(input as RequestInfo, init)
    return JSON.stringify([request.url, [...request.headers], await request.text()])
  },

  /** Makes real calls, for comparison. */
  async runNative(count: number): Promise<number> {
    const start = performance.now()
    const responses: Promise<Response>[] = []
    for (let i = 0; i < count; i += 1) {
      responses.push(
        nativeFetch('/sink', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(BODY),
        }),
      )
    }
    const taken = performance.now() - start
    await Promise.all(responses)
    return taken
  },
}

export type CallsApi = typeof api
Object.assign(globalThis, { bench: api })
