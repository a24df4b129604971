// The agents' side: each API as far as its real client goes.
import { createHash, createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { EventStreamCodec } from '@smithy/core/event-streams'
import { createSchema, createYoga } from 'graphql-yoga'
import { Server } from 'socket.io'
import { z } from 'zod'

const encoder = new TextEncoder()

/** A streamed answer, each piece written on its own. */
const stream = (pieces, headers) =>
  new Response(ReadableStream.from(pieces.map((piece) => encoder.encode(piece))), { headers })

const events = (pieces, headers) => stream(pieces, { 'content-type': 'text/event-stream', ...headers })
const data = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
const named = (value) => `event: ${value.type}\n${data(value)}`

const WORDS = ['Hello', ' from', ' the', ' agent']

const openai = {
  async '/v1/chat/completions'(request) {
    const { stream } = await request.json()
    const completion = { id: 'chatcmpl-1', created: 1, model: 'model', system_fingerprint: 'fp' }
    if (!stream) {
      const message = { role: 'assistant', content: WORDS.join(''), refusal: null }
      return Response.json({
        ...completion,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
        usage: { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 },
      })
    }
    const chunk = (delta, finish_reason = null) =>
      data({ ...completion, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })
    return events([
      chunk({ role: 'assistant', content: WORDS[0] }),
      ...WORDS.slice(1).map((content) => chunk({ content })),
      chunk({}, 'stop'),
      data('[DONE]'),
    ])
  },
  '/v1/embeddings': () =>
    Response.json({
      object: 'list',
      model: 'model',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    }),
  async '/v1/audio/transcriptions'(request) {
    const form = await request.formData()
    return Response.json({ text: `${form.get('file').size} bytes` })
  },
  '/v1/models': () =>
    Response.json({
      object: 'list',
      data: [{ id: 'model', object: 'model', created: 1, owned_by: 'test', type: 'base', capabilities: {} }],
    }),
}

const anthropic = {
  async '/v1/messages'(request) {
    const { stream } = await request.json()
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'model', stop_sequence: null }
    if (!stream) {
      return Response.json({
        ...message,
        content: [{ type: 'text', text: WORDS.join('') }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 1, output_tokens: 4 },
      })
    }
    return events(
      [
        {
          type: 'message_start',
          message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 1, output_tokens: 0 } },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        ...WORDS.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } },
        { type: 'message_stop' },
      ].map(named),
    )
  },
}

const ownApi = {
  '/api/answers': () => Response.json({ answer: WORDS.join('') }),
  /** Goes on behind the event that `Last-Event-ID` names. */
  '/api/events'(request) {
    const seen = Number(request.headers.get('last-event-id') ?? -1)
    const pieces = WORDS.map((word, index) => `id: ${index}\nretry: 10\ndata: ${word.trim()}\n\n`)
    return events(pieces.slice(seen + 1))
  },
}

/** The AI SDK's UI message stream: of an answer, and of one that is resumed. */
const uiMessage = () =>
  events(
    [
      { type: 'start', messageId: 'answer-1' },
      { type: 'text-start', id: 'text-1' },
      ...WORDS.map((delta) => ({ type: 'text-delta', id: 'text-1', delta })),
      { type: 'text-end', id: 'text-1' },
      { type: 'finish' },
      '[DONE]',
    ].map(data),
    { 'x-vercel-ai-ui-message-stream': 'v1' },
  )
const aiSdk = { '/api/chat': uiMessage, '/api/chat/chat-1/stream': uiMessage }

const runValues = WORDS.map((_, index) => WORDS.slice(0, index + 1).join(''))
const runEvents = (request) => {
  const seen = Number(request.headers.get('last-event-id') ?? -1)
  const pieces = runValues.map((text, index) => `id: ${index}\nevent: values\n${data({ text })}`)
  return events([...pieces.slice(seen + 1), 'event: end\ndata: null\n\n'], {
    location: '/threads/thread-1/runs/run-1/stream',
    'content-location': '/threads/thread-1/runs/run-1',
  })
}
const thread = () => Response.json({ thread_id: 'thread-1', metadata: {}, status: 'idle', values: {} })
const langGraph = {
  '/threads': thread,
  '/threads/thread-1': thread,
  '/threads/thread-1/runs/stream': runEvents,
  '/threads/thread-1/runs/run-1/stream': runEvents,
  '/threads/thread-1/runs/run-1': () => Response.json({ run_id: 'run-1', status: 'success' }),
}

