import { newChat } from 'docs:@tanstack/ai-client'

export const client = '@tanstack/ai-client'

const sent = ['POST /api/agent', 'body session_id']
const textOf = ({ parts }) => parts.map(({ content }) => content ?? '').join('')

async function ask(transport, { onText = () => cut(), again = false } = {}) {
  const errors = []
  const chat = newChat(transport, {
    onError: (error) => void errors.push(describe(error)),
    onChunk: ({ type }) => type === 'TEXT_MESSAGE_CONTENT' && onText(chat),
  })
  await chat.sendMessage('Hi')
  if (again) {
    await chat.reload()
  }
  return { errors, status: chat.getStatus(), texts: chat.getMessages().map(textOf) }
}

const scenariosWith = (transport) => ({
  [`${transport}: a message`]: {
    run: () => ask(transport),
    gives: { result: { errors: [], texts: ['Hi', 'Hello from the agent'] } },
    sends: [sent],
  },
  [`${transport}: an answer that breaks off, asked for from there on`]: {
    async run() {
      await nextAnswer('cut')
      return ask(transport)
    },
    gives: { result: { errors: [], texts: ['Hi', 'Hello from the agent'] } },
    sends: [sent, sent],
  },
  [`${transport}: an answer of 429, asked for once more`]: {
    async run() {
      await nextAnswer('busy')
      return ask(transport, { again: true })
    },
    gives: { result: { errors: [{ name: 'Error' }], texts: ['Hi', 'Hello from the agent'] } },
    sends: [sent, sent],
  },
  [`${transport}: stopped in the middle`]: {
    async run() {
      await nextAnswer('silent')
      return ask(transport, { onText: (chat) => chat.stop() })
    },
    gives: { result: { errors: [], texts: ['Hi', 'Hello'] } },
    sends: [sent],
  },
})

export const scenarios = { ...scenariosWith('fetch'), ...scenariosWith('xhr') }
