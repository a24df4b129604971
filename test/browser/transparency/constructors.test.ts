import { describe, expect, it } from 'vitest'
import type { Source } from '../../support/page.js'
import { useStage } from '../../support/stage.js'
import { useTwins } from '../../support/twins.js'

const stage = useStage()
const { pages, expectSame } = useTwins(stage)

/** What making the object does: what it throws, or what it is; it is closed at once. */
const made = (make: Source): Source => `outcome(() => {
  const object = ${make}
  object?.close?.()
  if (typeof object !== 'object' || object === null) return object
  return [
    object instanceof EventSource, object instanceof WebSocket, object.constructor.name,
    Object.getPrototypeOf(object) === EventSource.prototype || Object.getPrototypeOf(object) === WebSocket.prototype,
    Reflect.ownKeys(object).length, object.readyState, object.url?.split('?')[0].replace(/:\\d+/, ''), String(object),
  ]
})`

describe.each(['/plain', '/agent'])('an EventSource of %s', (base) => {
  const url = `'${base}/source'`
  it.each<[name: string, make: Source]>([
    ['a URL', `new EventSource(${url})`],
    ['an init', `new EventSource(${url}, { withCredentials: true })`],
    ['no argument', 'new EventSource()'],
    ['undefined', 'new EventSource(undefined)'],
    ['a symbol', 'new EventSource(Symbol())'],
    ['an invalid URL', "new EventSource('http://')"],
    ['a URL whose toString throws', "new EventSource({ toString() { throw new RangeError('on purpose') } })"],
    ['a number as init', `new EventSource(${url}, 7)`],
    ['null as init', `new EventSource(${url}, null)`],
    [
      'an init whose getter throws',
      `new EventSource(${url}, { get withCredentials() { throw new RangeError('on purpose') } })`,
    ],
    ['no new', `EventSource(${url})`],
    ['call on an object', `EventSource.call({}, ${url})`],
    ['a subclass', `new (class Mine extends EventSource { own = 1 })(${url})`],
    [
      'a subclass that adds arguments',
      `new (class Mine extends EventSource { constructor() { super(${url}, { withCredentials: true }) } })()`,
    ],
    ['Reflect.construct with another target', `Reflect.construct(EventSource, [${url}], Object)`],
    [
      'Reflect.construct with no prototype',
      `Reflect.construct(EventSource, [${url}], Object.assign(function () {}.bind(), {}))`,
    ],
    ['new of the constructor of the prototype', `new EventSource.prototype.constructor(${url})`],
  ])('with %s is what it is natively', async (_, make) => {
    await expectSame(made(make))
  })
})

describe.each(['/plain', '/agent'])('a WebSocket of %s', (base) => {
  const url = `location.origin.replace('http', 'ws') + '${base}/socket'`
  it.each<[name: string, make: Source]>([
    ['a URL', `new WebSocket(${url})`],
    ['a relative URL', `new WebSocket('${base}/socket')`],
    ['a protocol', `new WebSocket(${url}, 'chat')`],
    ['protocols', `new WebSocket(${url}, ['a', 'b'])`],
    ['protocols of any iterable', `new WebSocket(${url}, new Set(['a', 'b']))`],
    ['the same protocol twice', `new WebSocket(${url}, ['a', 'a'])`],
    ['an invalid protocol', `new WebSocket(${url}, 'a b')`],
    ['a symbol as protocol', `new WebSocket(${url}, Symbol())`],
    ['null as protocol', `new WebSocket(${url}, null)`],
    ['an empty protocol', `new WebSocket(${url}, '')`],
    ['no argument', 'new WebSocket()'],
    ['undefined', 'new WebSocket(undefined)'],
    ['a symbol', 'new WebSocket(Symbol())'],
    ['an invalid URL', "new WebSocket('ws://')"],
    ['another scheme', "new WebSocket('ftp://127.0.0.1/')"],
    ['a hash', `new WebSocket(${url} + '#hash')`],
    ['a URL whose toString throws', "new WebSocket({ toString() { throw new RangeError('on purpose') } })"],
    ['no new', `WebSocket(${url})`],
    ['a subclass', `new (class Mine extends WebSocket { own = 1 })(${url})`],
    ['Reflect.construct with another target', `Reflect.construct(WebSocket, [${url}], Object)`],
    [
      'an old-style subclass',
      `(() => { function Mine() { return Reflect.construct(WebSocket, arguments, Mine) } Object.setPrototypeOf(Mine, WebSocket); Mine.prototype = Object.create(WebSocket.prototype); return new Mine(${url}) })()`,
    ],
  ])('with %s is what it is natively', async (_, make) => {
    await expectSame(made(make))
  })

  it('converts its arguments once and in order', async () => {
    const log = await expectSame(`(() => {
      const log = []
      new WebSocket(
        { toString() { log.push('url'); return ${url} } },
        { get [Symbol.iterator]() { log.push('iterator'); return function* () { log.push('protocol'); yield 'a' } } },
      ).close()
      return log
    })()`)
    expect(log).toContain('protocol')
  })
})