/** An AG-UI run; `input` is what the agent gets. */
const run = ({ threadId, runId }, tag = () => '') =>
  events(
    [
      { type: 'RUN_STARTED', threadId, runId },
      { type: 'TEXT_MESSAGE_START', messageId: 'answer-1', role: 'assistant' },
      ...WORDS.map((delta) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'answer-1', delta })),
      { type: 'TEXT_MESSAGE_END', messageId: 'answer-1' },
      { type: 'RUN_FINISHED', threadId, runId },
    ].map((event, index) => tag(index) + data(event)),
  )
const agUi = { '/agent': async (request) => run(await request.json()) }

/** As CopilotKit's runtime refuses it: an unknown member beside those of the input. */
const MEMBERS = [
  'threadId',
  'runId',
  'parentRunId',
  'state',
  'messages',
  'tools',
  'context',
  'forwardedProps',
  'resume',
]
const strictRun = (input) => {
  const unknown = Object.keys(input).filter((name) => !MEMBERS.includes(name))
  return unknown.length > 0 ? Response.json({ error: `Unknown: ${unknown}` }, { status: 400 }) : run(input)
}
const info = () => Response.json({ version: '1.75.0', agents: { default: { description: 'The agent' } } })
const stopped = () => Response.json({ stopped: true })
const copilotKit = {
  '/copilotkit/info': info,
  '/copilotkit/agent/default/run': async (request) => strictRun(await request.json()),
  '/copilotkit/agent/default/connect': async (request) => strictRun(await request.json()),
  '/copilotkit/agent/default/stop/thread-1': stopped,
  async '/copilotkit-single'(request) {
    const { method, body } = await request.json()
    return method === 'info' ? info() : method === 'agent/stop' ? stopped() : strictRun(body)
  },
}

/** Tagged with ids, an answer that breaks off is asked for again. */
const tanStack = {
  async '/api/agent'(request) {
    const seen = Number(request.headers.get('last-event-id') ?? -1)
    const answer = await run(await request.json(), (index) => `id: ${index}\n`).text()
    return events(answer.split(/(?<=\n\n)/).slice(seen + 1))
  },
}

/** The real server of the protocol, one per session, with a tool that reports progress before it answers. */
function createMcp() {
  const sessions = new Map()
  const newSession = async () => {
    const server = new McpServer({ name: 'agent', version: '1.0.0' })
    server.registerTool(
      'greet',
      { inputSchema: { name: z.string() } },
      async ({ name }, { _meta, sendNotification }) => {
        if (_meta?.progressToken !== undefined) {
          const params = { progressToken: _meta.progressToken, progress: 1 }
          await sendNotification({ method: 'notifications/progress', params })
        }
        return { content: [{ type: 'text', text: `Hello, ${name}` }] }
      },
    )
    const stored = []
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => `mcp-session-${sessions.size}`,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      retryInterval: 500,
      eventStore: {
        async storeEvent(streamId, message) {
          return String(stored.push({ streamId, message }) - 1)
        },
        async replayEventsAfter(lastEventId, { send }) {
          const { streamId } = stored[Number(lastEventId)]
          for (const [id, event] of stored.entries()) {
            if (id > Number(lastEventId) && event.streamId === streamId && event.message.jsonrpc !== undefined) {
              await send(String(id), event.message)
            }
          }
          return streamId
        },
      },
    })
    await server.connect(transport)
    return transport
  }
  return {
    async '/mcp'(request) {
      const transport = sessions.get(request.headers.get('mcp-session-id')) ?? (await newSession())
      return transport.handleRequest(request)
    },
  }
}

