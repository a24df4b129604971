import type { Call } from '../call.js'
import { last, nativeFetch, reading, type Xhr } from './network.js'

const AGENT = 'https://agent.example.com/v1/chat'
/** Each conversation is a separate resource, as in most REST agents. */
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
  // Flat strings, as in a page's data. Engines flatten concatenated strings at their first use.
  return JSON.parse(JSON.stringify(urls)) as string[]
}

/**
 * The depth of calls in most pages. Some libraries take the stack, whose cost grows with its depth.
 */
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
  /** Makes the body, as the page does before it sends it. */
  serialize: JSON.stringify as (body: object) => string,

  /** Makes a number of calls, and returns how many milliseconds they took. */
  run: (call: Call, count: number): number =>
    atDepth(12, () => (call.startsWith('xhr') ? runXhr : runFetch)(call, count)),

  /**
   * Makes a call, and returns what reached the network. It shows whether a variant does its work.
   */
  async arrival(call: Call): Promise<string> {
    api.run(call, 1)
    // A library may call the network later.
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