describe('statics and prototypes', () => {
  it.each([
    '[EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED]',
    '[WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING, WebSocket.CLOSED]',
    '(() => { try { WebSocket.OPEN = 7 } catch (error) { return error.name } return WebSocket.OPEN })()',
    '[Object.getPrototypeOf(EventSource) === EventTarget, Object.getPrototypeOf(WebSocket) === EventTarget]',
    '[EventSource.name, EventSource.length, WebSocket.name, WebSocket.length]',
    "[Object.isFrozen(WebSocket.prototype), Object.getOwnPropertyDescriptor(WebSocket, 'prototype').writable]",
    '[WebSocket.prototype.constructor === WebSocket, EventSource.prototype.constructor === EventSource]',
    '(() => { const { prototype, ...rest } = Object.getOwnPropertyDescriptors(WebSocket); return rest })()',
  ])('%s is what it is natively', async (script) => {
    await expectSame(script)
  })
})

describe.each(['/plain', '/agent'])('sendBeacon to %s', (base) => {
  const url = `'${base}/beacon'`
  it.each<[name: string, call: Source]>([
    ['no argument', 'navigator.sendBeacon()'],
    ['a URL', `navigator.sendBeacon(${url})`],
    ['null', `navigator.sendBeacon(${url}, null)`],
    ['text', `navigator.sendBeacon(${url}, '{}')`],
    ['a number', `navigator.sendBeacon(${url}, 7)`],
    ['a symbol', `navigator.sendBeacon(${url}, Symbol())`],
    ['an invalid URL', "navigator.sendBeacon('http://', 'x')"],
    ['another scheme', "navigator.sendBeacon('data:,x', 'x')"],
    ['a URL whose toString throws', "navigator.sendBeacon({ toString() { throw new RangeError('on purpose') } })"],
    ['a stream', `navigator.sendBeacon(${url}, new ReadableStream())`],
    ['too much', `navigator.sendBeacon(${url}, 'x'.repeat(70_000))`],
    ['further arguments', `navigator.sendBeacon(${url}, 'x', 1, 2)`],
    ['this undefined', `(0, navigator.sendBeacon)(${url})`],
    ['this an object', `navigator.sendBeacon.call({}, ${url})`],
    ['new', `new navigator.sendBeacon(${url})`],
  ])('with %s does what it does natively', async (_, call) => {
    await expectSame(`outcome(() => ${call})`)
  })
})

it('nothing of this reached the console as a message of the plugin', () => {
  for (const name of ['plugin alone', 'RUM with the plugin'] as const) {
    expect(pages[name].console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
    // Firefox tells of connections that fail, with their URL, among the errors.
    const errors = pages[name].errors.map((error) => error.replace(/\?session_id=[\w-]+/, ''))
    expect(errors).toEqual(pages.native.errors)
  }
})