/** A GraphQL server that answers 400 to members that it does not know. */
function createGraphQl() {
  const yoga = createYoga({
    batching: true,
    logging: false,
    schema: createSchema({
      typeDefs: 'type Query { answer(question: String!): String! } type Mutation { ask(question: String!): String! }',
      resolvers: { Query: { answer: () => WORDS.join('') }, Mutation: { ask: () => WORDS.join('') } },
    }),
  })
  return { '/graphql': (request) => yoga.fetch(request) }
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex')
const hmac = (key, text) => createHmac('sha256', key).update(text).digest()

/** Whether what was signed arrived: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
async function isSigned(request) {
  const authorization = request.headers.get('authorization') ?? ''
  const [, scope, names, signature] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)/.exec(authorization) ?? []
  if (scope === undefined) {
    return false
  }
  const { pathname, search } = new URL(request.url)
  const canonical = [
    request.method,
    pathname.split('/').map(encodeURIComponent).join('/'),
    search.slice(1),
    ...names.split(';').map((name) => `${name}:${request.headers.get(name)}`),
    '',
    names,
    sha256(await request.clone().text()),
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', request.headers.get('x-amz-date'), scope, sha256(canonical)].join('\n')
  return hmac(scope.split('/').reduce(hmac, 'AWS4secret'), text).toString('hex') === signature
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
)
const typed = (value) => ({ type: 'string', value })
const bedrockEvent = ([name, value]) =>
  codec.encode({
    headers: {
      ':message-type': typed('event'),
      ':event-type': typed(name),
      ':content-type': typed('application/json'),
    },
    body: Buffer.from(JSON.stringify(value)),
  })
const ifSigned = (respond) => async (request) =>
  (await isSigned(request))
    ? respond(request)
    : Response.json({ message: 'The request signature we calculated does not match' }, { status: 403 })
const bedrock = {
  '/model/model/converse': ifSigned(() =>
    Response.json({
      output: { message: { role: 'assistant', content: [{ text: WORDS.join('') }] } },
      stopReason: 'end_turn',
      usage: { inputTokens: 1, outputTokens: 4, totalTokens: 5 },
      metrics: { latencyMs: 1 },
    }),
  ),
  '/model/model/converse-stream': ifSigned(
    () =>
      new Response(
        ReadableStream.from(
          [
            ['messageStart', { role: 'assistant' }],
            ...WORDS.map((text) => ['contentBlockDelta', { contentBlockIndex: 0, delta: { text } }]),
            ['messageStop', { stopReason: 'end_turn' }],
          ].map(bedrockEvent),
        ),
        { headers: { 'content-type': 'application/vnd.amazon.eventstream' } },
      ),
  ),
}

export function createProtocols() {
  return {
    ...openai,
    ...anthropic,
    ...ownApi,
    ...aiSdk,
    ...langGraph,
    ...agUi,
    ...copilotKit,
    ...tanStack,
    ...createMcp(),
    ...createGraphQl(),
    ...bedrock,
  }
}

const asCaptured = (request, body = Buffer.alloc(0)) => {
  const { pathname, search } = new URL(request.url, 'http://agent')
  const rawHeaders = []
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    rawHeaders.push(request.rawHeaders.slice(at, at + 2))
  }
  return {
    method: request.method,
    url: request.url,
    path: pathname,
    query: search === '' ? undefined : search.slice(1),
    rawHeaders,
    header: (name) => request.headers[name.toLowerCase()],
    body,
    text: body.toString('utf8'),
  }
}

export async function startSocketServer() {
  const requests = []
  const server = createServer()
  const sockets = new Set()
  const io = new Server(server, { cors: { origin: true, credentials: true } })
  io.on('connection', (socket) => {
    socket.on('ask', (_question, reply) => reply(WORDS.join('')))
    socket.on('drop', () => socket.conn.close())
  })
  server.prependListener('request', (request) => {
    // Looked at as it passes: a listener for data would begin the flow before the server listens.
    const chunks = []
    const { emit } = request
    request.emit = function (name, ...values) {
      if (name === 'data') {
        chunks.push(Buffer.from(values[0]))
      }
      return emit.call(this, name, ...values)
    }
    if (request.method !== 'OPTIONS') {
      request.on('end', () => requests.push(asCaptured(request, Buffer.concat(chunks))))
    }
  })
  server.prependListener('upgrade', (request) => requests.push(asCaptured(request)))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    requests,
    async close() {
      await io.close()
      for (const socket of sockets) {
        socket.destroy()
      }
    },
  }
}
