import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chunkOf, sendRaw } from '../support/rawRequest.js'
import { Datadog, type RunningServer, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const TEXTS = { 'a short text': 'hello', '20 kB': 'lorem ipsum '.repeat(1700), '5 MB': 'lorem ipsum '.repeat(440_000) }

/** A body with a session and a text, of each type. */
const TYPES: Record<string, { type: string; write: (sessionId: string, text: string) => string }> = {
  JSON: { type: 'application/json', write: (id, text) => JSON.stringify({ session_id: id, text }) },
  'a form': { type: 'application/x-www-form-urlencoded', write: (id, text) => `session_id=${id}&text=${text}` },
}

interface Sent {
  head: string[]
  parts: Array<string | Buffer>
  pause?: number
}
const SENT: Record<string, (body: string) => Sent> = {
  'with its length': (body) => ({ head: [`Content-Length: ${body.length}`], parts: [body] }),
  'in chunks': (body) => ({
    head: ['Transfer-Encoding: chunked'],
    parts: [Buffer.concat([...halves(body).map(chunkOf), chunkOf('')])],
  }),
  slowly: (body) => ({ head: [`Content-Length: ${body.length}`], parts: halves(body), pause: 60 }),
}

function halves(body: string) {
  return [body.slice(0, 30), body.slice(30, 60), body.slice(60)].filter(Boolean)
}

const FRAMEWORKS: Array<[framework: string, paths: string[]]> = [
  ['node', ['events', 'iteration', 'pipe', 'array']],
  ['express', ['parsed']],
  ['fastify', ['parsed']],
  ['koa', ['parsed']],
  ['hono', ['parsed', 'raw']],
  ['nest', ['parsed']],
]

describe.each(FRAMEWORKS)('a handler on %s, which knows of no session', (framework, paths) => {
  let server: RunningServer
  beforeAll(async () => {
    const imports = ['--import', 'rum-llm-correlation/register', '--import', 'dd-trace/initialize.mjs']
    server = await datadog.startServer([...imports, `test/server/apps/${framework}.mjs`])
  })
  afterAll(() => server?.close())

  const asked = paths.flatMap((path) =>
    Object.keys(TEXTS).flatMap((text) =>
      Object.keys(TYPES).flatMap((type) => Object.keys(SENT).map((sent) => [path, text, type, sent] as const)),
    ),
  )
  it.each(asked)('reads %s: %s as %s, sent %s, and its spans have the session', async (path, size, kind, how) => {
    const [sessionId, message] = [randomUUID(), randomUUID()]
    const { type, write } = TYPES[kind] as (typeof TYPES)[string]
    const text = TEXTS[size as keyof typeof TEXTS]
    const body = write(sessionId, text)
    const { head, ...rest } = (SENT[how] as (typeof SENT)[string])(body)
    const lines = [`POST /read/${path} HTTP/1.1`, `Content-Type: ${type}`, `x-message: ${message}`]
    const answer = await sendRaw(server.url, { head: [...lines, ...head], ...rest })
    expect(answer).toContain(sha256(path === 'parsed' ? text : body))
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
  })

  it('never has the session of another request of the same time', async () => {
    const calls = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const sessionId = randomUUID()
        const { message } = await server.call(`/read/${paths[0]}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: 'x'.repeat(index * 100), session_id: sessionId }),
        })
        return { sessionId, message }
      }),
    )
    for (const { sessionId, message } of calls) {
      expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
    }
  })

  it('has no session of a body without one', async () => {
    const { message } = await server.call(`/read/${paths[0]}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'no session', other: { session_id: randomUUID() } }),
    })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([undefined, undefined, undefined])
  })
})
