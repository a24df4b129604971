import { connect } from 'docs:@modelcontextprotocol/sdk'

export const client = '@modelcontextprotocol/sdk'

const posted = ['POST /mcp', 'body params._meta.session_id']
const listened = ['GET /mcp', 'query session_id']
const terminated = ['DELETE /mcp', 'query session_id']
/** Initialization, its notification, and the stream of the server's own messages. */
const session = [posted, posted, listened]

async function withClient(use) {
  const { client, transport } = await connect()
  try {
    await received('GET')
    return await use(client, transport)
  } finally {
    await client.close()
  }
}
const greet = (client, options) =>
  client.callTool({ name: 'greet', arguments: { name: 'page' } }, undefined, options).then(({ content }) => content)
const answered = { result: [{ type: 'text', text: 'Hello, page' }] }

export const scenarios = {
  'a tool': {
    run: () => withClient(greet),
    gives: answered,
    sends: [...session, posted],
  },
  'the list of tools': {
    run: () => withClient(async (client) => (await client.listTools()).tools.map(({ name }) => name)),
    gives: { result: ['greet'] },
    sends: [...session, posted],
  },
  'a tool with metadata of its own': {
    run: () => withClient((client) => greet(client, { onprogress: () => {} })),
    gives: answered,
    sends: [...session, posted],
  },
  'the end of the session': {
    run: () =>
      withClient(async (_client, transport) => {
        await transport.terminateSession()
        return ended('GET')
      }),
    gives: { result: 'answered' },
    sends: [...session, terminated],
  },
  'an answer that breaks off, taken up again': {
    run: () =>
      withClient(async (client) => {
        await nextAnswer('cut')
        return greet(client, { onprogress: () => cut() })
      }),
    gives: answered,
    sends: [...session, posted, listened],
  },
  'an answer of 500': {
    run: () =>
      withClient(async (client) => {
        await nextAnswer('broken')
        return greet(client)
      }),
    gives: { error: { code: 500 } },
    sends: [...session, posted],
  },
  'an abort in the middle': {
    run: () =>
      withClient(async (client) => {
        await nextAnswer('silent')
        const controller = new AbortController()
        const answer = greet(client, { signal: controller.signal, onprogress: () => controller.abort() })
        // The client goes only when the server has been told, which else is a matter of chance.
        return answer.finally(() => received('POST', 4))
      }),
    gives: { error: { name: 'McpError', code: -32001 } },
    sends: [...session, posted, posted],
  },
}
