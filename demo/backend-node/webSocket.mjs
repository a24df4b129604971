// @ts-check
// @ts-expect-error: the package has no types
import { WebSocketServer } from 'ws'

/**
 * @typedef {object} Question
 * @property {import('node:http').IncomingMessage} request - The handshake.
 * @property {string} text
 * @property {(data: object) => void} send
 */

/**
 * Serves `ws://…/<carrier>/chat`. Each text frame is a question, and text frames bring the answer.
 *
 * @param {import('node:http').Server} server
 * @param {{ accepts(url: URL): boolean, onQuestion(question: Question): void }} options
 */
export function serveWebSockets(server, { accepts, onQuestion }) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '', 'http://agent')
    if (!accepts(url)) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    sockets.handleUpgrade(
      request,
      socket,
      head,
      (/** @type {import('node:events').EventEmitter & Record<string, any>} */ client) => {
        /** @param {object} data */
        const send = (data) => client.readyState === client.OPEN && client.send(JSON.stringify(data))
        client.on('message', (text) => onQuestion({ request, text: text.toString(), send }))
        client.on('error', () => client.terminate())
      },
    )
  })
  return {
    close() {
      for (const client of sockets.clients) client.terminate()
    },
  }
}
