// Times a request without sockets: from the moment Node.js publishes it until it is answered. It
// runs with and without the tracer. Its argument is the number of rounds.
import { channel } from 'node:diagnostics_channel'
import { IncomingMessage, Server, ServerResponse } from 'node:http'
import { register } from 'rum-llm-correlation/server'

const BATCH = 200
const ID = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'
const HEADERS = [
  ...[
    'Host',
    'agent.example.com',
    'Connection',
    'keep-alive',
    'Content-Type',
    'application/json',
    'Content-Length',
    '250',
  ],
  ...['Accept', '*/*', 'Accept-Language', 'en', 'Accept-Encoding', 'gzip, br', 'Origin', 'https://shop.example.com'],
  ...['Referer', 'https://shop.example.com/', 'User-Agent', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'],
]
const RUM_TRACE = [
  ...['x-datadog-trace-id', '1234567890123456789', 'x-datadog-parent-id', '987654321', 'x-datadog-origin', 'rum'],
  ...['x-datadog-sampling-priority', '1'],
]
/** A chat's body of 250 bytes. It arrives after the head. */
function bodyWith(members) {
  const body = { ...members, message: '', model: 'small', stream: true, temperature: 0.5 }
  return Buffer.from(JSON.stringify({ ...body, message: 'x'.repeat(250 - JSON.stringify(body).length) }))
}
const KINDS = {
  'without an id': ['/v1/chat?stream=true&model=small', HEADERS],
  'without an id, with other baggage': ['/v1/chat', [...HEADERS, 'baggage', 'user.id=u,account.id=a']],
  'with the id in the query': [`/v1/chat?session_id=${ID}`, HEADERS],
  'with the id in baggage': ['/v1/chat', [...HEADERS, 'baggage', `session.id=${ID},user.id=u`]],
  'with the id in baggage and a trace of RUM': ['/v1/chat', [...HEADERS, ...RUM_TRACE, 'baggage', `session.id=${ID}`]],
  'held for its body, without an id': ['/v1/chat', HEADERS, bodyWith({})],
  'held for its body, with the id in it': ['/v1/chat', HEADERS, bodyWith({ session_id: ID })],
}

const started = channel('http.server.request.start')
const server = new Server((request, response) => {
  // Any handler reads the headers, and Node.js parses them at the first read.
  response.statusCode = request.headers.host ? 200 : 400
})

function arrivals([url, rawHeaders, body]) {
  return Array.from({ length: BATCH }, () => {
    const socket = { readable: false, destroyed: false }
    const request = new IncomingMessage(socket)
    Object.assign(request, { method: body ? 'POST' : 'GET', url, httpVersionMajor: 1, httpVersionMinor: 1 })
    // Like Node.js's parser: creates the object of headers when it is first read.
    request._addHeaderLines([...rawHeaders], rawHeaders.length)
    return { request, response: new ServerResponse(request), socket, server }
  })
}

async function time(kind) {
  const messages = arrivals(kind)
  const [, , body] = kind
  const start = performance.now()
  for (const message of messages) {
    if (started.hasSubscribers) {
      started.publish(message)
    }
    server.emit('request', message.request, message.response)
    if (body) {
      message.request.push(body)
      message.request.push(null)
    }
  }
  if (body) {
    // A held request goes out in an earlier tick.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const micros = ((performance.now() - start) * 1000) / BATCH
  for (const { response } of messages) {
    response.emit('finish')
  }
  return micros
}

const rounds = Number(process.argv[2])
const times = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, { without: [], with: [] }]))
for (let round = -10; round < rounds; round += 1) {
  for (const [name, kind] of Object.entries(KINDS)) {
    const pair = {}
    const measure = {
      without: async () => {
        pair.without = await time(kind)
      },
      with: async () => {
        const end = register()
        pair.with = await time(kind)
        end()
      },
    }
    for (const which of round % 2 ? ['with', 'without'] : ['without', 'with']) {
      await measure[which]()
    }
    // The first rounds only have the code compiled.
    if (round >= 0) {
      times[name].without.push(pair.without)
      times[name].with.push(pair.with)
    }
  }
  await new Promise((resolve) => setImmediate(resolve))
}
process.stdout.write(JSON.stringify(times), () => process.exit())
