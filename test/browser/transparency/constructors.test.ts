import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcome, throwing, type Unchecked } from '../../support/outcome.js'
import { openWithAndWithoutRum, type WithAndWithoutRum } from '../../support/withAndWithoutRum.js'

let pages: WithAndWithoutRum
beforeAll(async () => {
  pages = await openWithAndWithoutRum(['/agent'])
})
afterAll(() => pages?.close())

/** In the page: makes an object, or does not. */
type Make = (values: { url: string; path: string; throwing: Unchecked }) => unknown

/** What making the object does: what it throws, or what it is; it is closed at once. */
function expectSameObject(make: Make, path: string, scheme = ''): Promise<unknown> {
  return pages.expectSame(
    ({ make, outcome, path, scheme, throwing }) =>
      outcome(() => {
        const origin = scheme && location.origin.replace('http', scheme)
        const object = make({ url: origin + path, path, throwing }) as EventSource | WebSocket
        object?.close?.()
        if (typeof object !== 'object' || object === null) {
          return object
        }
        const prototype = Object.getPrototypeOf(object)
        return [
          object instanceof EventSource,
          object instanceof WebSocket,
          object.constructor.name,
          prototype === EventSource.prototype || prototype === WebSocket.prototype,
          Reflect.ownKeys(object).length,
          object.readyState,
          object.url?.split('?')[0]?.replace(/:\d+/, ''),
          String(object),
        ]
      }),
    { make, outcome, path, scheme, throwing },
  )
}

describe.each(['/plain/source', '/agent/source'])('an EventSource of %s', (path) => {
  it.each<[name: string, make: Make]>([
    ['a URL', ({ url }) => new EventSource(url)],
    ['an init', ({ url }) => new EventSource(url, { withCredentials: true })],
    ['no argument', () => new (EventSource as Unchecked)()],
    ['undefined', () => new EventSource(undefined as Unchecked)],
    ['a symbol', () => new EventSource(Symbol() as Unchecked)],
    ['an invalid URL', () => new EventSource('http://')],
    ['a URL whose toString throws', ({ throwing }) => new EventSource(throwing)],
    ['a number as init', ({ url }) => new EventSource(url, 7 as Unchecked)],
    ['null as init', ({ url }) => new EventSource(url, null as Unchecked)],
    [
      'an init whose getter throws',
      ({ url }) =>
        new EventSource(url, {
          get withCredentials(): boolean {
            throw new RangeError('on purpose')
          },
        }),
    ],
    ['no new', ({ url }) => (EventSource as Unchecked)(url)],
    ['call on an object', ({ url }) => (EventSource as Unchecked).call({}, url)],
    [
      'a subclass',
      ({ url }) =>
        new (class Mine extends EventSource {
          own = 1
        })(url),
    ],
    [
      'a subclass that adds arguments',
      ({ url }) =>
        new (class Mine extends EventSource {
          constructor() {
            super(url, { withCredentials: true })
          }
        })(),
    ],
    ['Reflect.construct with another target', ({ url }) => Reflect.construct(EventSource, [url], Object)],
    ['Reflect.construct with no prototype', ({ url }) => Reflect.construct(EventSource, [url], Object.bind(null))],
    [
      'new of the constructor of the prototype',
      ({ url }) => new (EventSource.prototype.constructor as typeof EventSource)(url),
    ],
  ])('with %s is what it is natively', async (_, make) => {
    await expectSameObject(make, path)
  })
})

describe.each(['/plain/socket', '/agent/socket'])('a WebSocket of %s', (path) => {
  it.each<[name: string, make: Make]>([
    ['a URL', ({ url }) => new WebSocket(url)],
    ['a relative URL', ({ path }) => new WebSocket(path)],
    ['a protocol', ({ url }) => new WebSocket(url, 'chat')],
    ['protocols', ({ url }) => new WebSocket(url, ['a', 'b'])],
    ['protocols of any iterable', ({ url }) => new WebSocket(url, new Set(['a', 'b']) as Unchecked)],
    ['the same protocol twice', ({ url }) => new WebSocket(url, ['a', 'a'])],
    ['an invalid protocol', ({ url }) => new WebSocket(url, 'a b')],
    ['a symbol as protocol', ({ url }) => new WebSocket(url, Symbol() as Unchecked)],
    ['null as protocol', ({ url }) => new WebSocket(url, null as Unchecked)],
    ['an empty protocol', ({ url }) => new WebSocket(url, '')],
    ['no argument', () => new (WebSocket as Unchecked)()],
    ['undefined', () => new WebSocket(undefined as Unchecked)],
    ['a symbol', () => new WebSocket(Symbol() as Unchecked)],
    ['an invalid URL', () => new WebSocket('ws://')],
    ['another scheme', () => new WebSocket('ftp://127.0.0.1/')],
    ['a hash', ({ url }) => new WebSocket(`${url}#hash`)],
    ['a URL whose toString throws', ({ throwing }) => new WebSocket(throwing)],
    ['no new', ({ url }) => (WebSocket as Unchecked)(url)],
    [
      'a subclass',
      ({ url }) =>
        new (class Mine extends WebSocket {
          own = 1
        })(url),
    ],
    ['Reflect.construct with another target', ({ url }) => Reflect.construct(WebSocket, [url], Object)],
    [
      'an old-style subclass',
      ({ url }) => {
        function Mine(...args: unknown[]) {
          return Reflect.construct(WebSocket, args, Mine)
        }
        Object.setPrototypeOf(Mine, WebSocket)
        Mine.prototype = Object.create(WebSocket.prototype)
        return new (Mine as Unchecked)(url)
      },
    ],
  ])('with %s is what it is natively', async (_, make) => {
    await expectSameObject(make, path, 'ws')
  })

  it('converts its arguments once and in order', async () => {
    const log = await pages.expectSame(
      ({ path }) => {
        const log: string[] = []
        const url = {
          toString() {
            log.push('url')
            return location.origin.replace('http', 'ws') + path
          },
        }
        const protocols = {
          get [Symbol.iterator]() {
            log.push('iterator')
            return function* () {
              log.push('protocol')
              yield 'a'
            }
          },
        }
        new WebSocket(url as Unchecked, protocols as Unchecked).close()
        return log
      },
      { path },
    )
    expect(log).toContain('protocol')
  })
})

