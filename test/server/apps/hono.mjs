import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { streamText } from 'hono/streaming'
import { rumSessionOf } from 'rum-llm-correlation/server'
import { answer, answerInParts, answerTo, llmobs } from './agent.mjs'
import { listening } from './listening.mjs'

const app = new Hono()
const messageOf = (context) => context.req.header('x-message')

app.all('/answer', async (context) => context.text(await answer(messageOf(context))))
app.all('/explicit', async (context) => context.text(await answer(messageOf(context), 'explicit-session')))
app.all('/stream', (context) =>
  streamText(context, async (stream) => {
    for await (const part of answerInParts(messageOf(context))) {
      await stream.write(part)
    }
  }),
)
app.post('/read/parsed', async (context) => {
  const isForm = context.req.header('content-type').includes('urlencoded')
  const { text } = isForm ? await context.req.parseBody() : await context.req.json()
  return context.text(await answerTo(messageOf(context), text))
})
app.post('/read/raw', async (context) =>
  context.text(await answerTo(messageOf(context), Buffer.from(await context.req.arrayBuffer()))),
)
app.post('/body', async (context) => {
  const { sessionId, tags } = rumSessionOf(context.req.raw, await context.req.json())
  return context.text(await llmobs.annotationContext({ tags }, () => answer(messageOf(context), sessionId)))
})

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => listening(port))
