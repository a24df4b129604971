import { Assistant } from 'docs:ai, @ai-sdk/react'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'

export const client = 'ai, @ai-sdk/react'

const sent = ['POST /api/chat', 'body session_id']
const textOf = ({ parts }) => parts.map(({ text }) => text ?? '').join('')

const isAnswered = ({ status, messages }) =>
  status === 'ready' && messages.some((message) => textOf(message) === 'Hello from the agent')
const isBegun = ({ messages }) => messages.length === 2 && textOf(messages[1]) === 'Hello'

/** Shows the component, hands out its chat at each change, and waits until it has come to an end. */
async function withChat(use) {
  const root = createRoot(document.createElement('div'))
  let chat
  const changed = new Set()
  root.render(
    createElement(Assistant, {
      onChat(current) {
        chat = current
        for (const notify of changed) {
          notify()
        }
      },
    }),
  )
  const until = (condition) =>
    new Promise((resolve) => {
      const notify = () => {
        if (chat && condition(chat)) {
          changed.delete(notify)
          resolve()
        }
      }
      changed.add(notify)
      notify()
    })
  await until(() => true)
  await use(() => chat, until)
  const { status, error, messages } = chat
  root.unmount()
  return { status, error: error && describe(error), texts: messages.map(textOf) }
}

export const scenarios = {
  'a message': {
    run: () =>
      withChat(async (chat, until) => {
        await chat().sendMessage({ text: 'Hi' })
        await until(isAnswered)
      }),
    gives: { result: { status: 'ready', texts: ['Hi', 'Hello from the agent'] } },
    sends: [sent],
  },
  'an answer of 500, asked for once more': {
    run: () =>
      withChat(async (chat, until) => {
        await nextAnswer('broken')
        await chat().sendMessage({ text: 'Hi' })
        await until(({ status }) => status === 'error')
        await chat().regenerate()
        await until(isAnswered)
      }),
    gives: { result: { status: 'ready', texts: ['Hi', 'Hello from the agent'] } },
    sends: [sent, sent],
  },
  'an answer of 429': {
    run: () =>
      withChat(async (chat, until) => {
        await nextAnswer('busy')
        await chat().sendMessage({ text: 'Hi' })
        await until(({ status }) => status === 'error')
      }),
    gives: { result: { status: 'error', texts: ['Hi'] } },
    sends: [sent],
  },
  'an answer that breaks off': {
    run: () =>
      withChat(async (chat, until) => {
        await nextAnswer('cut')
        const sending = chat().sendMessage({ text: 'Hi' })
        await until(isBegun)
        await cut()
        await sending
        await until(({ status }) => status === 'error')
      }),
    gives: { result: { status: 'error', texts: ['Hi', 'Hello'] } },
    sends: [sent],
  },
  'a stream that is resumed': {
    run: () =>
      withChat(async (chat, until) => {
        await chat().resumeStream()
        await until(isAnswered)
      }),
    gives: { result: { status: 'ready', texts: ['Hello from the agent'] } },
    sends: [['GET /api/chat/chat-1/stream', 'query session_id']],
  },
  'stopped in the middle': {
    run: () =>
      withChat(async (chat, until) => {
        await nextAnswer('silent')
        const sending = chat().sendMessage({ text: 'Hi' })
        await until(isBegun)
        await chat().stop()
        await sending
        await until(({ status }) => status === 'ready')
      }),
    gives: { result: { status: 'ready', texts: ['Hi', 'Hello'] } },
    sends: [sent],
  },
}
