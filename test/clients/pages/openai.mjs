import { client as openai } from 'docs:openai'

export const client = 'openai'

const messages = [{ role: 'user', content: 'Hi' }]
const ask = (options, more) => openai.chat.completions.create({ model: 'model', messages, ...options }, more)
const answered = { result: 'Hello from the agent' }
const chat = ['POST /v1/chat/completions', 'body metadata.session_id']

async function read(stream) {
  let text = ''
  for await (const chunk of stream) {
    text += chunk.choices[0].delta.content ?? ''
    cut()
  }
  return text
}

export const scenarios = {
  'a chat completion': {
    run: async () => (await ask()).choices[0].message.content,
    gives: answered,
    sends: [chat],
  },
  'one with metadata of its own': {
    run: async () => (await ask({ metadata: { thread: '1' } })).choices[0].message.content,
    gives: answered,
    sends: [chat],
  },
  'a streamed one': {
    run: async () => read(await ask({ stream: true })),
    gives: answered,
    sends: [chat],
  },
  'a retry after 429 and another after 500': {
    async run() {
      await nextAnswer('busy')
      await nextAnswer('broken')
      return read(await ask({ stream: true }))
    },
    gives: answered,
    sends: [chat, chat, chat],
  },
  'a retry after a broken connection': {
    async run() {
      await nextAnswer('cut')
      return (await ask({}, { maxRetries: 1 })).choices[0].message.content
    },
    gives: answered,
    sends: [chat, chat],
  },
  'an answer that breaks off': {
    async run() {
      await nextAnswer('cut')
      return read(await ask({ stream: true }))
    },
    gives: { error: { name: 'TypeError' } },
    sends: [chat],
  },
  'an abort before the answer': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return ask({}, { signal: controller.signal })
    },
    gives: { error: { message: 'Request was aborted.' } },
    sends: [chat],
  },
  'an abort in the middle of the answer': {
    async run() {
      await nextAnswer('silent')
      const stream = await ask({ stream: true })
      let text = ''
      for await (const chunk of stream) {
        text += chunk.choices[0].delta.content
        stream.controller.abort()
      }
      return text
    },
    gives: { result: 'Hello' },
    sends: [chat],
  },
  embeddings: {
    run: async () =>
      (await openai.embeddings.create({ model: 'model', input: 'Hi', encoding_format: 'float' })).data[0].embedding,
    gives: { result: [0.5, 0.25] },
    sends: [['POST /v1/embeddings', 'body session_id']],
  },
  'a transcription, a form that is sent again after 429': {
    async run() {
      await nextAnswer('busy')
      const file = new File(['some sound'], 'sound.wav', { type: 'audio/wav' })
      return (await openai.audio.transcriptions.create({ model: 'model', file })).text
    },
    gives: { result: '10 bytes' },
    sends: [
      ['POST /v1/audio/transcriptions', 'body session_id'],
      ['POST /v1/audio/transcriptions', 'body session_id'],
    ],
  },
  'a list of models': {
    run: async () => (await openai.models.list()).data.map(({ id }) => id),
    gives: { result: ['model'] },
    sends: [['GET /v1/models', 'query session_id']],
  },
}
