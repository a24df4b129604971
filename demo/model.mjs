// @ts-check
// Stands in for a large language model: OpenAI's endpoint for chat completions, with scripted
// replies.
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { listen } from './listen.mjs'

/**
 * @typedef {object} ToolCall
 * @property {number} index
 * @property {string} id
 * @property {'function'} type
 * @property {{ name: string, arguments: string }} function
 */

/** @typedef {{ content?: string, tool_calls?: ToolCall[] }} Reply */

/** @typedef {{ role: string, content: string }} Message */

/** @param {{ wordDelay: number }} options - The milliseconds between two words. */
export async function startModel({ wordDelay }) {
  const server = createServer((request, response) => {
    complete(request, response, wordDelay).catch((error) => response.destroy(error))
  })
  const url = await listen(server, 0)
  return {
    baseUrl: `${url}/v1`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {number} wordDelay
 */
async function complete(request, response, wordDelay) {
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') return response.writeHead(404).end()
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  const { model, messages, stream } = JSON.parse(text)
  const reply = nextReply(messages)
  const completion = {
    id: `chatcmpl-${Date.now().toString(36)}`,
    created: Math.floor(Date.now() / 1000),
    model,
  }
  const usage = usageOf(text, reply)
  if (!stream) {
    const message = { role: 'assistant', content: null, ...reply }
    const finish_reason = reply.tool_calls ? 'tool_calls' : 'stop'
    const body = { ...completion, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage }
    return response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  }

  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  /** @param {object} fields */
  const send = (fields) => {
    const chunk = { ...completion, object: 'chat.completion.chunk', ...fields }
    response.write(`data: ${JSON.stringify(chunk)}\n\n`)
  }
  await delay(wordDelay * 6)
  for (const delta of deltasOf(reply)) {
    send({ choices: [{ index: 0, delta, finish_reason: null }] })
    await delay(wordDelay)
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: reply.tool_calls ? 'tool_calls' : 'stop' }] })
  send({ choices: [], usage })
  response.end('data: [DONE]\n\n')
}

/**
 * @param {Message[]} messages
 * @returns {Reply}
 */
function nextReply(messages) {
  const last = messages.at(-1)
  const question = messages.filter(({ role }) => role === 'user').at(-1)?.content ?? ''
  if (last?.role === 'tool') return { content: answerFrom(JSON.parse(last.content), question) }
  return { tool_calls: [{ index: 0, id: `call_${messages.length}`, type: 'function', function: chooseTool(question) }] }
}

/** @param {string} question */
function chooseTool(question) {
  const [orderId] = question.match(/\b\d{4}\b/) ?? []
  if (orderId) return { name: 'look_up_order', arguments: JSON.stringify({ order_id: orderId }) }
  /** @type {[string, RegExp][]} */
  const topics = [
    ['returns', /return|refund|send .*back|exchange/i],
    ['warranty', /warrant|broken|repair|defect|guarantee/i],
    ['shipping', /ship|deliver|parcel|how long|arrive|track|order/i],
  ]
  const [topic] = topics.find(([, pattern]) => pattern.test(question)) ?? ['contact']
  return { name: 'look_up_policy', arguments: JSON.stringify({ topic }) }
}

/**
 * @typedef {object} Order
 * @property {string} status
 * @property {string[]} items
 * @property {string} total
 * @property {string} placed
 * @property {string} expected
 * @property {undefined} [error]
 */

/**
 * @param {string | Order | { error: string }} result
 * @param {string} question
 */
function answerFrom(result, question) {
  if (typeof result === 'string') {
    const opening = /\?\s*$/.test(question) ? 'Here is how we handle that.' : 'Thank you for writing to us.'
    return `${opening} ${result} If you give me your order number, I can look at your case.`
  }
  if (result.error !== undefined)
    return `${result.error} in our system. Order numbers have four digits, for example 1002.`
  const { status, items, total, placed, expected } = result
  const what = items.map((item) => item.charAt(0).toLowerCase() + item.slice(1)).join(' and ')
  const when = status === 'delivered' ? `It was ${expected}.` : `It should reach you ${expected}.`
  return `Your order of ${placed} (${what}, ${total}) is ${status}. ${when} Can I do anything else for you?`
}

/**
 * @param {Reply} reply
 * @returns {object[]}
 */
function deltasOf({ content = '', tool_calls: [call] = [] }) {
  if (!call) {
    const words = content.match(/\S+\s*/g) ?? []
    return [{ role: 'assistant', content: '' }, ...words.map((word) => ({ content: word }))]
  }
  const { arguments: json, name } = call.function
  const half = Math.ceil(json.length / 2)
  return [
    { role: 'assistant', content: null, tool_calls: [{ ...call, function: { name, arguments: '' } }] },
    { tool_calls: [{ index: 0, function: { arguments: json.slice(0, half) } }] },
    { tool_calls: [{ index: 0, function: { arguments: json.slice(half) } }] },
  ]
}

/**
 * Counts four characters as a token.
 *
 * @param {string} requestText
 * @param {Reply} reply
 */
function usageOf(requestText, reply) {
  const prompt_tokens = Math.ceil(requestText.length / 4)
  const completion_tokens = Math.ceil(JSON.stringify(reply).length / 4)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
