/**
 * A network that answers at once, within the page. It replaces the browser's network functions
 * before any library loads. So each library patches it as it would patch the browser's.
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
  /** Answers the call. The benchmark calls this outside the timed part. */
  answer() {
    this.readyState = 4
    this.status = 200
    this.onreadystatechange?.(new Event('readystatechange'))
    this.dispatchEvent(new Event('readystatechange'))
    this.dispatchEvent(new Event('load'))
    this.dispatchEvent(new Event('loadend'))
  }
}

/** The last call that reached the network. */
export const last = {
  fetch: [] as [input?: RequestInfo, init?: RequestInit | undefined],
  xhr: { url: '', headers: [] as Array<[string, string]>, body: undefined as unknown },
}

/** Whether the stub of `fetch` reads its arguments as the browser does: by creating a Request. */
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
