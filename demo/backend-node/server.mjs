// @ts-check
// The AI agent's HTTP server. Started as
// `node --import rum-llm-correlation/register --import dd-trace/initialize.mjs server.mjs`.
import { createServer } from 'node:http'
import tracer from 'dd-trace'
import { rumSession, rumSessionOf } from 'rum-llm-correlation/server'
import { answerQuestion, recordFeedback } from './agent.mjs'
import { carriedBy } from './carried.mjs'
import { BadRequest, readBody } from './requestBody.mjs'
import { serveWebSockets } from './webSocket.mjs'

// The paths are `/<carrier>/chat` and `/<carrier>/feedback`.
const carriers = ['body', 'query', 'baggage', 'trace-tags']

const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Allow-Headers':
    'content-type, baggage, x-datadog-tags, x-datadog-trace-id, x-datadog-parent-id, x-datadog-origin, ' +
    'x-datadog-sampling-priority, traceparent, tracestate',
  'Access-Control-Max-Age': '600',
  // Lets the page read the answers' Server-Timing header, which names the trace.
  'Timing-Allow-Origin': '*',
}

/** Puts the user and account from `baggage` onto the spans. The tracer has the session already. */
const withUser = rumSession(tracer.llmobs)

const server = createServer(async (request, response) => {
  try {
    await receive(request, response)
  } catch (error) {
    if (!(error instanceof BadRequest)) console.error(error)
    if (response.headersSent) response.end(event({ error: 'The agent failed' }))
    else
      response
        .writeHead(error instanceof BadRequest ? 400 : 500, corsHeaders)
        .end(error instanceof Error ? error.message : undefined)
  }
})

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function receive(request, response) {
  if (request.method === 'OPTIONS') return response.writeHead(204, corsHeaders).end()

  const url = new URL(request.url ?? '', 'http://agent')
  const action = actionOf(url)
  if (!action) return response.writeHead(404, corsHeaders).end()

  const { text, fields } = await readBody(request)
  if (action === 'feedback') return feedback({ request, fields }, response)
  await withUser(request, response, () => chat({ url, fields, carried: carriedBy(request, text) }, response))
}

/** @typedef {Record<string, unknown>} Fields */

/**
 * @param {{ url: URL, fields: Fields, carried: import('./carried.mjs').Carried }} call
 * @param {import('node:http').ServerResponse} response
 */
async function chat({ url, fields, carried }, response) {
  const message = fields.message ?? url.searchParams.get('message')
  if (!message) throw new BadRequest('There is no message')
  response.writeHead(200, { ...corsHeaders, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  await streamAnswer({ message, carried, send: (data) => response.write(event(data)) })
  response.end()
}

/**
 * @param {{ request: import('node:http').IncomingMessage, fields: Fields }} call
 * @param {import('node:http').ServerResponse} response
 */
function feedback({ request, fields }, response) {
  const { helpful, trace_id: traceId } = fields
  if (typeof helpful !== 'boolean' || !traceId) throw new BadRequest('The feedback is not complete')
  const { sessionId, tags } = rumSessionOf(request, fields)
  recordFeedback({ helpful, traceId: String(traceId), sessionId, userId: tags['usr.id'] })
  response.writeHead(204, corsHeaders).end()
}

/**
 * @param {object} question
 * @param {unknown} question.message
 * @param {string | undefined} [question.sessionId] - Only for a WebSocket: its upgrade has no
 * trace, so the tracer does not know the session.
 * @param {import('./carried.mjs').Carried} question.carried
 * @param {(data: object) => void} question.send
 */
async function streamAnswer({ message, sessionId, carried, send }) {
  await answerQuestion(
    { message: String(message), sessionId },
    {
      onTrace: (traceId) => send({ trace_id: traceId, carried }),
      onDelta: (delta) => send({ delta }),
    },
  )
  send({ done: true })
}

/** @param {URL} url */
function actionOf(url) {
  const [, carrier = '', action] = url.pathname.split('/')
  return carriers.includes(carrier) && (action === 'chat' || action === 'feedback') ? action : undefined
}

/** @param {object} data */
function event(data) {
  return `data: ${JSON.stringify(data)}\n\n`
}

const webSockets = serveWebSockets(server, {
  accepts: (url) => actionOf(url) === 'chat',
  onQuestion({ request, text, send }) {
    // The upgrade to a WebSocket has no trace. The id is in its URL, whatever the carrier.
    const { sessionId } = rumSessionOf(request)
    const question = { message: JSON.parse(text).message, sessionId, carried: carriedBy(request), send }
    streamAnswer(question).catch((error) => {
      console.error(error)
      send({ error: 'The agent failed' })
    })
  },
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  console.log(`agent listening on http://127.0.0.1:${port}`)
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

// If the process that started the agent has died, nobody needs the agent.
const parent = process.ppid
setInterval(() => process.ppid !== parent && stop(), 1000).unref()
