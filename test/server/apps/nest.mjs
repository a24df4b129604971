// Without a compiler, decorators are functions to be called.
import 'reflect-metadata'
import { pipeline } from 'node:stream/promises'
import { All, Controller, Module, Post, Req, Res } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { rumSession } from 'rum-llm-correlation/server'
import { answer, answerInParts, answerTo, llmobs } from './agent.mjs'
import { listening, messageOf } from './listening.mjs'

class AgentController {
  answer(request) {
    return answer(messageOf(request))
  }
  explicit(request) {
    return answer(messageOf(request), 'explicit-session')
  }
  stream(request, response) {
    return pipeline(answerInParts(messageOf(request)), response)
  }
  read(request) {
    return answerTo(messageOf(request), request.body.text)
  }
  body(request) {
    return answer(messageOf(request))
  }
  bodyStream(request, response) {
    return pipeline(answerInParts(messageOf(request)), response)
  }
}
Controller()(AgentController)
const routes = [
  ['answer', All('answer')],
  ['explicit', All('explicit')],
  ['stream', All('stream')],
  ['read', Post('read/parsed')],
  ['body', Post('body')],
  ['bodyStream', Post('body/stream')],
]
for (const [name, route] of routes) {
  route(AgentController.prototype, name, Object.getOwnPropertyDescriptor(AgentController.prototype, name))
  Req()(AgentController.prototype, name, 0)
  if (AgentController.prototype[name].length > 1) {
    Res()(AgentController.prototype, name, 1)
  }
}

class AgentModule {
  configure(consumer) {
    // Behind Nest's body parser, which app.use() would be before.
    consumer.apply(rumSession(llmobs)).forRoutes('*path')
  }
}
Module({ controllers: [AgentController] })(AgentModule)

const app = await NestFactory.create(AgentModule, { logger: false })
app.useBodyParser('json', { limit: '10mb' })
app.useBodyParser('urlencoded', { limit: '10mb' })
await app.listen(0, '127.0.0.1')
listening(app.getHttpServer().address().port)
