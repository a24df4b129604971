// @vitest-environment node
import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, type IncomingMessage, Server, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listen } from '../../../demo/listen.mjs'
import { register } from '../../../src/server/register.js'
import { chunkOf, connectTo, headOf, sendRaw } from '../../support/rawRequest.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const OTHER = '11111111-2222-4333-8444-555555555555'
const TAG = `_dd.p.llmobs_sid=${ID}`
const BODY = JSON.stringify({ session_id: ID, message: 'hello' })
const JSON_POST = ['POST / HTTP/1.1', 'Content-Type: application/json']

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) {
    close()
  }
  vi.restoreAllMocks()
})

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function serving(handler: Handler, options?: Parameters<typeof register>[0]) {
  const server = createServer(handler)
  closing.push(register(options), () => {
    server.close()
    server.closeAllConnections()
  })
  return { server, url: await listen(server, 0) }
}

/** Whether a request waits for its body: one whose body does not come is handled at once, or within a second. */
async function waits(head: string[], options?: Parameters<typeof register>[0]): Promise<boolean> {
  const handled = vi.fn<Handler>((_request, response) => response.end())
  const { url } = await serving(handled, options)
  const socket = await connectTo(url)
  socket.write(headOf(head))
  await delay(60)
  const isWaiting = handled.mock.calls.length === 0
  socket.destroy()
  return isWaiting
}

/** The session that the tracer is handed for a body. */
async function handedOver(body: string | Buffer, head = JSON_POST, options?: Parameters<typeof register>[0]) {
  let tags: unknown
  const { url } = await serving((request, response) => {
    tags = request.headers['x-datadog-tags']
    request.resume().on('end', () => response.end())
  }, options)
  const bytes = Buffer.from(body as string)
  await sendRaw(url, { head: [...head, `Content-Length: ${bytes.length}`], parts: [bytes] })
  return tags
}

describe('a request waits for its body', () => {
  const LENGTH = 'Content-Length: 100'
  it.each<[boolean, string, string[]]>([
    [true, 'POST of JSON', [...JSON_POST, LENGTH]],
    [true, 'PUT', ['PUT / HTTP/1.1', 'Content-Type: application/json', LENGTH]],
    [true, 'PATCH', ['PATCH / HTTP/1.1', 'Content-Type: application/json', LENGTH]],
    [true, 'chunked', [...JSON_POST, 'Transfer-Encoding: chunked']],
    [true, 'JSON with parameters', ['POST / HTTP/1.1', 'Content-Type: Application/JSON ; charset=utf-8', LENGTH]],
    [true, 'a type of JSON', ['POST / HTTP/1.1', 'Content-Type: application/vnd.api+json', LENGTH]],
    [true, 'text', ['POST / HTTP/1.1', 'Content-Type: text/plain;charset=UTF-8', LENGTH]],
    [true, 'a form', ['POST / HTTP/1.1', 'Content-Type: application/x-www-form-urlencoded', LENGTH]],
    [true, 'an encoding that is none', [...JSON_POST, LENGTH, 'Content-Encoding: Identity']],
    [true, 'baggage without a session', [...JSON_POST, LENGTH, 'baggage: a=1,session.id=none']],
    [true, 'a trace without a session', [...JSON_POST, LENGTH, 'x-datadog-trace-id: 5', 'x-datadog-parent-id: 1']],
    [false, 'GET', ['GET / HTTP/1.1', 'Content-Type: application/json', LENGTH]],
    [false, 'DELETE', ['DELETE / HTTP/1.1', 'Content-Type: application/json', LENGTH]],
    [false, 'no body', [...JSON_POST, 'Content-Length: 0']],
    [false, 'a body too short for an id', [...JSON_POST, 'Content-Length: 20']],
    [false, 'neither a length nor chunks', JSON_POST],
    [false, 'no type', ['POST / HTTP/1.1', LENGTH]],
    [false, 'HTML', ['POST / HTTP/1.1', 'Content-Type: text/html', LENGTH]],
    [false, 'lines of JSON', ['POST / HTTP/1.1', 'Content-Type: application/jsonl', LENGTH]],
    [false, 'a multipart form', ['POST / HTTP/1.1', 'Content-Type: multipart/form-data; boundary=b', LENGTH]],
    [false, 'compressed', [...JSON_POST, LENGTH, 'Content-Encoding: gzip']],
    [false, 'a session in baggage', [...JSON_POST, LENGTH, `baggage: session.id=${ID}`]],
    [false, 'a session in the query', [`POST /?session_id=${ID} HTTP/1.1`, 'Content-Type: application/json', LENGTH]],
    [
      false,
      'a session in trace tags',
      [...JSON_POST, LENGTH, 'x-datadog-trace-id: 5', 'x-datadog-parent-id: 1', `x-datadog-tags: ${TAG}`],
    ],
  ])('%s: %s', async (expected, _name, head) => {
    expect(await waits(head)).toBe(expected)
  })

  it.each<[boolean, string, unknown]>([
    [true, '/', undefined],
    [true, '/', true],
    [true, '/', null],
    [false, '/', false],
    [false, '/', []],
    [true, '/chat', ['/chat']],
    [true, '/chat/stream?a=1', ['/other', '/chat']],
    [true, 'http://server/chat', ['/chat']],
    [true, '/chat/stream', ['/chat/']],
    [true, '/anything', ['/']],
    [true, '/chat', ['chat']],
    [false, '/chatty', ['/chat']],
    [false, '/a/chat', ['/chat']],
    [false, '/?/chat', ['/chat']],
    [false, '/chat', ['', 5]],
  ])('%s: of %s, where the option is %j', async (expected, path, body) => {
    const head = [`POST ${path} HTTP/1.1`, 'Content-Type: application/json', LENGTH]
    expect(await waits(head, { body } as Parameters<typeof register>[0])).toBe(expected)
  })

  it('where one of several calls asks for it', async () => {
    const paths = [`POST /b HTTP/1.1`, 'Content-Type: application/json', LENGTH]
    closing.push(register({ body: ['/a'] }))
    expect(await waits(paths, { body: false })).toBe(false)
    expect(await waits(paths, { body: ['/b'] })).toBe(true)
    expect(await waits(paths, {})).toBe(true)
  })
})

