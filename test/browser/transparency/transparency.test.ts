/** @module-tag quick */
import { describe, expect, it } from 'vitest'
import { ENGINE } from '../../support/engines/engine.js'
import { NO_STREAMS, skipIn } from '../../support/engines/skipIn.js'
import type { Source } from '../../support/page.js'
import { useStage } from '../../support/stage.js'
import { PLUGIN_ALONE, useTwins } from '../../support/twins.js'

const stage = useStage()

const { pages, expectSame } = useTwins(stage)

describe('patched functions', () => {
  const DESCRIBE: Source = `
    window.describeProperty = (owner, name) => {
      const descriptor = Object.getOwnPropertyDescriptor(owner, name)
      if (descriptor === undefined) return undefined
      const { value, get, set, ...flags } = descriptor
      const properties = (f) => typeof f !== 'function' ? typeof f : Object.fromEntries(Reflect.ownKeys(f)
        .filter((key) => key !== 'prototype')
        .map((key) => [String(key), (({ value, ...rest }) => [typeof value === 'function' ? 'function' : value, rest])(Object.getOwnPropertyDescriptor(f, key))]))
      return { flags, value: properties(value), get: properties(get), set: properties(set), hasPrototype: typeof value === 'function' && Object.hasOwn(value, 'prototype') }
    }
    undefined`

  it.each([
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
    const script = `${DESCRIBE}; describeProperty(${owner}, '${name}')`
    expect(await expectSame(script)).toBeDefined()
  })

  it.each([
    'window',
    'navigator',
    'XMLHttpRequest.prototype',
    'Navigator.prototype',
    'EventSource',
    'WebSocket',
    'XMLHttpRequest',
  ])('%s has the own properties, in the order, that it has natively', async (owner) => {
    const script = `Reflect.ownKeys(${owner}).map(String).filter((key) => !/^(DD_|plugin$|outcome$|xhrOutcome$|describeProperty$|Symbol\\(rum-llm-correlation)/.test(key))`
    const native = await pages.native.evaluate<string[]>(script)
    const patched = await pages['plugin alone'].evaluate<string[]>(script)
    // Firefox makes the members of its window as they are asked for.
    const isOrdered = ENGINE !== 'firefox' || owner !== 'window'
    expect(isOrdered ? patched : patched.sort()).toEqual(isOrdered ? native : native.sort())
  })

  it.each(['XMLHttpRequest', 'EventSource', 'WebSocket'])(
    '%s is the constructor that its prototype names',
    async (name) => {
      const script = `[${name}.prototype.constructor === ${name}, typeof ${name}, String(${name}.prototype)]`
      expect(await expectSame(script)).toEqual([true, 'function', `[object ${name}]`])
    },
  )
})

