// The AI agent's HTTP server. Started as `node --import dd-trace/initialize.mjs server.mjs`.
import { createServer } from 'node:http'
import tracer from 'dd-trace'
import { answerQuestion, recordFeedback } from './agent.mjs'
import { carriedBy } from './carried.mjs'
import { sessionIdFrom, userTags } from './carriers.mjs'
import { BadRequest, readBody } from './requestBody.mjs'
import { serveWebSockets } from './webSocket.mjs'

const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Allow-Headers':
    'content-type, baggage, x-datadog-tags, x-datadog-trace-id, x-datadog-parent-id, x-datadog-origin, ' +
    'x-datadog-sampling-priority, traceparent, tracestate',
  'Access-Control-Max-Age': '600',
  'Timing-Allow-Origin': '*',
}

const server = createServer(async (request, response) => {
  try {
    await handle(request, response)
  } catch (error) {
    if (!(error instanceof BadRequest)) console.error(error)
    if (response.headersSent) response.end(event({ error: 'The agent failed' }))
    else response.writeHead(error instanceof BadRequest ? 400 : 500, corsHeaders).end(error.message)
  }
})

async function handle(request, response) {
  if (request.method === 'OPTIONS') return response.writeHead(204, corsHeaders).end()

  const url = new URL(request.url, 'http://agent')
  const { carrier, action } = route(url)
  if (!action) return response.writeHead(404, corsHeaders).end()

  const { text, fields } = await readBody(request)
  const sessionId = sessionIdFrom[carrier]({ body: fields, query: url.searchParams }) ?? undefined

  if (action === 'feedback') {
    recordFeedback({ vote: fields.vote, traceId: fields.trace_id, sessionId, tags: userTags() })
    return response.writeHead(204, corsHeaders).end()
  }

  const message = fields.message ?? url.searchParams.get('message')
  if (!message) throw new BadRequest('There is no message')
  response.writeHead(200, { ...corsHeaders, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  await streamAnswer({
    message,
    sessionId,
    tags: userTags(),
    carried: carriedBy({ url, headers: request.headers }, text),
    send: (data) => response.write(event(data)),
  })
  response.end()
}

async function streamAnswer({ message, sessionId, tags, carried, send }) {
  await answerQuestion(
    { message: String(message), sessionId, tags },
    {
      onTrace: (traceId) => send({ trace_id: traceId, session_id: sessionId, carried }),
      onDelta: (delta) => send({ delta }),
    },
  )
  send({ done: true })
}

function route(url) {
  const [, carrier, action] = url.pathname.split('/')
  const known = Object.hasOwn(sessionIdFrom, carrier) && (action === 'chat' || action === 'feedback')
  return known ? { carrier, action } : {}
}

function event(data) {
  return `data: ${JSON.stringify(data)}\n\n`
}

const webSockets = serveWebSockets(server, {
  accepts: (url) => route(url).action === 'chat',
  onQuestion({ url, text, send }) {
    // A WebSocket has no headers or body of its own, whatever the carrier.
    const sessionId = sessionIdFrom.query({ query: url.searchParams }) ?? undefined
    const question = { message: JSON.parse(text).message, sessionId, tags: {}, carried: carriedBy({ url }), send }
    streamAnswer(question).catch((error) => {
      console.error(error)
      send({ error: 'The agent failed' })
    })
  },
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`agent listening on http://127.0.0.1:${server.address().port}`)
})

function stop() {
  webSockets.close()
  server.close()
  server.closeAllConnections()
  tracer.llmobs.flush()
  setTimeout(() => process.exit(0), 200)
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)

// Nobody needs the agent when the process that started it is gone without having stopped it.
const parent = process.ppid
setInterval(() => process.ppid !== parent && stop(), 1000).unref()
