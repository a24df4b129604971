import { WebSocketServer } from 'ws'

/** Serves `ws://…/<carrier>/chat`: each text frame is a question, the answer comes back as text frames. */
export function serveWebSockets(server, { accepts, onQuestion }) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url, 'http://agent')
    if (!accepts(url)) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (client) => {
      const send = (data) => client.readyState === client.OPEN && client.send(JSON.stringify(data))
      client.on('message', (text) => onQuestion({ request, text: text.toString(), send }))
      client.on('error', () => client.terminate())
    })
  })
  return {
    close() {
      for (const client of sockets.clients) client.terminate()
    },
  }
}
