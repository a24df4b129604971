import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface StandInProxy {
  port: number
  /** The ports of the servers on this machine that replace other hosts. */
  standIns: Map<string, number>
  close(): Promise<void>
}

/** An HTTP proxy. It opens tunnels only to the servers that replace other hosts. */
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
