// @vitest-environment node
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { listen } from '../../../demo/listen.mjs'
import { register } from '../../../src/server/register.js'
import { chunkOf, sendRaw } from '../../support/rawRequest.js'

const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const TAG = `_dd.p.llmobs_sid=${ID}`
const JSON_TYPE = 'Content-Type: application/json'

const closing: Array<() => void> = []
afterEach(() => {
  for (const close of closing.splice(0)) {
    close()
  }
})

/** Each way in which handlers read bodies. */
const WAYS: Record<string, (request: IncomingMessage) => Promise<Buffer>> = {
  'data events': (request) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk) => chunks.push(chunk))
      request.on('end', () => resolve(Buffer.concat(chunks)))
      request.on('error', reject)
    }),
  'readable events': (request) =>
    new Promise((resolve, reject) => {
      const chunks: Buffer[] = []
      request.on('readable', () => {
        for (let chunk = request.read(); chunk !== null; chunk = request.read()) {
          chunks.push(chunk)
        }
      })
      request.on('end', () => resolve(Buffer.concat(chunks)))
      request.on('error', reject)
    }),
  'async iteration': async (request) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) {
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  },
  pipe: async (request) => Buffer.concat(await request.pipe(new PassThrough()).toArray()),
  pipeline: async (request) => {
    const through = new PassThrough()
    const [chunks] = await Promise.all([through.toArray(), pipeline(request, through)])
    return Buffer.concat(chunks)
  },
  toArray: async (request) => Buffer.concat(await request.toArray()),
  'a web stream': async (request) =>
    Buffer.from(await new Response(Readable.toWeb(request) as ReadableStream).arrayBuffer()),
  'a pause before it': async (request) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return Buffer.concat(await request.toArray())
  },
}

const sha = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex')
const member = `"session_id":"${ID}"`
const padding = (length: number) => `"text":"${'lorem ipsum '.repeat(length / 12)}"`

const BODIES: Record<string, string> = {
  'a short body': `{${member},"a":1}`,
  'a short body, at the end': `{"a":1,${member}}`,
  '15 kB, at the end': `{${padding(15_000)},${member}}`,
  '20 kB, at the start': `{${member},${padding(20_000)}}`,
  '100 kB, at the start': `{${member},${padding(100_000)}}`,
  '5 MB, at the start': `{${member},${padding(5_000_000)}}`,
}

const SENT: Record<string, (body: string) => { head: string[]; parts: Array<string | Buffer>; pause?: number }> = {
  'in one go': (body) => ({ head: [`Content-Length: ${body.length}`], parts: [body] }),
  'in two parts': (body) => ({
    head: [`Content-Length: ${body.length}`],
    parts: [body.slice(0, 20), body.slice(20)],
    pause: 20,
  }),
  'chunked, in one go': (body) => ({
    head: ['Transfer-Encoding: chunked'],
    parts: [Buffer.concat([...slices(body).map(chunkOf), chunkOf('')])],
  }),
  'chunked, in parts': (body) => ({
    head: ['Transfer-Encoding: chunked'],
    parts: [...slices(body).map(chunkOf), chunkOf('')],
    pause: 1,
  }),
}

function slices(body: string) {
  const length = Math.ceil(body.length / 7)
  return Array.from({ length: 7 }, (_, index) => body.slice(index * length, (index + 1) * length)).filter(Boolean)
}

const table = Object.keys(WAYS).flatMap((way) =>
  Object.keys(BODIES).flatMap((body) => Object.keys(SENT).map((sent) => [way, body, sent] as const)),
)

async function serving(
  handler: (request: IncomingMessage) => Promise<unknown>,
): Promise<{ server: Server; url: string }> {
  const server = createServer(async (request, response) => response.end(JSON.stringify(await handler(request))))
  closing.push(register(), () => server.close())
  return { server, url: await listen(server, 0) }
}

const answerOf = (raw: string) => JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4))

describe('a handler gets the session, and the stream untouched', () => {
  it.each(table)('read by %s: %s, %s', async (way, bodyName, sent) => {
    const body = BODIES[bodyName] as string
    const { url } = await serving(async (request) => {
      const { 'x-datadog-tags': tags } = request.headers
      const untouched = {
        tags,
        didRead: request.readableDidRead,
        flowing: request.readableFlowing,
        listeners: request.eventNames().filter((name) => name !== 'end'),
        keys: Object.keys(request).includes('push'),
      }
      return { ...untouched, sha: sha(await (WAYS[way] as (typeof WAYS)[string])(request)) }
    })
    const { head, ...rest } = (SENT[sent] as (typeof SENT)[string])(body)
    expect(answerOf(await sendRaw(url, { head: ['POST / HTTP/1.1', JSON_TYPE, ...head], ...rest }))).toEqual({
      tags: TAG,
      didRead: false,
      flowing: null,
      listeners: [],
      keys: false,
      sha: sha(body),
    })
  })
})
