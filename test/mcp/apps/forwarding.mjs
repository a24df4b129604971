// A backend for a frontend that only calls a tool of the MCP server `MCP_URL`. Nothing in it knows of a session.
import { createServer } from 'node:http'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { listening } from '../../server/apps/listening.mjs'

async function connected() {
  const client = new Client({ name: 'shop', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(process.env.MCP_URL)))
  return client
}

async function callTool(client, message) {
  const { content } = await client.callTool({ name: 'answer', arguments: { message } })
  return content[0].text
}

/** Set by the first request that needs it, and used by all that follow. */
let kept

const routes = {
  async '/own-client'(message) {
    const client = await connected()
    try {
      return await callTool(client, message)
    } finally {
      await client.close()
    }
  },
  async '/kept-client'(message) {
    kept ??= connected()
    return callTool(await kept, message)
  },
}

function allowCors(request, response) {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '')
}

createServer(async (request, response) => {
  allowCors(request, response)
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end()
    return
  }
  const { message } = JSON.parse(Buffer.concat(await request.toArray()).toString())
  const { pathname } = new URL(request.url, 'http://backend')
  response.end(await routes[pathname](message))
}).listen(0, '127.0.0.1', function () {
  listening(this.address().port)
})
