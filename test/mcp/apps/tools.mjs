// An MCP server with one tool, which asks a model. Nothing in it knows of a session.
import { createServer } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { z } from 'zod'
import { answer } from '../../server/apps/agent.mjs'
import { listening } from '../../server/apps/listening.mjs'

function mcpServer() {
  const server = new McpServer({ name: 'orders', version: '1.0.0' })
  server.registerTool('answer', { inputSchema: { message: z.string() } }, async ({ message }) => ({
    content: [{ type: 'text', text: await answer(message) }],
  }))
  return server
}

createServer(async (request, response) => {
  // Stateless, as the protocol's SDK shows it: each request has a server and a transport of its own.
  const [server, transport] = [mcpServer(), new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })]
  response.on('close', () => server.close())
  await server.connect(transport)
  await transport.handleRequest(request, response)
}).listen(0, '127.0.0.1', function () {
  listening(this.address().port)
})
