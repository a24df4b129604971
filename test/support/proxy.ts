import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface StandInProxy {
  port: number
  /** Ports on this machine that stand in for hosts elsewhere. */
  standIns: Map<string, number>
  close(): Promise<void>
}

/** An HTTP proxy that opens tunnels to the servers that stand in for others, and to nothing else. */
export async function startProxy(): Promise<StandInProxy> {
  const standIns = new Map<string, number>()
  const sockets = new Set<Socket>()
  const server = createServer((request) => request.socket.destroy())
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('connect', ({ url = '' }, socket: Socket) => {
    const port = standIns.get(url.replace(/:443$/, ''))
    if (port === undefined) {
      socket.destroy()
      return
    }
    const tunnel = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      tunnel.pipe(socket).pipe(tunnel)
    })
    tunnel.on('error', () => socket.destroy())
    socket.on('error', () => tunnel.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    standIns,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) {
          socket.destroy()
        }
      }),
  }
}