describe('the session', () => {
  it.each<[string, string, string[]?, Parameters<typeof register>[0]?]>([
    ['of JSON', BODY],
    ['of text that is a JSON object', ` ${BODY}`, ['POST / HTTP/1.1', 'Content-Type: text/plain']],
    ['of a form', `a=1&session_id=${ID}`, ['POST / HTTP/1.1', 'Content-Type: application/x-www-form-urlencoded']],
    ['of a path', `{"metadata":{"sid":"${ID}"}}`, JSON_POST, { field: 'metadata.sid' }],
    [
      'of the last part of a path in a form',
      `sid=${ID}`,
      ['POST / HTTP/1.1', 'Content-Type: application/x-www-form-urlencoded'],
      { field: 'metadata.sid' },
    ],
    ['at the end of 16 kB', `{"a":"${'x'.repeat(16_000)}","session_id":"${ID}"}`],
  ])('%s is handed over', async (_name, body, head, options) => {
    expect(await handedOver(body, head, options)).toBe(TAG)
  })

  it('of a field of any of several calls is handed over', async () => {
    closing.push(register({ field: 'a.b' }))
    expect(await handedOver(`{"sid":"${ID}"}`, JSON_POST, { field: 'sid' })).toBe(TAG)
    expect(await handedOver(`{"a":{"b":"${ID}"}}`, JSON_POST, { field: 'sid' })).toBe(TAG)
    expect(await handedOver(BODY, JSON_POST, { field: 'sid' })).toBeUndefined()
  })

  it.each<[string, string | Buffer, string[]?]>([
    ['of text that is none', `session_id=${ID}`, ['POST / HTTP/1.1', 'Content-Type: text/plain']],
    ['of a JSON array', `[${BODY}]`],
    ['behind an error', `{"a":,"session_id":"${ID}"}`],
    ['behind 65,536 bytes', `{"a":"${'x'.repeat(65_536)}","session_id":"${ID}"}`],
    ['that is none', '{"session_id":"a conversation of the chat application"}'],
    ['of JSON in UTF-16', Buffer.from(BODY, 'utf16le')],
    ['of bytes that are compressed, and do not say so', Buffer.from('1f8b08000000000000039d'.repeat(9), 'hex')],
  ])('%s counts for nothing', async (_name, body, head) => {
    expect(await handedOver(body, head)).toBeUndefined()
  })

  it('goes into baggage, too, and leaves what stands there', async () => {
    let baggage: unknown
    const { url } = await serving((request, response) => {
      baggage = request.headers.baggage
      response.end()
    })
    await sendRaw(url, {
      head: [...JSON_POST, `Content-Length: ${BODY.length}`, 'baggage: a=1;p , session.id=chat;q,b=%20'],
      parts: [BODY],
    })
    expect(baggage).toBe(`a=1;p ,b=%20,session.id=${ID}`)
  })

  it('has the answer say its trace', async () => {
    let headers: IncomingMessage['headers'] = {}
    const { url } = await serving(
      (request, response) => {
        headers = request.headers
        response.end()
      },
      { serverTiming: true },
    )
    const answer = await sendRaw(url, { head: [...JSON_POST, `Content-Length: ${BODY.length}`], parts: [BODY] })
    expect(answer).toContain(`Server-Timing: dd-llm-trace;desc="${headers['x-datadog-trace-id']}"`)
  })

  it('of 50 requests at once is never that of another', async () => {
    const { url } = await serving(async (request, response) => {
      const { session_id } = JSON.parse(Buffer.concat(await request.toArray()).toString())
      response.end(`${request.headers['x-datadog-tags'] === `_dd.p.llmobs_sid=${session_id}`}`)
    })
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const body = JSON.stringify({ a: 'x'.repeat(index * 100), session_id: crypto.randomUUID() })
        const parts = [body.slice(0, index), body.slice(index)]
        return sendRaw(url, { head: [...JSON_POST, `Content-Length: ${body.length}`], parts, pause: index % 4 })
      }),
    )
    expect(answers.filter((answer) => !answer.endsWith('true'))).toEqual([])
  })
})