describe.each(['/plain', '/agent'])('fetch of %s', (base) => {
  const url = `'${base}/transparent'`

  it.each<[name: string, call: Source]>([
    ['no argument', 'fetch()'],
    ['undefined', 'fetch(undefined)'],
    ['null', 'fetch(null)'],
    ['a number', 'fetch(7)'],
    ['a symbol', 'fetch(Symbol())'],
    ['an object', `fetch({ toString: () => ${url} })`],
    ['an object whose toString throws', "fetch({ toString() { throw new RangeError('on purpose') } })"],
    ['an object without toString', 'fetch(Object.create(null))'],
    ['an invalid URL', "fetch('http://')"],
    ['a URL with credentials', `fetch('http://user:password@' + location.host + ${url})`],
    ['a URL of an unknown scheme', "fetch('unknown:x')"],
    ['a number as init', `fetch(${url}, 7)`],
    ['a string as init', `fetch(${url}, 'POST')`],
    ['null as init', `fetch(${url}, null)`],
    ['undefined as init', `fetch(${url}, undefined)`],
    ['a function as init', `fetch(${url}, Object.assign(() => {}, { method: 'PUT' }))`],
    ['further arguments', `fetch(${url}, {}, {}, 1)`],
    ['an init whose getter throws', `fetch(${url}, { get method() { throw new RangeError('on purpose') } })`],
    [
      'an init whose body getter throws',
      `fetch(${url}, { method: 'POST', get body() { throw new RangeError('on purpose') } })`,
    ],
    ['headers whose getter throws', `fetch(${url}, { headers: { get a() { throw new RangeError('on purpose') } } })`],
    ['a GET with a body', `fetch(${url}, { body: 'x' })`],
    ['an invalid method', `fetch(${url}, { method: 'a b' })`],
    ['a forbidden method', `fetch(${url}, { method: 'CONNECT' })`],
    ['a symbol as method', `fetch(${url}, { method: Symbol() })`],
    ['an invalid header name', `fetch(${url}, { headers: { 'a b': 'c' } })`],
    ['an invalid header value', `fetch(${url}, { headers: { a: 'b\\n\\u0000c' } })`],
    ['a header value beyond Latin-1', `fetch(${url}, { headers: { a: 'ł' } })`],
    ['a tuple of one', `fetch(${url}, { headers: [['a']] })`],
    ['a number as headers', `fetch(${url}, { headers: 7 })`],
    ['null as headers', `fetch(${url}, { headers: null })`],
    ['an unknown mode', `fetch(${url}, { mode: 'x' })`],
    ['mode navigate', `fetch(${url}, { mode: 'navigate' })`],
    ['an unknown credentials value', `fetch(${url}, { credentials: 'x' })`],
    ['an unknown cache value', `fetch(${url}, { cache: 'x' })`],
    ['cache only-if-cached across origins', `fetch(${url}, { cache: 'only-if-cached' })`],
    ['an unknown redirect value', `fetch(${url}, { redirect: 'x' })`],
    ['an invalid referrer', `fetch(${url}, { referrer: 'http://' })`],
    ['an unknown referrerPolicy', `fetch(${url}, { referrerPolicy: 'x' })`],
    ['a number as signal', `fetch(${url}, { signal: 7 })`],
    ['a window', `fetch(${url}, { window })`],
    ['a wrong integrity', `fetch(${url}, { integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' })`],
    ['no-cors with a method that it forbids', `fetch(${url}, { mode: 'no-cors', method: 'PUT' })`],
    ['a symbol as body', `fetch(${url}, { method: 'POST', body: Symbol() })`],
    ['an object as body', `fetch(${url}, { method: 'POST', body: { a: 1 } })`],
    ['a stream without duplex', `fetch(${url}, { method: 'POST', body: new ReadableStream() })`],
    ['a stream over HTTP/1.1', `fetch(${url}, { method: 'POST', duplex: 'half', body: new Blob(['x']).stream() })`],
    [
      'a locked stream',
      `(() => { const body = new ReadableStream(); body.getReader(); return fetch(${url}, { method: 'POST', duplex: 'half', body }) })()`,
    ],
    [
      'a stream with keepalive',
      `fetch(${url}, { method: 'POST', duplex: 'half', keepalive: true, body: new ReadableStream() })`,
    ],
    [
      'a detached buffer',
      `(() => { const body = new ArrayBuffer(8); structuredClone(body, { transfer: [body] }); return fetch(${url}, { method: 'POST', body }) })()`,
    ],
    [
      'a keepalive body beyond the limit',
      `fetch(${url}, { method: 'POST', keepalive: true, body: 'x'.repeat(70000) })`,
    ],
    ['an aborted signal', `fetch(${url}, { signal: AbortSignal.abort() })`],
    ['a signal aborted with a reason', `fetch(${url}, { signal: AbortSignal.abort('the reason') })`],
    [
      'a signal that aborts at once',
      `(() => { const c = new AbortController(); const p = fetch(${url}, { signal: c.signal }); c.abort(new RangeError('now')); return p })()`,
    ],
    ['an aborted Request', `fetch(new Request(${url}, { signal: AbortSignal.abort(), method: 'POST', body: '{}' }))`],
    [
      'a used Request',
      `(() => { const r = new Request(${url}, { method: 'POST', body: 'x' }); r.text(); return fetch(r) })()`,
    ],
    [
      'a used JSON Request',
      `(() => { const r = new Request(${url}, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }); fetch(r).catch(() => {}); return fetch(r) })()`,
    ],
    [
      'a locked Request',
      `(() => { const r = new Request(${url}, { method: 'POST', body: 'x' }); r.body.getReader(); return fetch(r) })()`,
    ],
    [
      'a used Request with a body of its own',
      `(() => { const r = new Request(${url}, { method: 'POST', body: 'x' }); r.text(); return fetch(r, { body: '{}' }) })()`,
    ],
    ['a Request and a wrong init', `fetch(new Request(${url}), { method: 'a b' })`],
    [
      'a Request with a body made a GET',
      `fetch(new Request(${url}, { method: 'POST', body: 'x' }), { method: 'GET' })`,
    ],
    [
      'a Request as init',
      `fetch(${url}, new Request(${url}, { method: 'POST', body: 'x', headers: { a: 'b' }, duplex: 'half' }))`,
    ],
    ['a Response as input', 'fetch(new Response())'],
    ['this undefined', `fetch.call(undefined, ${url})`],
    ['this null', `fetch.call(null, ${url})`],
    ['this an object', `fetch.call({}, ${url})`],
    ['this another object that has it', `({ fetch }).fetch(${url})`],
    ['this and no argument', 'fetch.call({})'],
    ['apply without arguments', 'fetch.apply(window)'],
    ['bind', `fetch.bind(window)(${url})`],
    ['new', `new fetch(${url})`],
  ])('with %s does what it does natively', async (name, call) => {
    if (name === 'an object without toString') {
      skipIn('firefox', "an exception's text names the expression in the code that called")
    }
    if (name === 'a stream without duplex') {
      skipIn('webkit', NO_STREAMS)
    }
    await expectSame(`outcome(() => ${call})`)
  })

  it.each<[name: string, input: Source, init: Source]>([
    ['a Request', `new Request(${url}, { signal, method: 'POST', body: '{}' })`, 'undefined'],
    ['a Blob', url, "{ signal, method: 'POST', body: new Blob(['{}'], { type: 'application/json' }) }"],
  ])('whose body has to be read rejects with the reason as soon as it is aborted: %s', async (_, input, init) => {
    skipIn(
      'webkit',
      'an aborted fetch rejects with an AbortError of its own; while the plugin reads a body, with the reason',
    )
    const result = await expectSame(`(async () => {
      const controller = new AbortController()
      const { signal } = controller
      const promise = fetch(${input}, ${init})
      const reason = new RangeError('now')
      controller.abort(reason)
      let isLate = false
      setTimeout(() => { isLate = true })
      return promise.then(() => 'resolved', (error) => [error === reason, isLate])
    })()`)
    expect(result).toEqual([true, false])
  })

  it('marks the body of a Request as used at once', async () => {
    const native = await expectSame(`(async () => {
      const results = []
      for (const type of ['application/json', 'text/csv', undefined]) {
        const headers = type ? { 'content-type': type } : {}
        for (const body of ['{"a":1}', new Uint8Array(3), undefined]) {
          const request = new Request(${url}, { method: 'POST', headers, body })
          const promise = fetch(request)
          results.push(request.bodyUsed)
          await promise
          results.push(request.bodyUsed, await fetch(request).then(() => 'sent again', (error) => error.name))
        }
      }
      return results
    })()`)
    expect(native).toContain(true)
    expect(native).toContain('sent again')
  })

  it('leaves the Request whose body an init replaces as it natively is', async () => {
    await expectSame(`(async () => {
      const request = new Request(${url}, { method: 'POST', body: '{"a":1}' })
      const promise = fetch(request, { body: '{"b":1}' })
      const used = [request.bodyUsed]
      await promise
      return [...used, request.bodyUsed]
    })()`)
  })

  it('converts its arguments as often as natively, and in that order', async () => {
    const log = `(async () => {
      const log = []
      const input = { toString() { log.push('input'); return ${url} } }
      await fetch(input)
      return log
    })()`
    expect(await expectSame(log)).toEqual(['input'])
  })

  it('gives a native Response, unread and not cloned', async () => {
    expect(
      await expectSame(`(async () => {
        let clones = 0
        const native = Response.prototype.clone
        Response.prototype.clone = function () { clones++; return native.call(this) }
        const response = await fetch(${url}, { method: 'POST', body: '{}' })
        Response.prototype.clone = native
        return [clones, response.bodyUsed, response.body.locked, Reflect.ownKeys(response).length, Object.getPrototypeOf(response) === Response.prototype, response.url.split('?')[0].endsWith(${url}), await response.text()]
      })()`),
    ).toEqual([expect.any(Number), false, false, 0, true, true, '{"ok":true}'])
  })
})

