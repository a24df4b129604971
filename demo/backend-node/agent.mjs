// @ts-check
import tracer from 'dd-trace'
import OpenAI from 'openai'
import { callTool, toolDefinitions } from './tools.mjs'

const { llmobs } = tracer

// The client reads OPENAI_API_KEY and OPENAI_BASE_URL. dd-trace makes an LLM span of each of its
// calls.
const openai = new OpenAI()
const model = process.env.OPENAI_MODEL || 'gpt-4o-mini'

const instructions =
  'You answer customers of a coffee equipment shop, in at most four sentences and plain text. ' +
  'Look orders and shop policies up with the tools; never make them up.'

const maxSteps = 4

/** @typedef {import('openai').OpenAI.ChatCompletionMessageParam} Message */

/** @typedef {import('openai').OpenAI.ChatCompletionMessageFunctionToolCall} ToolCall */

/**
 * Answers one question, and passes the answer on piece by piece. If the tracer does not know the
 * RUM session, `sessionId` gives it. The spans below the agent's span inherit it.
 *
 * @param {{ message: string, sessionId?: string | undefined }} question
 * @param {{ onTrace(traceId: string): void, onDelta(delta: string): void }} listener
 */
export function answerQuestion({ message, sessionId }, { onTrace, onDelta }) {
  return llmobs.trace({ kind: 'agent', name: 'order_support_agent', ...(sessionId && { sessionId }) }, async (span) => {
    onTrace(llmobs.exportSpan(span).traceId)
    const answer = await runSteps(message, onDelta)
    llmobs.annotate(span, { inputData: message, outputData: answer })
  })
}

/**
 * Records what the person thought of an answer, as feedback on its trace.
 *
 * @param {{ helpful: boolean, traceId: string, sessionId?: string | undefined, userId?: string |
 * undefined }} feedback
 */
export function recordFeedback({ helpful, traceId, sessionId, userId }) {
  llmobs.submitFeedback({
    label: 'helpful',
    metricType: 'boolean',
    value: helpful,
    traceId,
    submitter: { id: userId ?? sessionId ?? 'unknown' },
    tags: sessionId ? { session_id: sessionId } : {},
  })
}

/**
 * @param {string} message
 * @param {(delta: string) => void} onDelta
 */
async function runSteps(message, onDelta) {
  /** @type {Message[]} */
  const messages = [
    { role: 'system', content: instructions },
    { role: 'user', content: message },
  ]
  for (let step = 1; step <= maxSteps; step++) {
    const stream = await openai.chat.completions.create({
      model,
      messages,
      tools: toolDefinitions,
      stream: true,
      stream_options: { include_usage: true },
    })
    const reply = await readReply(stream, onDelta)
    if (!reply.tool_calls) return reply.content
    messages.push(reply)
    for (const call of reply.tool_calls) {
      messages.push({ role: 'tool', tool_call_id: call.id, content: await callTool(call.function) })
    }
  }
  throw new Error(`No answer after ${maxSteps} steps`)
}

/**
 * Joins the streamed chunks of one model call into a message.
 *
 * @param {AsyncIterable<import('openai').OpenAI.ChatCompletionChunk>} stream
 * @param {(delta: string) => void} onDelta
 */
async function readReply(stream, onDelta) {
  /** @type {{ role: 'assistant', content: string, tool_calls?: ToolCall[] }} */
  const reply = { role: 'assistant', content: '' }
  for await (const chunk of stream) {
    const delta = chunk.choices[0]?.delta
    if (delta?.content) {
      reply.content += delta.content
      onDelta(delta.content)
    }
    for (const part of delta?.tool_calls ?? []) {
      reply.tool_calls ??= []
      /** @type {ToolCall} */
      const call = reply.tool_calls[part.index] ?? { id: '', type: 'function', function: { name: '', arguments: '' } }
      reply.tool_calls[part.index] = call
      call.id += part.id ?? ''
      call.function.name += part.function?.name ?? ''
      call.function.arguments += part.function?.arguments ?? ''
    }
  }
  return reply
}
