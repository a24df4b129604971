import { client as mistral } from 'docs:@mistralai/mistralai'

export const client = '@mistralai/mistralai'

const question = { model: 'model', messages: [{ role: 'user', content: 'Hi' }] }
const answered = { result: 'Hello from the agent' }
const sent = ['POST /v1/chat/completions', 'body metadata.session_id']

async function read(stream) {
  let text = ''
  for await (const { data } of stream) {
    text += data.choices[0].delta.content ?? ''
    cut()
  }
  return text
}

export const scenarios = {
  'a chat completion': {
    run: async () => (await mistral.chat.complete(question)).choices[0].message.content,
    gives: answered,
    sends: [sent],
  },
  'a streamed one': {
    run: async () => read(await mistral.chat.stream(question)),
    gives: answered,
    sends: [sent],
  },
  'a retry after 429 and another after 500': {
    async run() {
      await nextAnswer('busy')
      await nextAnswer('broken')
      return read(await mistral.chat.stream(question))
    },
    gives: answered,
    sends: [sent, sent, sent],
  },
  'an answer that breaks off': {
    async run() {
      await nextAnswer('cut')
      return read(await mistral.chat.stream(question))
    },
    gives: { error: { name: 'TypeError' } },
    sends: [sent],
  },
  'an abort before the answer': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return mistral.chat.complete(question, { fetchOptions: { signal: controller.signal } })
    },
    gives: { error: { name: 'RequestAbortedError' } },
    sends: [sent],
  },
  'a list of models': {
    run: async () => (await mistral.models.list()).data.map(({ id }) => id),
    gives: { result: ['model'] },
    sends: [['GET /v1/models', 'query session_id']],
  },
}
