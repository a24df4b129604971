// node:http, or node:https where a certificate is given.
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { rumSessionOf } from 'rum-llm-correlation/server'
import { answer, answerInParts, answerTo, llmobs } from './agent.mjs'
import { listening, messageOf } from './listening.mjs'

/** Each way to read a body. */
const READERS = {
  events(request, use) {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => use(Buffer.concat(chunks)))
  },
  async iteration(request, use) {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    await use(Buffer.concat(chunks))
  },
  async pipe(request, use) {
    await use(Buffer.concat(await request.pipe(new PassThrough()).toArray()))
  },
  async array(request, use) {
    await use(Buffer.concat(await request.toArray()))
  },
}

const { TLS_CERT: cert, TLS_KEY: key } = process.env

async function handle(request, response) {
  const message = messageOf(request)
  const { pathname } = new URL(request.url, 'http://server')
  if (pathname === '/stream') {
    await pipeline(answerInParts(message), response)
  } else if (pathname === '/explicit') {
    response.end(await answer(message, 'explicit-session'))
  } else if (pathname === '/body') {
    const { sessionId, tags } = rumSessionOf(request, Buffer.concat(await request.toArray()).toString())
    response.end(await llmobs.annotationContext({ tags }, () => answer(message, sessionId)))
  } else if (pathname.startsWith('/read/')) {
    READERS[pathname.slice('/read/'.length)](request, async (body) => response.end(await answerTo(message, body)))
  } else {
    response.end(await answer(message))
  }
}

const server = cert ? createSecureServer({ cert, key }, handle) : createServer(handle)
server.listen(0, '127.0.0.1', () => listening(server.address().port, cert ? 'https' : 'http'))
