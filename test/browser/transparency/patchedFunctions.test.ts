/** @module-tag quick */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { openWithAndWithoutRum, type WithAndWithoutRum } from '../../support/withAndWithoutRum.js'

let pages: WithAndWithoutRum
beforeAll(async () => {
  pages = await openWithAndWithoutRum(['/agent'])
})
afterAll(() => pages?.close())

/** In the page: objects that have functions which the plugin patches, or which it might have to. */
const OWNERS = {
  window: () => window,
  navigator: () => navigator,
  'Navigator.prototype': () => Navigator.prototype,
  XMLHttpRequest: () => XMLHttpRequest,
  'XMLHttpRequest.prototype': () => XMLHttpRequest.prototype,
  EventSource: () => EventSource,
  'EventSource.prototype': () => EventSource.prototype,
  WebSocket: () => WebSocket,
  'WebSocket.prototype': () => WebSocket.prototype,
} satisfies Record<string, () => object>
type OwnerName = keyof typeof OWNERS

/** In the page: all that a property tells, as data. */
function describeProperty({ ownerOf, name }: { ownerOf: () => object; name: string }) {
  const describeFunction = (value: unknown) => {
    if (typeof value !== 'function') {
      return typeof value
    }
    const descriptors: Record<string | symbol, PropertyDescriptor> = Object.getOwnPropertyDescriptors(value)
    const members = Reflect.ownKeys(descriptors)
      .filter((key) => key !== 'prototype')
      .map((key) => {
        const { value: member, ...flags } = descriptors[key] as PropertyDescriptor
        return [String(key), [typeof member === 'function' ? 'function' : member, flags]]
      })
    return Object.fromEntries(members)
  }
  const descriptor = Object.getOwnPropertyDescriptor(ownerOf(), name)
  if (descriptor === undefined) {
    return undefined
  }
  const { value, get, set, ...flags } = descriptor
  return {
    flags,
    value: describeFunction(value),
    get: describeFunction(get),
    set: describeFunction(set),
    hasPrototype: typeof value === 'function' && Object.hasOwn(value, 'prototype'),
  }
}

describe('patched functions', () => {
  it.each<[owner: OwnerName, name: string]>([
    ['window', 'fetch'],
    ['window', 'XMLHttpRequest'],
    ['window', 'Request'],
    ['window', 'Headers'],
    ['window', 'Response'],
    ['window', 'EventSource'],
    ['window', 'WebSocket'],
    ['Navigator.prototype', 'sendBeacon'],
    ['XMLHttpRequest.prototype', 'open'],
    ['XMLHttpRequest.prototype', 'send'],
    ['XMLHttpRequest.prototype', 'setRequestHeader'],
    ['XMLHttpRequest.prototype', 'abort'],
    ['XMLHttpRequest.prototype', 'constructor'],
    ['EventSource.prototype', 'constructor'],
    ['WebSocket.prototype', 'constructor'],
    ['WebSocket.prototype', 'send'],
  ])('%s.%s has the name, length, statics and descriptors of the native one', async (owner, name) => {
    const natively = await pages.expectSame(describeProperty, { ownerOf: OWNERS[owner], name })
    expect(natively).toBeDefined()
  })

  it.each<OwnerName>([
    'window',
    'navigator',
    'XMLHttpRequest.prototype',
    'Navigator.prototype',
    'EventSource',
    'WebSocket',
    'XMLHttpRequest',
  ])('%s has the own properties, in the order, that it has natively', async (owner) => {
    const keysOf = ({ ownerOf }: { ownerOf: () => object }) =>
      Reflect.ownKeys(ownerOf())
        .map(String)
        // What the scripts of the plugin and of the test are known by.
        .filter((key) => !/^(DD_|plugin$|Symbol\(rum-llm-correlation)/.test(key))
    const args = { ownerOf: OWNERS[owner] }
    const natively = await (await pages.withoutRum.twin()).run(keysOf, args)
    const patched = await pages.withoutRum.run(keysOf, args)
    // Firefox makes the members of its window as they are asked for.
    const isOrdered = ENGINE !== 'firefox' || owner !== 'window'
    expect(isOrdered ? patched : patched.sort()).toEqual(isOrdered ? natively : natively.sort())
  })

  it.each(['XMLHttpRequest', 'EventSource', 'WebSocket'] as const)(
    '%s is the constructor that its prototype names',
    async (name) => {
      const read = ({ constructorOf }: { constructorOf: () => { prototype: object } }) => {
        const made = constructorOf()
        return [made.prototype.constructor === made, typeof made, String(made.prototype)]
      }
      const natively = await pages.expectSame(read, { constructorOf: OWNERS[name] })
      expect(natively).toEqual([true, 'function', `[object ${name}]`])
    },
  )
})

it('nothing of this reached the console as an error of the plugin', async () => {
  const { errors: natively } = await pages.withoutRum.twin()
  for (const { console, errors } of [pages.withoutRum, pages.withRum]) {
    expect(console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
    expect(errors).toEqual(natively)
  }
})