describe('fetch of a URL that no entry takes', () => {
  it('reads of an init what fetch itself reads, in that order', async () => {
    const log = await expectSame(`(async () => {
      const log = []
      const spy = (name, target) => new Proxy(target, {
        get: (_, key) => { log.push(name + ' get ' + String(key)); return Reflect.get(target, key) },
        has: (_, key) => { log.push(name + ' has ' + String(key)); return Reflect.has(target, key) },
        ownKeys: () => { log.push(name + ' ownKeys'); return Reflect.ownKeys(target) },
        getOwnPropertyDescriptor: (_, key) => { log.push(name + ' describe ' + String(key)); return Reflect.getOwnPropertyDescriptor(target, key) },
        getPrototypeOf: () => { log.push(name + ' prototype'); return Reflect.getPrototypeOf(target) },
      })
      await fetch('/plain/spied', spy('init', { method: 'POST', headers: spy('headers', { a: 'b' }), body: '{}' }))
      return log
    })()`)
    expect(log).toContain('init get method')
  })

  it.each<[name: string, args: Source]>([
    ['a string', "['/plain/x']"],
    ['a URL', "[new URL('/plain/x', location)]"],
    ['a Request', "[new Request('/plain/x')]"],
    ['an init', "['/plain/x', Object.freeze({ method: 'POST', headers: Object.freeze({}) })]"],
    ['a Request and an init', "[new Request('/plain/x', { method: 'POST', body: '{}' }), { headers: [] }]"],
    ['too many', "['/plain/x', {}, 1, 2]"],
    ['nothing', '[]'],
    ['nonsense', '[{}, 7]'],
  ])('passes on arguments, `this` and promise as they are: %s', async (_, args) => {
    const page = await stage.open({
      before: `window.fetch = function () { seen.push([this, ...arguments]); return promise }
        window.seen = []; window.promise = Promise.resolve(new Response())`,
      rum: false,
      between: PLUGIN_ALONE,
    })
    const same = await page.evaluate<boolean[]>(`(() => {
      const args = ${args}
      const object = { fetch }
      const promises = [fetch(...args), object.fetch(...args), fetch.call(undefined, ...args), fetch.apply(window, args)]
      const expected = [undefined, object, undefined, window]
      return promises.flatMap((result, i) => [
        result === promise,
        // A sloppy function, as the innermost one here is, sees the window where \`this\` is undefined.
        seen[i][0] === (expected[i] ?? window),
        seen[i].length === args.length + 1,
        args.every((argument, at) => seen[i][at + 1] === argument),
      ])
    })()`)
    expect(same).toHaveLength(16)
    expect(same).not.toContain(false)
    await page.close()
  })
})

