import type { CapturedRequest } from '../support/captureServer.js'

/** Answers a request of one API. */
export type Protocol = (request: Request) => Response | Promise<Response>

/** A protocol per path; what state they have is their own. */
export function createProtocols(): Record<string, Protocol>

export interface SocketServer {
  origin: string
  requests: CapturedRequest[]
  close(): Promise<void>
}

/** A real Socket.IO server that echoes, and drops the connection when asked to. */
export function startSocketServer(): Promise<SocketServer>
