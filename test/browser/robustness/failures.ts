/** In the page: what a failure is made with. */
interface Tools {
  fault(): never
  /** `getInternalContext` answers the first question of a call alone. */
  answerOnce(otherwise: () => unknown): void
}

/** Something that the plugin works with fails. */
export interface Failure {
  name: string
  /** Runs in the page. */
  fail(tools: Tools): unknown
  /** It fails before the plugin is loaded, not once RUM has started. */
  isEarly?: true
  /** It can fail while calls wait for RUM to start. */
  ofWaiting?: true
}

const throwingConsole: Failure['fail'] = ({ fault }) =>
  Object.assign(console, { log: fault, warn: fault, error: fault, debug: fault, info: fault })

export const FAILURES: Failure[] = [
  { name: 'the console throws', fail: throwingConsole },
  { name: 'the console throws from the beginning', fail: throwingConsole, isEarly: true },
  {
    name: 'console.warn throws from the beginning',
    fail: ({ fault }) => Object.assign(console, { warn: fault }),
    isEarly: true,
  },
  {
    name: 'getInternalContext throws',
    fail: ({ fault }) => Object.assign(DD_RUM, { getInternalContext: fault }),
    ofWaiting: true,
  },
  { name: 'getInternalContext gives nonsense', fail: () => Object.assign(DD_RUM, { getInternalContext: () => 7 }) },
  {
    name: 'the session id is no string',
    fail: () => Object.assign(DD_RUM, { getInternalContext: () => ({ session_id: { a: 1 } }) }),
  },
  {
    name: 'getInternalContext throws the second time',
    fail: ({ fault, answerOnce }) => answerOnce(fault),
    ofWaiting: true,
  },
  { name: 'getInternalContext gives nothing the second time', fail: ({ answerOnce }) => answerOnce(() => undefined) },
  {
    name: 'the context throws the second time',
    fail: ({ fault, answerOnce }) =>
      answerOnce(() => ({
        get session_id() {
          return fault()
        },
      })),
  },
  {
    name: 'the session id is no string the second time',
    fail: ({ answerOnce }) => answerOnce(() => ({ session_id: Symbol() })),
  },
  { name: 'URL is gone', fail: () => Reflect.deleteProperty(window, 'URL') },
  {
    name: 'URL throws',
    fail: ({ fault }) => {
      window.URL = class {
        constructor() {
          fault()
        }
      } as never
    },
  },
  { name: 'URLSearchParams is gone', fail: () => Reflect.deleteProperty(window, 'URLSearchParams') },
  { name: 'Headers is gone', fail: () => Reflect.deleteProperty(window, 'Headers') },
  { name: 'FormData is gone', fail: () => Reflect.deleteProperty(window, 'FormData') },
  {
    name: 'TextDecoder and TextEncoder are gone',
    fail: () => ['TextDecoder', 'TextEncoder'].map((name) => Reflect.deleteProperty(window, name)),
  },
  { name: 'text cannot be decoded', fail: ({ fault }) => Object.assign(TextDecoder.prototype, { decode: fault }) },
  {
    name: 'text cannot be encoded',
    fail: ({ fault }) => Object.assign(TextEncoder.prototype, { encode: fault }),
    ofWaiting: true,
  },
  { name: 'JSON throws', fail: ({ fault }) => Object.assign(JSON, { parse: fault, stringify: fault }) },
  {
    name: 'forms cannot be read',
    fail: ({ fault }) => Object.assign(URLSearchParams.prototype, { get: fault, has: fault }),
  },
  {
    name: 'a Headers cannot be read',
    fail: ({ fault }) => Object.assign(Headers.prototype, { get: fault, forEach: fault, has: fault, entries: fault }),
  },
  {
    name: 'a Blob cannot be read',
    fail: () => {
      const reject = () => Promise.reject(new Error('on purpose'))
      Object.assign(Blob.prototype, { text: reject, arrayBuffer: reject })
    },
  },
  {
    name: 'a Blob cannot be built',
    fail: ({ fault }) => {
      window.Blob = class {
        constructor() {
          fault()
        }
      } as never
    },
  },
  {
    name: 'a Request cannot be built with a body',
    fail: ({ fault }) => {
      window.Request = new Proxy(Request, {
        construct: (Native, [input, init], target) =>
          init?.body ? fault() : Reflect.construct(Native, [input, init], target),
      })
    },
  },
  {
    name: 'methods of arrays and members of objects are odd',
    fail: () => {
      Object.assign(Array.prototype, { odd() {} })
      Object.assign(Object.prototype, { odd: 1 })
    },
  },
]
