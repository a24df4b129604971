import { newAgent } from 'docs:@ag-ui/client'

export const client = '@ag-ui/client'

const sent = ['POST /agent', 'body forwardedProps.session_id']

async function ask(parameters, onText = () => cut()) {
  const agent = newAgent()
  const errors = []
  agent.addMessage({ id: 'question-1', role: 'user', content: 'Hi' })
  const outcome = await window.outcome(() =>
    agent.runAgent(parameters, {
      onMessagesChanged: ({ messages }) => messages.at(-1).content === 'Hello' && void onText(agent),
      onRunFailed: ({ error }) => void errors.push(describe(error)),
    }),
  )
  return { outcome, errors, texts: agent.messages.map(({ content }) => content) }
}

export const scenarios = {
  'a run': {
    run: () => ask(),
    gives: { result: { errors: [], texts: ['Hi', 'Hello from the agent'] } },
    sends: [sent],
  },
  'a run with forwarded properties of its own': {
    run: () => ask({ forwardedProps: { own: '1' } }),
    gives: { result: { errors: [], texts: ['Hi', 'Hello from the agent'] } },
    sends: [sent],
  },
  'an answer of 500, and another try': {
    async run() {
      await nextAnswer('broken')
      return [await ask(), await ask()]
    },
    gives: { result: [{ errors: [{ status: 500 }] }, { texts: ['Hi', 'Hello from the agent'] }] },
    sends: [sent, sent],
  },
  'an answer that breaks off': {
    async run() {
      await nextAnswer('cut')
      return ask()
    },
    gives: { result: { errors: [{ name: 'TypeError' }] } },
    sends: [sent],
  },
  'an abort in the middle': {
    async run() {
      await nextAnswer('silent')
      return ask({}, (agent) => agent.abortRun())
    },
    gives: { result: { errors: [], texts: ['Hi', 'Hello'] } },
    sends: [sent],
  },
}
