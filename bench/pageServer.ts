import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Route = (request: IncomingMessage, response: ServerResponse) => void

export interface PageServer {
  readonly origin: string
  /** The handlers by path, without the query. */
  readonly routes: Map<string, Route>
  close(): Promise<void>
}

/**
 * Starts a server on this machine. Its pages are cross-origin isolated: only these get a fine
 * clock.
 */
export async function startPageServer(): Promise<PageServer> {
  const routes = new Map<string, Route>()
  const server = createServer((request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    const route = routes.get((request.url ?? '').replace(/[?#].*/, ''))
    if (route) {
      route(request, response)
    } else {
      request.resume()
      response.writeHead(204).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    routes,
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export function content(type: 'html' | 'javascript', text: string): Route {
  return (request, response) => {
    request.resume()
    response.writeHead(200, { 'Content-Type': `text/${type}; charset=utf-8`, 'Cache-Control': 'no-store' }).end(text)
  }
}

export const html = (body: string) =>
  content('html', `<!doctype html><meta charset="utf-8"><title>Benchmark</title><link rel="icon" href="data:,">${body}`)