describe.each(['/plain', '/agent'])('XMLHttpRequest to %s', (base) => {
  const url = `'${base}/transparent'`

  it.each<[name: string, call: Source]>([
    ['open without arguments', 'xhr.open()'],
    ['open with a method alone', "xhr.open('GET')"],
    ['open with an invalid method', `xhr.open('a b', ${url})`],
    ['open with a forbidden method', `xhr.open('TRACE', ${url})`],
    ['open with a symbol', `xhr.open(Symbol(), ${url})`],
    ['open with an invalid URL', "xhr.open('GET', 'http://')"],
    ['open with a URL whose toString throws', "xhr.open('GET', { toString() { throw new RangeError('on purpose') } })"],
    [
      'open with a method whose toString throws',
      `xhr.open({ toString() { throw new RangeError('on purpose') } }, ${url})`,
    ],
    ['open alone', `xhr.open('GET', ${url})`],
    ['open returning nothing', `xhr.open('GET', ${url}, true)`],
    ['open twice', `xhr.open('GET', ${url}); xhr.open('POST', ${url})`],
    ['send before open', 'xhr.send()'],
    ['send', `xhr.open('GET', ${url}); xhr.send()`],
    ['send of undefined', `xhr.open('POST', ${url}); xhr.send(undefined)`],
    ['send of an object', `xhr.open('POST', ${url}); xhr.send({ a: 1 })`],
    ['send of a number', `xhr.open('POST', ${url}); xhr.send(7)`],
    ['send of a symbol', `xhr.open('POST', ${url}); xhr.send(Symbol())`],
    [
      'send of JSON',
      `xhr.open('POST', ${url}); xhr.setRequestHeader('content-type', 'application/json'); xhr.send('{}')`,
    ],
    ['send of a Blob', `xhr.open('POST', ${url}); xhr.send(new Blob(['{}'], { type: 'application/json' }))`],
    ['send with too many arguments', `xhr.open('POST', ${url}); xhr.send('{}', 1, 2)`],
    ['send twice', `xhr.open('GET', ${url}); xhr.send(); xhr.send()`],
    ['a header before open', "xhr.setRequestHeader('a', 'b')"],
    ['a header without a value', `xhr.open('GET', ${url}); xhr.setRequestHeader('a')`],
    ['an invalid header name', `xhr.open('GET', ${url}); xhr.setRequestHeader('a b', 'c')`],
    ['an invalid header value', `xhr.open('GET', ${url}); xhr.setRequestHeader('a', 'b\\n\\u0000c')`],
    ['a forbidden header', `xhr.open('GET', ${url}); xhr.setRequestHeader('cookie', 'c'); xhr.send()`],
    ['a header after send', `xhr.open('GET', ${url}); xhr.send(); xhr.setRequestHeader('a', 'b')`],
    ['a synchronous call', `xhr.open('GET', ${url}, false); xhr.send()`],
    ['a synchronous call by undefined', `xhr.open('GET', ${url}, undefined); xhr.send()`],
    ['a synchronous call by null', `xhr.open('GET', ${url}, null, null, null); xhr.send()`],
    ['a synchronous call with a response type', `xhr.open('GET', ${url}, false); xhr.responseType = 'json'`],
    ['a response type before a synchronous open', `xhr.responseType = 'json'; xhr.open('GET', ${url}, false)`],
    ['a synchronous call with a timeout', `xhr.open('GET', ${url}, false); xhr.timeout = 1`],
    ['user and password', `xhr.open('GET', ${url}, true, 'user', 'password'); xhr.send()`],
    ['null for user and password', `xhr.open('GET', ${url}, true, null, null); xhr.send()`],
    ['abort after open', `xhr.open('GET', ${url}); xhr.abort()`],
    ['abort after send', `xhr.open('POST', ${url}); xhr.send('{}'); xhr.abort()`],
    [
      'open again while one is under way',
      `xhr.open('GET', ${url}); xhr.send(); xhr.open('POST', ${url}); xhr.send('{}')`,
    ],
    [
      'send inside readystatechange',
      `xhr.addEventListener('readystatechange', () => xhr.readyState === 1 && xhr.send(), { once: true }); xhr.open('GET', ${url})`,
    ],
    ['withCredentials after send', `xhr.open('GET', ${url}); xhr.send(); xhr.withCredentials = true`],
    ['an unreachable server', "xhr.open('GET', 'http://127.0.0.1:1/agent'); xhr.send()"],
    ['open on a foreign object', `XMLHttpRequest.prototype.open.call({}, 'GET', ${url})`],
    ['send on a foreign object', 'XMLHttpRequest.prototype.send.call({})'],
    ['setRequestHeader on a foreign object', "XMLHttpRequest.prototype.setRequestHeader.call(null, 'a', 'b')"],
    ['new open', `new xhr.open('GET', ${url})`],
    [
      'a subclass',
      `(() => { class Mine extends XMLHttpRequest { send(body) { super.send(body) } }; const mine = new Mine(); mine.open('GET', ${url}); mine.send(); return mine instanceof XMLHttpRequest })()`,
    ],
  ])('%s does what it does natively', async (_, call) => {
    await expectSame(`xhrOutcome((xhr) => { ${call.startsWith('(') ? 'return ' : ''}${call} })`)
  })

  it.each([
    ["xhr.open('GET', URL); xhr.send()"],
    ["xhr.open('POST', URL); xhr.send('{}')"],
    ["xhr.open('POST', URL); xhr.send(new Blob(['x']))"],
    ["xhr.open('POST', URL, false); xhr.send('hello')"],
  ])('has the same events with the same state: %s', async (call) => {
    const log = await expectSame(`(async () => {
      const xhr = new XMLHttpRequest()
      const log = []
      const types = ['loadstart', 'progress', 'load', 'loadend', 'error', 'abort', 'timeout']
      for (const type of ['readystatechange', ...types]) {
        xhr.addEventListener(type, (event) => log.push([type, event.isTrusted, event.target === xhr, xhr.readyState, xhr.status, event.loaded]))
      }
      for (const type of types.filter((type) => type !== 'progress')) {
        xhr.upload.addEventListener(type, () => log.push(['upload', type]))
      }
      const done = new Promise((resolve) => { xhr.onloadend = resolve; setTimeout(resolve, 2000) })
      ${call.replace('URL', url)}
      await done
      return log
    })()`)
    expect(log).not.toEqual([])
  })

  it('keeps what the page set before send', async () => {
    await expectSame(`(async () => {
      const xhr = new XMLHttpRequest()
      xhr.open('GET', ${url})
      xhr.overrideMimeType('text/x-mine; charset=utf-16')
      xhr.responseType = 'blob'
      xhr.timeout = 5000
      xhr.withCredentials = true
      xhr.setRequestHeader('x-one', '1')
      const done = new Promise((resolve) => { xhr.onloadend = resolve })
      xhr.send()
      await done
      return [xhr.responseType, xhr.timeout, xhr.withCredentials, xhr.response.type, xhr.responseURL.split('?')[0]]
    })()`)
  })

  it('can be used again and again', async () => {
    await expectSame(`(async () => {
      const xhr = new XMLHttpRequest()
      const results = []
      for (const [method, body] of [['GET'], ['POST', '{"a":1}'], ['GET'], ['POST', 'hello'], ['DELETE']]) {
        xhr.open(method, ${url})
        const done = new Promise((resolve) => { xhr.onloadend = resolve })
        xhr.send(body)
        await done
        results.push([xhr.status, xhr.responseText])
      }
      return results
    })()`)
  })
})

it('nothing of this reached the console as an error of the plugin', () => {
  for (const name of ['plugin alone', 'RUM with the plugin'] as const) {
    expect(pages[name].console.filter((message) => message.includes('llmCorrelation'))).toEqual([])
    // Firefox tells of what it refuses, with its URL, among the errors.
    const errors = pages[name].errors.map((error) => error.replace(/\?session_id=[\w-]+/, ''))
    expect(errors).toEqual(pages.native.errors)
  }
})