describe('statics and prototypes', () => {
  it.each<[name: string, read: () => unknown]>([
    ['the states of EventSource', () => [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED]],
    ['the states of WebSocket', () => [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]],
    [
      'a state that a page wants to set',
      () => {
        try {
          ;(WebSocket as Unchecked).OPEN = 7
        } catch (error) {
          return (error as Error).name
        }
        return WebSocket.OPEN
      },
    ],
    [
      'the constructor that each inherits from',
      () => [EventSource, WebSocket].map((made) => Object.getPrototypeOf(made) === EventTarget),
    ],
    ['names and lengths', () => [EventSource, WebSocket].map(({ name, length }) => [name, length])],
    [
      'the prototype of WebSocket',
      () => [Object.isFrozen(WebSocket.prototype), Object.getOwnPropertyDescriptor(WebSocket, 'prototype')?.writable],
    ],
    [
      'the constructors that the prototypes name',
      () => [EventSource, WebSocket].map((made) => made.prototype.constructor === made),
    ],
    [
      'the descriptors of WebSocket',
      () => {
        const { prototype: _, ...others } = Object.getOwnPropertyDescriptors(WebSocket)
        return others
      },
    ],
  ])('%s: as natively', async (_, read) => {
    await pages.expectSame(read)
  })
})

describe.each(['/plain/beacon', '/agent/beacon'])('sendBeacon to %s', (url) => {
  it.each<[name: string, call: (url: string, throwing: Unchecked) => unknown]>([
    ['no argument', () => (navigator as Unchecked).sendBeacon()],
    ['a URL', (url) => navigator.sendBeacon(url)],
    ['null', (url) => navigator.sendBeacon(url, null)],
    ['text', (url) => navigator.sendBeacon(url, '{}')],
    ['a number', (url) => navigator.sendBeacon(url, 7 as Unchecked)],
    ['a symbol', (url) => navigator.sendBeacon(url, Symbol() as Unchecked)],
    ['an invalid URL', () => navigator.sendBeacon('http://', 'x')],
    ['another scheme', () => navigator.sendBeacon('data:,x', 'x')],
    ['a URL whose toString throws', (_, throwing) => navigator.sendBeacon(throwing)],
    ['a stream', (url) => navigator.sendBeacon(url, new ReadableStream())],
    ['too much', (url) => navigator.sendBeacon(url, 'x'.repeat(70_000))],
    ['further arguments', (url) => (navigator as Unchecked).sendBeacon(url, 'x', 1, 2)],
    [
      'this undefined',
      (url) => {
        const { sendBeacon } = navigator
        return sendBeacon(url)
      },
    ],
    ['this an object', (url) => navigator.sendBeacon.call({} as Unchecked, url)],
    ['new', (url) => new (navigator as Unchecked).sendBeacon(url)],
  ])('with %s does what it does natively', async (_, call) => {
    await pages.expectSame(({ outcome, call, url, throwing }) => outcome(() => call(url, throwing)), {
      outcome,
      call,
      url,
      throwing,
    })
  })
})

it('nothing of this reached the console as a message of the plugin', async () => {
  const { errors: natively } = await pages.withoutRum.twin()
  for (const { console, errors } of [pages.withoutRum, pages.withRum]) {
    expect(console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
    // Firefox tells of connections that fail, with their URL, among the errors.
    expect(errors.map((error) => error.replace(/\?session_id=[\w-]+/, ''))).toEqual(natively)
  }
})
