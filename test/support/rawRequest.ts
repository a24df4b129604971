import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Text that is written to a server in parts, with a pause before each part except the first. */
export interface RawParts {
  readonly head: readonly string[]
  readonly parts: ReadonlyArray<string | Buffer>
  /** In milliseconds. With 0, all parts are written at once. */
  readonly pause?: number
}

/** Opens a connection, for tests that choose when each part arrives. */
export async function connectTo(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

/** The head of a request, as text. */
export function headOf(lines: readonly string[]): string {
  return [...lines, 'Host: server', '', ''].join('\r\n')
}

/** A chunk of a chunked body. An empty one ends the body. */
export function chunkOf(part: string | Buffer): Buffer {
  const bytes = Buffer.from(part as string)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** Sends a request, closes the connection after the answer, and gives all that was received. */
export async function sendRaw(url: string, { head, parts, pause = 0 }: RawParts): Promise<string> {
  const socket = await connectTo(url)
  const received: Buffer[] = []
  socket.on('data', (chunk) => received.push(chunk))
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.write(headOf([...head, 'Connection: close']))
  for (const part of parts) {
    if (pause) {
      await delay(pause)
    }
    if (!socket.write(part)) {
      await new Promise((resolve) => {
        socket.once('drain', resolve)
        socket.once('close', resolve)
      })
    }
  }
  await ended
  return Buffer.concat(received).toString()
}
