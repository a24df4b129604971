import { client as bedrock } from 'docs:@aws-sdk/client-bedrock-runtime'
import { ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime'

export const client = '@aws-sdk/client-bedrock-runtime'

const question = { modelId: 'model', messages: [{ role: 'user', content: [{ text: 'Hi' }] }] }
const converse = (options) => bedrock.send(new ConverseCommand(question), options)
const textOf = ({ output }) => output.message.content[0].text
const sent = ['POST /model/model/converse', 'header baggage']
const streamed = ['POST /model/model/converse-stream', 'header baggage']

async function read(onText = () => cut(), options) {
  const { stream } = await bedrock.send(new ConverseStreamCommand(question), options)
  let text = ''
  for await (const { contentBlockDelta } of stream) {
    text += contentBlockDelta?.delta.text ?? ''
    contentBlockDelta && onText()
  }
  return text
}

export const scenarios = {
  'an answer': {
    run: async () => textOf(await converse()),
    gives: { result: 'Hello from the agent' },
    sends: [sent],
  },
  'a streamed one': {
    run: () => read(),
    gives: { result: 'Hello from the agent' },
    sends: [streamed],
  },
  'a retry after 429 and another after 500': {
    async run() {
      await nextAnswer('busy')
      await nextAnswer('broken')
      return textOf(await converse())
    },
    gives: { result: 'Hello from the agent' },
    sends: [sent, sent, sent],
  },
  'an answer that breaks off': {
    async run() {
      await nextAnswer('cut')
      return read()
    },
    gives: { error: { name: 'TypeError' } },
    sends: [streamed],
  },
  'an abort in the middle of the answer': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      return read(() => controller.abort(), { abortSignal: controller.signal })
    },
    gives: { error: { name: 'AbortError' } },
    sends: [streamed],
  },
  'an abort before the answer': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return converse({ abortSignal: controller.signal })
    },
    gives: { error: { name: 'AbortError' } },
    sends: [sent],
  },
}
