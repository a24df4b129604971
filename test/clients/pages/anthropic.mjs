import { client as anthropic } from 'docs:@anthropic-ai/sdk'

export const client = '@anthropic-ai/sdk'

const messages = [{ role: 'user', content: 'Hi' }]
const ask = (options, more) => anthropic.messages.create({ model: 'model', max_tokens: 9, messages, ...options }, more)
const answered = { result: 'Hello from the agent' }
const sent = ['POST /v1/messages', 'body metadata.user_id']

export const scenarios = {
  'a message': {
    run: async () => (await ask()).content[0].text,
    gives: answered,
    sends: [sent],
  },
  'a streamed one, with its helper': {
    run: () => anthropic.messages.stream({ model: 'model', max_tokens: 9, messages }).finalText(),
    gives: answered,
    sends: [sent],
  },
  'a retry after 429 and another after 500': {
    async run() {
      await nextAnswer('busy')
      await nextAnswer('broken')
      return (await ask()).content[0].text
    },
    gives: answered,
    sends: [sent, sent, sent],
  },
  'an answer that breaks off': {
    async run() {
      await nextAnswer('cut')
      const types = []
      try {
        for await (const { type } of await ask({ stream: true })) {
          types.push(type)
          cut()
        }
      } catch (error) {
        return [...types, describe(error)]
      }
    },
    gives: { result: ['message_start', 'content_block_start', 'content_block_delta', { name: 'TypeError' }] },
    sends: [sent],
  },
  'an abort in the middle of the answer': {
    async run() {
      await nextAnswer('silent')
      const stream = anthropic.messages.stream({ model: 'model', max_tokens: 9, messages })
      stream.on('streamEvent', () => stream.abort())
      return stream.finalText()
    },
    gives: { error: { message: 'Request was aborted.' } },
    sends: [sent],
  },
  'an abort before the answer': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return ask({}, { signal: controller.signal })
    },
    gives: { error: { message: 'Request was aborted.' } },
    sends: [sent],
  },
}
