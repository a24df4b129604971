import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import fastify from 'fastify'
import { rumSession } from 'rum-llm-correlation/server'
import { answer, answerInParts, answerTo, llmobs } from './agent.mjs'
import { listening, messageOf } from './listening.mjs'

const app = fastify({ bodyLimit: 10_000_000 })
const withSession = rumSession(llmobs)

app.all('/answer', (request) => answer(messageOf(request)))
app.all('/explicit', (request) => answer(messageOf(request), 'explicit-session'))
app.all('/stream', (request, reply) => reply.send(Readable.from(answerInParts(messageOf(request)))))
app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, text, done) =>
  done(null, Object.fromEntries(new URLSearchParams(text))),
)
app.post('/read/parsed', (request) => answerTo(messageOf(request), request.body.text))
app.register(async (scope) => {
  scope.addHook('preHandler', (request, reply, done) => withSession(request, reply.raw, done))
  scope.post('/body', (request) => answer(messageOf(request)))
  scope.post('/body/stream', (request, reply) => reply.send(Readable.from(answerInParts(messageOf(request)))))
})
app.register(async (scope) => {
  scope.register(multipart, { attachFieldsToBody: true })
  scope.addHook('preHandler', (request, reply, done) => withSession(request, reply.raw, done))
  scope.post('/multipart', (request) => answer(messageOf(request)))
})

await app.listen({ port: 0, host: '127.0.0.1' })
listening(app.server.address().port)
