import { pipeline } from 'node:stream/promises'
import express from 'express'
import { rumSession } from 'rum-llm-correlation/server'
import { answer, answerInParts, answerTo, llmobs } from './agent.mjs'
import { listening, messageOf } from './listening.mjs'

const app = express()
app.all('/answer', async (request, response) => response.send(await answer(messageOf(request))))
app.all('/explicit', async (request, response) => response.send(await answer(messageOf(request), 'explicit-session')))
app.all('/stream', (request, response) => pipeline(answerInParts(messageOf(request)), response))

const parsed = express.Router()
parsed.use(express.json({ limit: '10mb' }), express.urlencoded({ limit: '10mb' }))
parsed.post('/read/parsed', async (request, response) => {
  response.send(await answerTo(messageOf(request), request.body.text))
})
app.use(parsed)

const withBody = express.Router()
withBody.use(express.json(), express.urlencoded(), rumSession(llmobs))
withBody.post('/body', async (request, response) => response.send(await answer(messageOf(request))))
withBody.post('/body/stream', (request, response) => pipeline(answerInParts(messageOf(request)), response))
withBody.post('/body/endless', async (request, response) => {
  response.write('started')
  await answer(messageOf(request))
})
withBody.post('/body/failing', async (request) => {
  await answer(messageOf(request))
  throw new Error('for the error handler')
})
app.use(withBody)
app.use('/tenant', (_request, _response, next) => llmobs.annotationContext({ tags: { tenant: 't1' } }, next), withBody)
app.use((_error, _request, response, _next) => response.status(500).send('failed'))

const server = app.listen(0, '127.0.0.1', () => listening(server.address().port))
