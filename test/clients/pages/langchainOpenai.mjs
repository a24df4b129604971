import { model } from 'docs:@langchain/openai'

export const client = '@langchain/openai'

const answered = { result: 'Hello from the agent' }
const sent = ['POST /v1/chat/completions', 'body metadata.session_id']

export const scenarios = {
  'an invocation': {
    run: async () => (await model.invoke('Hi')).content,
    gives: answered,
    sends: [sent],
  },
  'a streamed one': {
    async run() {
      let text = ''
      for await (const chunk of await model.stream('Hi')) {
        text += chunk.content
      }
      return text
    },
    gives: answered,
    sends: [sent],
  },
  'a retry after 500': {
    async run() {
      await nextAnswer('broken')
      return (await model.invoke('Hi')).content
    },
    gives: answered,
    sends: [sent, sent],
  },
  'an answer that breaks off': {
    async run() {
      await nextAnswer('cut')
      let text = ''
      try {
        for await (const chunk of await model.stream('Hi')) {
          text += chunk.content
          cut()
        }
      } catch (error) {
        return [text, describe(error)]
      }
    },
    gives: { result: ['Hello', { name: 'TypeError' }] },
    sends: [sent],
  },
  'an abort before the answer': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return model.invoke('Hi', { signal: controller.signal })
    },
    gives: { error: { name: 'AbortError' } },
    sends: [sent],
  },
}
