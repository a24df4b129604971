// What other libraries do to fetch and XHR, as functions that run in the page. Each adds `x-library: 1` to every call.

type Library = [name: string, patch: () => void]

export const LIBRARIES_ON_FETCH: Library[] = [
  [
    'adds a header to the init',
    () => {
      const inner = window.fetch
      window.fetch = function (input, init) {
        const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
        headers.append('x-library', '1')
        return inner.call(this, input, { ...init, headers })
      }
    },
  ],
  [
    'makes a Request of every call',
    () => {
      const inner = window.fetch
      window.fetch = (input, init) => {
        const request = new Request(input, init)
        request.headers.append('x-library', '1')
        return inner(request)
      }
    },
  ],
  [
    'waits before it calls',
    () => {
      const inner = window.fetch
      window.fetch = async (input, init = {}) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        const headers = new Headers(init.headers ?? (input as Request).headers)
        headers.append('x-library', '1')
        return inner.apply(window, [input, { ...init, headers }])
      }
    },
  ],
  [
    'is a Proxy',
    () => {
      window.fetch = new Proxy(window.fetch, {
        apply(target, self, [input, init]) {
          const headers = new Headers(init?.headers ?? input.headers)
          headers.append('x-library', '1')
          return Reflect.apply(target, self, [input, { ...init, headers }])
        },
      })
    },
  ],
  [
    'defines fetch by a getter',
    () => {
      const inner = window.fetch
      let current: typeof fetch = (input, init) => {
        const headers = new Headers(init?.headers ?? (input as Request).headers)
        headers.append('x-library', '1')
        return inner(input, { ...init, headers })
      }
      Object.defineProperty(window, 'fetch', {
        configurable: true,
        enumerable: true,
        get: () => current,
        set(value) {
          current = value
        },
      })
    },
  ],
]

export const LIBRARIES_ON_XHR: Library[] = [
  [
    'patches open and send of the prototype',
    () => {
      const { open, send } = XMLHttpRequest.prototype
      XMLHttpRequest.prototype.open = function (...args: unknown[]) {
        Object.assign(this, { theirs: args })
        return Reflect.apply(open, this, args)
      }
      XMLHttpRequest.prototype.send = function (...args) {
        this.setRequestHeader('x-library', '1')
        return send.apply(this, args)
      }
    },
  ],
  [
    'replaces the constructor by a subclass',
    () => {
      const Native = window.XMLHttpRequest
      window.XMLHttpRequest = class XMLHttpRequest extends Native {
        override send(...args: [XMLHttpRequestBodyInit?]) {
          this.setRequestHeader('x-library', '1')
          return super.send(...args)
        }
      }
    },
  ],
  [
    'replaces the methods of each instance',
    () => {
      const Native = window.XMLHttpRequest
      // An arrow function is no constructor.
      function Replaced() {
        const xhr = new Native()
        const { send } = xhr
        xhr.send = (...args) => {
          xhr.setRequestHeader('x-library', '1')
          return send.apply(xhr, args)
        }
        return xhr
      }
      Replaced.prototype = Native.prototype
      Object.assign(window, { XMLHttpRequest: Replaced })
    },
  ],
]
