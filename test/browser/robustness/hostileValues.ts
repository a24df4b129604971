import type { MakeValue } from './hostileBuiltIns.js'

// What a hostile page puts in the place of something else. The functions run in the page.

/** In the place of any global. */
export const REPLACEMENTS: Array<[what: string, value: MakeValue]> = [
  ['a string', () => '/x'],
  [
    'a function that throws',
    () => () => {
      throw new Error('on purpose')
    },
  ],
  ['nothing', () => undefined],
]

/** In the place of the global of that name; a page may bring its own of an old library. */
export const LOOKALIKES: Array<[name: string, value: MakeValue]> = [
  // Only `then`, as old polyfills have it.
  [
    'Promise',
    () => {
      const Native = Promise
      return function (this: object, run: (resolve: (value: unknown) => void) => void) {
        const promise = new Native(run)
        // biome-ignore lint/suspicious/noThenProperty: it is a promise, of a kind
        Object.assign(this, { then: (...both: []) => promise.then(...both) })
      }
    },
  ],
  [
    'Promise',
    () =>
      class extends Promise<unknown> {
        // biome-ignore lint/suspicious/noThenProperty: it is a promise, of a kind
        override then(): never {
          throw new Error()
        }
      },
  ],
  [
    'URL',
    () =>
      class extends URL {
        override get origin() {
          return 'http://127.0.0.1:9'
        }
        override get href() {
          return 'http://127.0.0.1:9/'
        }
      },
  ],
  [
    'Request',
    () =>
      class extends Request {
        constructor() {
          super('/x')
        }
      },
  ],
  ['Headers', () => class {}],
  ['Reflect', () => ({})],
  ['Symbol', () => ({})],
  ['JSON', () => ({ parse: () => ({ session_id: 1 }), stringify: () => 'evil' })],
  [
    'Map',
    () =>
      class {
        get() {
          return '/x'
        }
        has() {
          return true
        }
        set() {}
      },
  ],
  [
    'Uint8Array',
    () =>
      class {
        constructor() {
          // biome-ignore lint/correctness/noConstructorReturn: it is there to be wrong
          return []
        }
      },
  ],
]

/** Members that the browser reads from objects which a caller passes: of RequestInit, listeners, Blobs, decoders, properties. */
export const READ_BY_BROWSER = (
  'attributionReporting body browsingTopics cache credentials duplex headers integrity keepalive method mode priority ' +
  'privateToken redirect referrer referrerPolicy signal targetAddressSpace window capture once passive type fatal ' +
  'ignoreBOM stream get set value writable enumerable configurable withCredentials protocols detail bubbles'
).split(' ')

/** Every destructuring of an array reads it: no page that inherits a text for it works. */
export const READ_BY_LANGUAGE = ['return']

/** Inherited by every object: a value that a missing member might be taken for, if a text is none. */
export const INHERITED: Array<[name: string, value: MakeValue]> = [
  ['url', () => `${location.origin}/elsewhere`],
  ['url', () => new URL('/evil', location.href)],
  ['body', () => 'evil'],
  ['body', () => new Uint8Array(4)],
  ['headers', () => ({ 'x-evil': '1' })],
  ['headers', () => new Headers({ 'x-evil': '1' })],
  ['method', () => 'PUT'],
  ['mode', () => 'no-cors'],
  ['mode', () => 'same-origin'],
  ['credentials', () => 'omit'],
  ['redirect', () => 'error'],
  ['referrerPolicy', () => 'no-referrer'],
  ['keepalive', () => true],
  ['signal', () => AbortSignal.abort()],
  ['signal', () => new AbortController().signal],
  ['present', () => null],
  ['locked', () => 'evil'],
  ['headerless', () => 'query'],
  ['headerless', () => 'body'],
  ['isPartial', () => true],
  ['pending', () => 1],
  ['reason', () => 'evil'],
  ['depth', () => -1],
  ['bodyType', () => 'application/json'],
  ['carrier', () => 'query'],
  ['changes', () => ({ url: '/evil' })],
  ['changed', () => '/evil'],
  ['warning', () => 'evil'],
  ['path', () => ['evil']],
  ['baggage', () => true],
  ['traceIds', () => true],
  ['jsonrpc', () => '2.0'],
  ['session_id', () => 'evil'],
  ['annotation', () => ({ carrier: 'evil' })],
  ['0', () => 'evil'],
  ['1', () => 'evil'],
  ['at', () => 0],
]
