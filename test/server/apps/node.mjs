// node:http, or node:https where a certificate is given.
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { rumSessionOf } from 'rum-llm-correlation/server'
import { answer, answerInParts, llmobs } from './agent.mjs'
import { listening, messageOf } from './listening.mjs'

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
  } else {
    response.end(await answer(message))
  }
}

const server = cert ? createSecureServer({ cert, key }, handle) : createServer(handle)
server.listen(0, '127.0.0.1', () => listening(server.address().port, cert ? 'https' : 'http'))
