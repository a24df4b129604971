import { Readable } from 'node:stream'
import Koa from 'koa'
import { rumSession } from 'rum-llm-correlation/server'
import { answer, answerInParts, llmobs } from './agent.mjs'
import { listening, messageOf } from './listening.mjs'

const app = new Koa()
app.silent = true
const withSession = rumSession(llmobs)

app.use(async (context, next) => {
  if (context.path.startsWith('/body')) {
    context.request.body = JSON.parse(Buffer.concat(await context.req.toArray()).toString())
    return withSession(context.request, context.res, next)
  }
  return next()
})
app.use(async (context) => {
  const message = messageOf(context.req)
  if (context.path.endsWith('/failing')) {
    await answer(message)
    throw new Error('for Koa')
  }
  context.body = context.path.endsWith('/stream')
    ? Readable.from(answerInParts(message))
    : await answer(message, context.path === '/explicit' ? 'explicit-session' : undefined)
})

const server = app.listen(0, '127.0.0.1', () => listening(server.address().port))
