// node:http2, of whose requests register learns nothing.
import { createServer } from 'node:http2'
import { rumSession } from 'rum-llm-correlation/server'
import { answer, llmobs } from './agent.mjs'
import { listening, messageOf } from './listening.mjs'

const withSession = rumSession(llmobs)
const server = createServer((request, response) =>
  withSession(request, response, async () => response.end(await answer(messageOf(request)))),
)
server.listen(0, '127.0.0.1', () => listening(server.address().port))