describe('the event goes out', () => {
  it('after a second at the latest, and the body comes whole', async () => {
    const started = performance.now()
    let handledAfter = 0
    const { url } = await serving(async (request, response) => {
      handledAfter = performance.now() - started
      response.end(Buffer.concat(await request.toArray()))
    })
    const parts = [BODY.slice(0, 20), BODY.slice(20)]
    const answer = await sendRaw(url, { head: [...JSON_POST, `Content-Length: ${BODY.length}`], parts, pause: 1200 })
    expect(answer).toContain(BODY)
    expect(handledAfter).toBeGreaterThan(900)
    expect(handledAfter).toBeLessThan(1200)
  })

  it('in the async context that it came in, with an emit of the app below and one above', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    const { server, url } = await serving((_request, response) => {
      seen.push(storage.getStore())
      response.end()
    })
    const patch = (name: string) => {
      const emit = server.emit as (...args: unknown[]) => boolean
      server.emit = (...args: unknown[]) => {
        const send = () => emit.apply(server, args)
        return args[0] === 'request' ? storage.run(`${storage.getStore() ?? ''}${name}`, send) : send()
      }
    }
    const post = () =>
      sendRaw(url, { head: [...JSON_POST, `Content-Length: ${BODY.length}`], parts: [BODY], pause: 10 })
    patch('below ')
    await post()
    patch('above ')
    await post()
    expect(seen).toEqual(['below ', 'above below '])
  })

  it('with the same arguments, through what others make of the prototype meanwhile', async () => {
    const emitted = vi.spyOn(Server.prototype, 'emit')
    const { server, url } = await serving((_request, response) => response.end())
    await sendRaw(url, { head: [...JSON_POST, `Content-Length: ${BODY.length}`], parts: [BODY], pause: 10 })
    const requests = emitted.mock.calls.filter(([name]) => String(name) === 'request')
    expect(requests).toHaveLength(1)
    expect(requests[0]).toHaveLength(3)
    expect(emitted.mock.contexts.every((context) => context === server)).toBe(true)
  })

  it('after that, no patch is left on the server', async () => {
    const { server, url } = await serving((_request, response) => response.end())
    const post = () => sendRaw(url, { head: [...JSON_POST, `Content-Length: ${BODY.length}`], parts: [BODY] })
    await post()
    expect(Object.keys(server)).not.toContain('emit')
    expect(Object.hasOwn(server, 'emit')).toBe(true)
    closing.shift()?.()
    await post()
    expect(Object.hasOwn(server, 'emit')).toBe(false)
  })

  it('at once, in the order of the requests, where a client does not wait for answers', async () => {
    const order: string[] = []
    const { url } = await serving((request, response) => {
      order.push(`${request.url} ${request.headers['x-datadog-tags'] ?? ''}`)
      response.end(`answer to ${request.url}`)
    })
    const get = (path: string, ...lines: string[]) => headOf([`GET ${path} HTTP/1.1`, ...lines])
    const body = (id: string) => JSON.stringify({ session_id: id })
    const post = (path: string, id: string) =>
      headOf([`POST ${path} HTTP/1.1`, 'Content-Type: application/json', `Content-Length: ${body(id).length}`]) +
      body(id)
    const socket = await connectTo(url)
    let answers = ''
    socket.on('data', (chunk) => {
      answers += chunk
    })
    const requests = [post('/1', ID), get('/2'), post('/3', OTHER), get('/4'), get('/5', 'Connection: close')]
    socket.write(requests.join(''))
    await new Promise((resolve) => socket.once('close', resolve))
    expect(order).toEqual([`/1 ${TAG}`, '/2 ', `/3 _dd.p.llmobs_sid=${OTHER}`, '/4 ', '/5 '])
    expect(answers.match(/answer to \/\d/g)).toEqual([1, 2, 3, 4, 5].map((number) => `answer to /${number}`))
  })

  it('for each request of a connection that is kept', async () => {
    const seen: unknown[] = []
    const { url } = await serving((request, response) => {
      seen.push(request.headers['x-datadog-tags'])
      request.resume().on('end', () => response.end())
    })
    const socket = await connectTo(url)
    for (const id of [ID, OTHER, ID]) {
      const body = JSON.stringify({ session_id: id })
      const answered = new Promise((resolve) => socket.once('data', resolve))
      socket.write(headOf([...JSON_POST, 'Transfer-Encoding: chunked']))
      await delay(5)
      socket.write(Buffer.concat([chunkOf(body.slice(0, 9)), chunkOf(body.slice(9)), chunkOf('')]))
      await answered
    }
    socket.destroy()
    expect(seen).toEqual([ID, OTHER, ID].map((id) => `_dd.p.llmobs_sid=${id}`))
  })

  it('to the errors of the app: what a handler throws reaches the process', async () => {
    const { url } = await serving(() => {
      throw new Error("the handler's own")
    })
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const thrown = new Promise<Error>((resolve) => process.once('uncaughtException', resolve))
    const socket = await connectTo(url)
    socket.write(headOf([...JSON_POST, `Content-Length: ${BODY.length}`]) + BODY)
    expect((await thrown).message).toBe("the handler's own")
    for (const listener of others) {
      process.on('uncaughtException', listener)
    }
    socket.destroy()
  })
})

