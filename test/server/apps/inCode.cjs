// Everything in code: the tracer with its options, and the registration before or after it (ORDER).
const { register } = require('rum-llm-correlation/server')

if (process.env.ORDER === 'register first') register()
const tracer = require('dd-trace').init(JSON.parse(process.env.TRACER_OPTIONS ?? '{}'))
if (process.env.ORDER === 'tracer first') register()

const { createServer } = require('node:http')
const OpenAI = require('openai')

const openai = new OpenAI()
const server = createServer(async (request, response) => {
  const messages = [{ role: 'user', content: request.headers['x-message'] }]
  await tracer.llmobs.trace({ kind: 'agent', name: 'agent' }, async () => {
    tracer.llmobs.annotate({ inputData: request.headers['x-message'] })
    await openai.chat.completions.create({ model: 'gpt-4o-mini', messages })
  })
  await openai.chat.completions.create({ model: 'gpt-4o-mini', messages })
  response.end('answered')
})
server.listen(0, '127.0.0.1', async () => {
  const { listening } = await import('./listening.mjs')
  listening(server.address().port)
})
