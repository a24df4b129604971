/**
 * A network that answers at once and never leaves the page. It stands where the browser's own stands, before any library
 * is loaded, so that every library patches it as it would patch the browser.
 */
const RESPONSE = new Response(null, { status: 200 })

class StubbedXhr extends EventTarget {
  static readonly UNSENT = 0
  static readonly OPENED = 1
  static readonly HEADERS_RECEIVED = 2
  static readonly LOADING = 3
  static readonly DONE = 4
  readonly UNSENT = 0
  readonly OPENED = 1
  readonly HEADERS_RECEIVED = 2
  readonly LOADING = 3
  readonly DONE = 4
  readyState = 0
  status = 0
  responseURL = ''
  responseText = ''
  response = ''
  responseType = ''
  withCredentials = false
  timeout = 0
  onreadystatechange: ((event: Event) => void) | null = null

  open(_method: string, url: string) {
    this.readyState = 1
    this.responseURL = url
    last.xhr = { url, headers: [], body: undefined }
  }
  setRequestHeader(name: string, value: string) {
    last.xhr.headers.push([name, value])
  }
  send(body?: unknown) {
    last.xhr.body = body
  }
  abort() {}
  getResponseHeader() {
    return null
  }
  getAllResponseHeaders() {
    return ''
  }
  /** Answers. Made by the benchmark outside of the time that it takes. */
  answer() {
    this.readyState = 4
    this.status = 200
    this.onreadystatechange?.(new Event('readystatechange'))
    this.dispatchEvent(new Event('readystatechange'))
    this.dispatchEvent(new Event('load'))
    this.dispatchEvent(new Event('loadend'))
  }
}

/** What reached the network last. */
export const last = {
  fetch: [] as [input?: RequestInfo, init?: RequestInit | undefined],
  xhr: { url: '', headers: [] as Array<[string, string]>, body: undefined as unknown },
}

/** Whether the stubbed `fetch` reads its arguments as the browser's own does: by making a Request of them. */
const reading = { arguments: false }

const stubs = {
  fetch(input: RequestInfo, init?: RequestInit) {
    last.fetch = [input, init]
    if (reading.arguments) {
      new Request(input, init)
    }
    return Promise.resolve(RESPONSE)
  },
  sendBeacon: () => true,
}

export const nativeFetch = globalThis.fetch
export type Xhr = XMLHttpRequest & { answer(): void }

Object.assign(globalThis, { fetch: stubs.fetch, XMLHttpRequest: StubbedXhr })
Object.assign(navigator, { sendBeacon: stubs.sendBeacon })

export { reading }
