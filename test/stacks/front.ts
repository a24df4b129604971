import { existsSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

/** What the page's agent got: the one part of a site that no stack serves. */
export interface AgentCall {
  url: string
  body: string
}

/** A page's origin: a folder or a server behind it, and the agent at `/api/chat`. */
export interface Front {
  url: string
  calls: AgentCall[]
  /** What a path answers instead of what is behind; `undefined`: it is not there. */
  replaced: Map<string, string | undefined>
  /** How many milliseconds later a path answers. */
  delayed: Map<string, number>
  close(): void
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
}

const typeOf = (path: string) => TYPES[extname(path)] ?? 'application/octet-stream'

function sendFile(folder: string, path: string, response: ServerResponse) {
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path))
  const exists = file.startsWith(folder) && existsSync(file) && statSync(file).isFile()
  if (!exists) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'Content-Type': typeOf(file) }).end(readFileSync(file))
}

function forward(incoming: IncomingMessage, response: ServerResponse, server: string) {
  const { method, headers, url } = incoming
  const outgoing = request(server + url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', () => response.destroy())
  incoming.pipe(outgoing)
}

/** Development servers tell of changes by WebSocket. */
function forwardUpgrade({ method, url, rawHeaders }: IncomingMessage, socket: Socket, server: string) {
  const { hostname, port } = new URL(server)
  const lines = rawHeaders.reduce((all, text, index) => all + text + (index % 2 === 0 ? ': ' : '\r\n'), '')
  const upstream = connect(Number(port), hostname, () => upstream.write(`${method} ${url} HTTP/1.1\r\n${lines}\r\n`))
  upstream.pipe(socket).pipe(upstream)
  socket.on('error', () => upstream.destroy())
  upstream.on('error', () => socket.destroy())
}

/** @param behind - A folder, or the URL of a server. */
export async function startFront(behind: string): Promise<Front> {
  const calls: AgentCall[] = []
  const replaced: Front['replaced'] = new Map()
  const delayed: Front['delayed'] = new Map()
  const isServer = behind.startsWith('http')
  const server = createServer(async (incoming, response) => {
    const { pathname } = new URL(incoming.url ?? '', 'http://front')
    if (pathname === '/api/chat') {
      calls.push({ url: incoming.url ?? '', body: await text(incoming) })
      response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"answer":"hello"}')
      return
    }
    await delay(delayed.get(pathname) ?? 0)
    if (replaced.has(pathname)) {
      const content = replaced.get(pathname)
      response.writeHead(content === undefined ? 404 : 200, { 'Content-Type': typeOf(pathname) }).end(content)
    } else if (isServer) {
      forward(incoming, response, behind)
    } else {
      sendFile(behind, pathname, response)
    }
  })
  server.on('upgrade', (incoming, socket) => {
    isServer ? forwardUpgrade(incoming, socket as Socket, behind) : socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    replaced,
    delayed,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