describe('a client that expects 100 Continue', () => {
  const EXPECTING = [...JSON_POST, `Content-Length: ${BODY.length}`, 'Expect: 100-continue', 'Connection: close']
  async function ask(url: string) {
    const socket = await connectTo(url)
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk
    })
    socket.write(headOf(EXPECTING))
    await vi.waitFor(() => expect(received).toContain('100 Continue'), { timeout: 500 })
    socket.write(BODY)
    await new Promise((resolve) => socket.once('close', resolve))
    return received
  }

  it('is told so by Node, and its session is handed over', async () => {
    const { url } = await serving(async (request, response) => {
      response.end(`${request.headers['x-datadog-tags']} ${Buffer.concat(await request.toArray())}`)
    })
    expect(await ask(url)).toContain(`${TAG} ${BODY}`)
  })

  it('is told so by the app, which then has the request handled', async () => {
    const { server, url } = await serving(async (request, response) => {
      response.end(`${request.headers['x-datadog-tags']} ${Buffer.concat(await request.toArray())}`)
    })
    server.on('checkContinue', (request, response) => {
      response.writeContinue()
      server.emit('request', request, response)
    })
    expect(await ask(url)).toContain(`${TAG} ${BODY}`)
  })

  it('is not held where the handler is to tell it', async () => {
    const { server, url } = await serving(async (request, response) => {
      response.writeContinue()
      response.end(Buffer.concat(await request.toArray()))
    })
    server.on('checkContinue', (request, response) => server.emit('request', request, response))
    expect(await ask(url)).toContain(BODY)
  })
})

describe('a client that goes away while its request is held', () => {
  it.each<[string, string]>([
    ['before the body', ''],
    ['within the body', BODY.slice(0, 30)],
  ])('is not served, and nothing is kept: %s', async (_name, part) => {
    const handled = vi.fn<Handler>()
    const { server, url } = await serving(handled)
    const requests: Array<WeakRef<object>> = []
    const onStart = (message: unknown) => requests.push(new WeakRef((message as { request: object }).request))
    subscribe('http.server.request.start', onStart)
    closing.push(() => unsubscribe('http.server.request.start', onStart))
    await abandon(url, headOf([...JSON_POST, `Content-Length: ${BODY.length}`]) + part)
    await vi.waitFor(() => expect(requests).toHaveLength(1))
    await vi.waitFor(async () => expect(await connectionsOf(server)).toBe(0))
    await vi.waitFor(() => {
      collectGarbage()
      expect(requests[0]?.deref()).toBeUndefined()
    }, 800)
    expect(handled).not.toHaveBeenCalled()
  })

  it('does no harm to the others', async () => {
    const handled = vi.fn<Handler>((request, response) => response.end(request.headers['x-datadog-tags'] as string))
    const { url } = await serving(handled)
    for (let index = 0; index < 20; index += 1) {
      const part = `{"session_id":"${OTHER.slice(0, index)}`
      await abandon(url, headOf([...JSON_POST, `Content-Length: ${BODY.length}`]) + part)
    }
    expect(await sendRaw(url, { head: [...JSON_POST, `Content-Length: ${BODY.length}`], parts: [BODY] })).toContain(TAG)
    expect(handled).toHaveBeenCalledTimes(1)
  })
})

async function abandon(url: string, text: string) {
  const socket = await connectTo(url)
  await new Promise((resolve) => socket.write(text, resolve))
  await delay(20)
  socket.destroy()
}

function connectionsOf(server: Server) {
  return new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
}

function collectGarbage() {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
