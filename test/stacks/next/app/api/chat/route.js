import tracer from 'dd-trace'
import OpenAI from 'openai'
import { rumSessionOf } from 'rum-llm-correlation/server'

const { llmobs } = tracer

/** GET: the session comes by itself. POST: it is in the body. */
async function answer(request, sessionId, tags = {}) {
  const openai = new OpenAI()
  const message = request.headers.get('x-message')
  await llmobs.annotationContext({ tags }, () =>
    llmobs.trace({ kind: 'agent', name: 'agent', sessionId }, async () => {
      llmobs.annotate({ inputData: message })
      await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: message }] })
    }),
  )
  return new Response('answered')
}

export const GET = (request) => answer(request)

export async function POST(request) {
  const { sessionId, tags } = rumSessionOf(request, await request.json())
  return answer(request, sessionId, tags)
}
