import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** What is written to a server, part by part, with a pause before each part but the first. */
export interface RawParts {
  readonly head: readonly string[]
  readonly parts: ReadonlyArray<string | Buffer>
  /** In milliseconds; 0: all in one go. */
  readonly pause?: number
}

/** Opens a connection, for tests that need to say what comes when. */
export async function connectTo(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  return socket
}

/** The lines of a request's head, as they are written. */
export function headOf(lines: readonly string[]): string {
  return [...lines, 'Host: server', '', ''].join('\r\n')
}

/** A part of a chunked body; an empty one is its end. */
export function chunkOf(part: string | Buffer): Buffer {
  const bytes = Buffer.from(part as string)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** Sends a request, closes the connection when the answer has come, and gives all that came. */
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
