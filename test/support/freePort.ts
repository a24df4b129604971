import { createServer } from 'node:net'

/** A port of 127.0.0.1 that nothing listens on, for a server that takes it from its command line. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
