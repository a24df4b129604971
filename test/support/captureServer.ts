import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { selfSignedCertificate } from './certificate.js'

/** One request as it came off the wire. */
export interface CapturedRequest {
  method: string
  /** Path and query, byte for byte. */
  url: string
  /** The path alone. */
  path: string
  /** The text after the `?`, byte for byte, or `undefined` without a `?`. */
  query: string | undefined
  rawHeaders: Array<[name: string, value: string]>
  /** The header of that name, in any case. Several lines are joined with `, `. */
  header(name: string): string | undefined
  body: Buffer
  /** The body as UTF-8. */
  text: string
}

export type Handler = (request: IncomingMessage, response: ServerResponse, captured: CapturedRequest) => unknown

export interface CaptureServer {
  /** `http://127.0.0.1:<port>`, or `https` with `tls`. */
  origin: string
  port: number
  /** All requests so far except preflights, oldest first. */
  requests: CapturedRequest[]
  preflights: CapturedRequest[]
  requestsTo(path: string): CapturedRequest[]
  preflightsTo(path: string): CapturedRequest[]
  /** The only request to this path. Waits for it, and fails if there is a second one. */
  only(path: string): Promise<CapturedRequest>
  /** The part of a body that has arrived, while the request to this path is not complete. */
  incoming(path: string): string
  /**
   * Text messages from WebSockets to this path, oldest first. The server answers `echo: <text>`.
   */
  messagesTo(path: string): string[]
  /**
   * Answers requests to this path with `handler`, not with `{"ok":true}`. They are recorded too.
   */
  respond(path: string, handler: Handler): void
  close(): Promise<void>
}

export interface CaptureServerOptions {
  /** HTTP/2 (and 1.1) over TLS with a self-signed certificate. The default is HTTP/1.1. */
  tls?: boolean
  /** Where the server listens. The default is a free port of 127.0.0.1. */
  listen?: { host: string; port: number }
  /** Answers some requests itself, and returns whether it did. These are not recorded. */
  routes?: (request: IncomingMessage, response: ServerResponse) => boolean
}

/**
 * How long {@link CaptureServer.only} waits: longer than a page on a busy machine, shorter than a
 * test.
 */
const PATIENCE = 10_000

export async function readBody(request: IncomingMessage, chunks: Buffer[] = []): Promise<Buffer> {
  for await (const chunk of request) {
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

export function allowCors(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*')
  response.setHeader('Access-Control-Allow-Credentials', 'true')
  response.setHeader('Access-Control-Allow-Methods', request.headers['access-control-request-method'] ?? 'GET, POST')
  const asked = request.headers['access-control-request-headers']
  if (asked !== undefined) {
    response.setHeader('Access-Control-Allow-Headers', asked)
  }
}

function capture(request: IncomingMessage, body: Buffer): CapturedRequest {
  const url = request.url ?? ''
  const mark = url.indexOf('?')
  const rawHeaders: Array<[string, string]> = []
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    rawHeaders.push([request.rawHeaders[i] as string, request.rawHeaders[i + 1] as string])
  }
  return {
    method: request.method ?? '',
    url,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? undefined : url.slice(mark + 1),
    rawHeaders,
    header(name) {
      const values = rawHeaders.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
      return values.length === 0 ? undefined : values.join(', ')
    },
    body,
    text: body.toString('utf8'),
  }
}

/** A text message of less than 126 bytes as a server's frame: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
const textFrame = (text: string) => Buffer.from([0x81, Buffer.byteLength(text), ...Buffer.from(text)])

/** A WebSocket server for short text messages. It takes the first protocol offered, and echoes. */
function acceptWebSocket(request: IncomingMessage, socket: Socket, received: string[]): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]
  const headers = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  if (protocol !== undefined) {
    headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
  }
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headers.join('\r\n')}\r\n\r\n`)
  socket.on('data', (frame: Buffer) => {
    if ((frame[0] as number) !== 0x81) {
      socket.end()
      return
    }
    const length = (frame[1] as number) & 0x7f
    const mask = frame.subarray(2, 6)
    const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] as number)))
    received.push(text.toString('utf8'))
    socket.write(textFrame(`echo: ${text.toString('utf8')}`))
  })
  socket.on('error', () => socket.destroy())
}

/**
 * A real HTTP server that keeps each raw request. It answers 200, and allows all that CORS asks
 * for.
 */
export async function startCaptureServer(options: CaptureServerOptions = {}): Promise<CaptureServer> {
  const requests: CapturedRequest[] = []
  const preflights: CapturedRequest[] = []
  const handlers = new Map<string, Handler>()
  const messages = new Map<string, string[]>()
  const arriving = new Map<string, Buffer[]>()
  const sockets = new Set<Socket>()

  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    if (options.routes?.(request, response)) {
      return
    }
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
    const path = (request.url ?? '').replace(/\?.*/, '')
    const chunks: Buffer[] = []
    arriving.set(path, chunks)
    const captured = capture(request, await readBody(request, chunks))
    arriving.delete(path)
    ;(isPreflight ? preflights : requests).push(captured)
    allowCors(request, response)
    const handler = handlers.get(captured.path)
    if (isPreflight) {
      response.writeHead(204).end()
    } else if (handler !== undefined) {
      await handler(request, response, captured)
    } else {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"ok":true}')
    }
  }
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    // If the page has gone or aborted before the server has read its request, nothing answers it.
    onRequest(request, response).catch(() => response.destroy())
  }
  const server = options.tls
    ? createSecureServer(
        { ...selfSignedCertificate(), allowHTTP1: true },
        // The HTTP/2 compatibility API has the shape of HTTP/1.1's.
        listener as unknown as Parameters<typeof createSecureServer>[1],
      )
    : createServer(listener)
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const captured = capture(request, Buffer.alloc(0))
    requests.push(captured)
    const received: string[] = []
    messages.set(captured.path, received)
    acceptWebSocket(request, socket, received)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const { host, port: wanted } = options.listen ?? { host: '127.0.0.1', port: 0 }
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(wanted, host, resolve))
  const { port } = server.address() as AddressInfo

  const requestsTo = (path: string) => requests.filter((request) => request.path === path)
  return {
    origin: `${options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    requests,
    preflights,
    requestsTo,
    preflightsTo: (path) => preflights.filter((request) => request.path === path),
    async only(path) {
      for (const end = Date.now() + PATIENCE; Date.now() < end; await delay(5)) {
        const [first, ...others] = requestsTo(path)
        if (others.length > 0) {
          throw new Error(`${others.length + 1} requests to ${path}`)
        }
        if (first !== undefined) {
          return first
        }
      }
      throw new Error(`No request to ${path}. There were: ${requests.map(({ url }) => url).join(' ')}`)
    },
    incoming: (path) => Buffer.concat(arriving.get(path) ?? []).toString('utf8'),
    messagesTo: (path) => messages.get(path) ?? [],
    respond: (path, handler) => void handlers.set(path, handler),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) {
          socket.destroy()
        }
      }),
  }
}
