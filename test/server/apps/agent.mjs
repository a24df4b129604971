// What the servers do for a request: nothing in it knows of a session.
import { createHash } from 'node:crypto'
import tracer from 'dd-trace'
import OpenAI from 'openai'

export const { llmobs } = tracer

const openai = new OpenAI()

/** An LLM call in an agent's span, and one that only the client's own instrumentation makes a span of. */
export async function answer(message, sessionId) {
  await llmobs.trace({ kind: 'agent', name: 'agent', sessionId }, async () => {
    llmobs.annotate({ inputData: message })
    await ask(message)
  })
  await ask(message)
  return 'answered'
}

/** Answers a message, and says what has come of a body. */
export async function answerTo(message, body) {
  await answer(message)
  return createHash('sha256').update(body).digest('hex')
}

/** An answer in parts, with an LLM call before each part but the first. */
export async function* answerInParts(message) {
  yield 'one '
  for (const part of ['two ', 'three ']) {
    await ask(message)
    yield part
  }
}

async function ask(message) {
  await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: message }] })
}
