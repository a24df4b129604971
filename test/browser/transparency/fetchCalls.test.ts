/** @module-tag quick */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import { openPage } from '../../support/openPage.js'
import { outcome, throwing } from '../../support/outcome.js'
import { openWithAndWithoutRum, type WithAndWithoutRum } from '../../support/withAndWithoutRum.js'
import { FETCH_CALLS } from './fetchArguments.js'

let pages: WithAndWithoutRum
beforeAll(async () => {
  pages = await openWithAndWithoutRum(['/agent'])
})
afterAll(() => pages?.close())

describe.each(['/plain/transparent', '/agent/transparent'])('fetch of %s', (url) => {
  it.each(FETCH_CALLS)('with %s does what it does natively', async (name, call) => {
    if (name === 'an object without toString') {
      skipIn('firefox', "an exception's text names the expression in the code that called")
    }
    if (name === 'a stream without duplex') {
      skipIn('webkit', NO_STREAMS)
    }
    await pages.expectSame(({ outcome, call, url, throwing }) => outcome(() => call({ url, throwing })), {
      outcome,
      call,
      url,
      throwing,
    })
  })

  it.each<[name: string, call: (url: string, signal: AbortSignal) => Promise<unknown>]>([
    ['a Request', (url, signal) => fetch(new Request(url, { signal, method: 'POST', body: '{}' }))],
    [
      'a Blob',
      (url, signal) => fetch(url, { signal, method: 'POST', body: new Blob(['{}'], { type: 'application/json' }) }),
    ],
  ])('whose body has to be read rejects with the reason as soon as it is aborted: %s', async (_, call) => {
    skipIn(
      'webkit',
      'an aborted fetch rejects with an AbortError of its own; while the plugin reads a body, with the reason',
    )
    const natively = await pages.expectSame(
      async ({ call, url }) => {
        const controller = new AbortController()
        const promise = call(url, controller.signal)
        const reason = new RangeError('now')
        controller.abort(reason)
        let isLate = false
        setTimeout(() => {
          isLate = true
        })
        return promise.then(
          () => 'resolved',
          (error) => [error === reason, isLate],
        )
      },
      { call, url },
    )
    expect(natively).toEqual([true, false])
  })

  it('marks the body of a Request as used at once', async () => {
    const natively = await pages.expectSame(
      async ({ url }) => {
        const results: unknown[] = []
        for (const type of ['application/json', 'text/csv', undefined]) {
          const headers = type === undefined ? {} : { 'content-type': type }
          for (const body of ['{"a":1}', new Uint8Array(3), undefined]) {
            const request = new Request(url, { method: 'POST', headers, body } as RequestInit)
            const promise = fetch(request)
            results.push(request.bodyUsed)
            await promise
            const again = await fetch(request).then(
              () => 'sent again',
              (error) => error.name,
            )
            results.push(request.bodyUsed, again)
          }
        }
        return results
      },
      { url },
    )
    expect(natively).toContain(true)
    expect(natively).toContain('sent again')
  })

  it('leaves the Request whose body an init replaces as it natively is', async () => {
    await pages.expectSame(
      async ({ url }) => {
        const request = new Request(url, { method: 'POST', body: '{"a":1}' })
        const promise = fetch(request, { body: '{"b":1}' })
        const atOnce = request.bodyUsed
        await promise
        return [atOnce, request.bodyUsed]
      },
      { url },
    )
  })

  it('converts its arguments as often as natively, and in that order', async () => {
    const natively = await pages.expectSame(
      async ({ url }) => {
        const log: string[] = []
        const input = {
          toString() {
            log.push('input')
            return url
          },
        }
        await fetch(input as string)
        return log
      },
      { url },
    )
    expect(natively).toEqual(['input'])
  })

  it('gives a native Response, unread and not cloned', async () => {
    const natively = await pages.expectSame(
      async ({ url }) => {
        let clones = 0
        const native = Response.prototype.clone
        Response.prototype.clone = function () {
          clones++
          return native.call(this)
        }
        const response = await fetch(url, { method: 'POST', body: '{}' })
        Response.prototype.clone = native
        return {
          clones,
          isUsed: response.bodyUsed,
          isLocked: response.body?.locked,
          ownKeys: Reflect.ownKeys(response),
          isNative: Object.getPrototypeOf(response) === Response.prototype,
          path: new URL(response.url).pathname,
          text: await response.text(),
        }
      },
      { url },
    )
    expect(natively).toEqual({
      clones: expect.any(Number),
      isUsed: false,
      isLocked: false,
      ownKeys: [],
      isNative: true,
      path: url,
      text: '{"ok":true}',
    })
  })
})

