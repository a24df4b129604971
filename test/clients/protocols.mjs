// The agents' side: each API as far as its real client goes.
import { createServer } from 'node:http'

const encoder = new TextEncoder()

/** A streamed answer, each piece written on its own. */
const stream = (pieces, headers) =>
  new Response(ReadableStream.from(pieces.map((piece) => encoder.encode(piece))), { headers })

const events = (pieces, headers) => stream(pieces, { 'content-type': 'text/event-stream', ...headers })
const data = (value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
const named = (value) => `event: ${value.type}\n${data(value)}`

const WORDS = ['Hello', ' from', ' the', ' agent']

const openai = {
  async '/v1/chat/completions'(request) {
    const { stream } = await request.json()
    const completion = { id: 'chatcmpl-1', created: 1, model: 'model', system_fingerprint: 'fp' }
    if (!stream) {
      const message = { role: 'assistant', content: WORDS.join(''), refusal: null }
      return Response.json({
        ...completion,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
        usage: { prompt_tokens: 1, completion_tokens: 4, total_tokens: 5 },
      })
    }
    const chunk = (delta, finish_reason = null) =>
      data({ ...completion, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })
    return events([
      chunk({ role: 'assistant', content: WORDS[0] }),
      ...WORDS.slice(1).map((content) => chunk({ content })),
      chunk({}, 'stop'),
      data('[DONE]'),
    ])
  },
  '/v1/embeddings': () =>
    Response.json({
      object: 'list',
      model: 'model',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    }),
  async '/v1/audio/transcriptions'(request) {
    const form = await request.formData()
    return Response.json({ text: `${form.get('file').size} bytes` })
  },
  '/v1/models': () =>
    Response.json({
      object: 'list',
      data: [{ id: 'model', object: 'model', created: 1, owned_by: 'test', type: 'base', capabilities: {} }],
    }),
}

const anthropic = {
  async '/v1/messages'(request) {
    const { stream } = await request.json()
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'model', stop_sequence: null }
    if (!stream) {
      return Response.json({
        ...message,
        content: [{ type: 'text', text: WORDS.join('') }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 1, output_tokens: 4 },
      })
    }
    return events(
      [
        {
          type: 'message_start',
          message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 1, output_tokens: 0 } },
        },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        ...WORDS.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } },
        { type: 'message_stop' },
      ].map(named),
    )
  },
}

const ownApi = {
  '/api/chat': () => Response.json({ answer: WORDS.join('') }),
  /** Goes on behind the event that `Last-Event-ID` names. */
  '/api/events'(request) {
    const seen = Number(request.headers.get('last-event-id') ?? -1)
    const pieces = WORDS.map((word, index) => `id: ${index}\nretry: 10\ndata: ${word.trim()}\n\n`)
    return events(pieces.slice(seen + 1))
  },
}

export function createProtocols() {
  return { ...openai, ...anthropic, ...ownApi }
}

export async function startSocketServer() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    requests: [],
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
