// The calls of which a page may keep nothing, as functions that run there. Nothing of it may itself hold on to a call.

/** A call: when it has ended, and all that the page passed or got. */
export interface Made {
  done: Promise<unknown> | undefined
  kept: object[]
}

declare global {
  /** By kind of call: makes one with a URL of its own. */
  var makers: Record<string, (url: string) => Made>
  /** Calls do not go out. */
  var isStubbed: boolean
  /** What the page holds on to itself. */
  var held: unknown[]
}

/** In the page: defines `makers`. */
export function defineMakers(): void {
  const json = { 'content-type': 'application/json' }
  const post = { method: 'POST', headers: json, body: '{"a":1}' }
  // What stands in place of a Response has no text.
  const end = (response: Response) => response.text?.().then(() => response)
  const aborted = (call: Promise<unknown>) => call.catch(() => {})
  const sharedSignal = new AbortController().signal
  window.isStubbed ??= false
  window.makers = {
    'a string and an init'(url) {
      const init = { method: 'POST', headers: { ...json }, body: '{"a":1}' }
      const done = fetch(url, init)
      return { done: done.then(end), kept: [init, init.headers, done] }
    },
    'a URL, Headers and bytes'(url) {
      const body = new TextEncoder().encode('{"a":1}')
      const headers = new Headers(json)
      const input = new URL(url, location.href)
      return { done: fetch(input, { method: 'POST', headers, body }).then(end), kept: [body, headers, input] }
    },
    'a form'(url) {
      const body = new URLSearchParams({ a: '1' })
      return { done: fetch(url, { method: 'POST', body }).then(end), kept: [body] }
    },
    'a GET that is aborted'(url) {
      const controller = new AbortController()
      const done = aborted(fetch(url, { signal: controller.signal }))
      controller.abort()
      return { done, kept: [controller, controller.signal] }
    },
    'a call that no entry takes'(url) {
      const init = { headers: { a: '1' } }
      return { done: fetch(`/other${url}`, init).then(end), kept: [init] }
    },
    XHR(url) {
      const xhr = new XMLHttpRequest()
      const done = new Promise((resolve) => {
        xhr.onloadend = resolve
      })
      xhr.open('POST', url)
      xhr.setRequestHeader('content-type', 'application/json')
      xhr.send('{"a":1}')
      return { done: isStubbed ? undefined : done, kept: [xhr] }
    },
    'an XHR that is aborted'(url) {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', url)
      xhr.send()
      xhr.abort()
      return { done: undefined, kept: [xhr] }
    },
    'a Request'(url) {
      const controller = new AbortController()
      const request = new Request(url, { ...post, signal: controller.signal })
      return { done: fetch(request).then(end), kept: [request, controller] }
    },
    'a Request that is aborted while it is read'(url) {
      const controller = new AbortController()
      const request = new Request(url, post)
      const done = aborted(fetch(request, { signal: controller.signal }))
      controller.abort()
      return { done, kept: [request, controller, controller.signal] }
    },
    'a Blob, with a signal that stays'(url) {
      const body = new Blob(['{"a":1}'], { type: 'application/json' })
      return { done: fetch(url, { method: 'POST', body, signal: sharedSignal }).then(end), kept: [body] }
    },
  }
}

/** In the page: makes calls of these kinds in turn. */
export async function callInTurn({ names, from, to }: { names: string[]; from: number; to: number }): Promise<void> {
  for (let index = from; index < to; ) {
    const batch: unknown[] = []
    for (const end = Math.min(index + 200, to); index < end; index += 1) {
      batch.push(makers[names[index % names.length] ?? '']?.(`/agent/${index}?of=${index}`).done)
    }
    await Promise.all(batch)
  }
}

/** In the page: the kinds of calls of which something is still there when they are over. */
export async function findHeld(): Promise<string[]> {
  const refs: Array<[name: string, ref: WeakRef<object>]> = []
  const note = (name: string, object: object) => refs.push([name, new WeakRef(object)])
  const callAll = async () => {
    for (const [name, make] of Object.entries(makers)) {
      for (let index = 0; index < 5; index += 1) {
        const { done, kept } = make(`/agent/${name.length}/${index}`)
        const response = await done
        for (const object of kept) note(`${name}: ${object.constructor.name}`, object)
        if (response instanceof Response) note(`${name}: the Response`, response)
      }
    }
  }
  await callAll()
  // RUM itself holds on to a call until its event is made, and the last ones for longer.
  for (let index = 0; index < 20; index += 1) await fetch(`/other/${index}`).then((response) => response.text())
  const alive = () => refs.filter(([, ref]) => ref.deref()).map(([name]) => name)
  for (let round = 0; round < 50 && alive().length; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    gc?.()
  }
  return [...new Set(alive())]
}

/** In the page, beneath the plugin: what answers at once, so that a million calls take seconds. */
export function answerAtOnce(): void {
  window.isStubbed = true
  window.held = []
  window.fetch = function fetch(...args) {
    // The last call alone, as text.
    held[0] = JSON.stringify(args)
    return Promise.resolve({ ok: true } as Response)
  }
  XMLHttpRequest.prototype.send = function send() {}
}

/** In the page, above the plugin: holds on to the calls of the page. */
export function holdOn(): void {
  window.held = []
  const { fetch: inner } = window
  window.fetch = (...args) => {
    held.push(args)
    return inner(...args)
  }
}