describe('fetch of a URL that no entry takes', () => {
  it('reads of an init what fetch itself reads, in that order', async () => {
    const log = await pages.expectSame(async () => {
      const log: string[] = []
      const note = (...words: unknown[]) => log.push(words.map(String).join(' '))
      const spy = <T extends object>(name: string, target: T) =>
        new Proxy(target, {
          get(_, key) {
            note(name, 'get', key)
            return Reflect.get(target, key)
          },
          has(_, key) {
            note(name, 'has', key)
            return Reflect.has(target, key)
          },
          ownKeys() {
            note(name, 'ownKeys')
            return Reflect.ownKeys(target)
          },
          getOwnPropertyDescriptor(_, key) {
            note(name, 'describe', key)
            return Reflect.getOwnPropertyDescriptor(target, key)
          },
          getPrototypeOf() {
            note(name, 'prototype')
            return Reflect.getPrototypeOf(target)
          },
        })
      await fetch('/plain/spied', spy('init', { method: 'POST', headers: spy('headers', { a: 'b' }), body: '{}' }))
      return log
    })
    expect(log).toContain('init get method')
  })

  it.each<[name: string, argsOf: () => unknown[]]>([
    ['a string', () => ['/plain/x']],
    ['a URL', () => [new URL('/plain/x', location.href)]],
    ['a Request', () => [new Request('/plain/x')]],
    ['an init', () => ['/plain/x', Object.freeze({ method: 'POST', headers: Object.freeze({}) })]],
    ['a Request and an init', () => [new Request('/plain/x', { method: 'POST', body: '{}' }), { headers: [] }]],
    ['too many', () => ['/plain/x', {}, 1, 2]],
    ['nothing', () => []],
    ['nonsense', () => [{}, 7]],
  ])('passes on arguments, `this` and promise as they are: %s', async (_, argsOf) => {
    const page = await openPage({
      sdk: 'stub',
      plugin: ['/agent'],
      before: () => {
        window.noted = []
        const promise = Promise.resolve(new Response())
        Object.assign(window, {
          promise,
          fetch: function (this: unknown, ...args: unknown[]) {
            window.noted.push({ self: this, args })
            return promise
          },
        })
      },
    })
    const same = await page.run(
      ({ argsOf }) => {
        const args = argsOf() as [string]
        const object = { fetch }
        const promises = [
          fetch(...args),
          object.fetch(...args),
          fetch.call(undefined as never, ...args),
          fetch.apply(window, args),
        ]
        // A sloppy function, as the innermost one here is, sees the window if `this` is undefined.
        const selves = [window, object, window, window]
        const calls = noted as Array<{ self: unknown; args: unknown[] }>
        return calls.flatMap((call, index) => [
          promises[index] === Reflect.get(window, 'promise'),
          call.self === selves[index],
          call.args.length === args.length,
          args.every((argument, at) => call.args[at] === argument),
        ])
      },
      { argsOf },
    )
    expect(same).toEqual(Array(16).fill(true))
    await page.close()
  })
})

it('nothing of this reached the console as an error of the plugin', async () => {
  const { errors: natively } = await pages.withoutRum.twin()
  for (const { console, errors } of [pages.withoutRum, pages.withRum]) {
    expect(console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
    // Firefox tells of what it refuses, with its URL, among the errors.
    expect(errors.map((error) => error.replace(/\?session_id=[\w-]+/, ''))).toEqual(natively)
  }
})
