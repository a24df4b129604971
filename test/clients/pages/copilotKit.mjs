import { connect } from 'docs:@copilotkit/core'

export const client = '@copilotkit/core'

const REST = 'https://agent.example.com/copilotkit'
const SINGLE = 'https://agent.example.com/copilotkit-single'
const info = ['GET /copilotkit/info', 'query session_id']
const ran = ['POST /copilotkit/agent/default/run', 'body forwardedProps.session_id']
const single = ['POST /copilotkit-single', 'body body.forwardedProps.session_id']

async function withAgent(runtimeUrl, runtimeTransport, use) {
  const copilot = connect(runtimeUrl, runtimeTransport)
  const errors = []
  copilot.subscribe({ onError: ({ error, code }) => void errors.push({ ...describe(error), code }) })
  while (copilot.runtimeConnectionStatus !== 'connected') {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const agent = copilot.getAgent('default')
  agent.threadId = 'thread-1'
  agent.addMessage({ id: 'question-1', role: 'user', content: 'Hi' })
  await use(copilot, agent)
  return { errors, texts: agent.messages.map(({ content }) => content) }
}
const onHello = (agent, react) =>
  agent.subscribe({ onMessagesChanged: ({ messages }) => messages.at(-1).content === 'Hello' && void react() })
const answered = { result: { errors: [], texts: ['Hi', 'Hello from the agent'] } }
const runOnce = (copilot, agent) => copilot.runAgent({ agent })

/** Told twice: by the agent's subscriber and by the run. */
const FAILED = [{ code: 'agent_run_failed_event' }, { code: 'agent_run_failed' }]

export const scenarios = {
  'a run': {
    run: () => withAgent(REST, 'rest', runOnce),
    gives: answered,
    sends: [info, ran],
  },
  'a run with properties of its own': {
    run: () => withAgent(REST, 'rest', (copilot, agent) => copilot.runAgent({ agent, forwardedProps: { own: '1' } })),
    gives: answered,
    sends: [info, ran],
  },
  'a run over the single endpoint': {
    run: () => withAgent(SINGLE, 'single', runOnce),
    gives: answered,
    sends: [single, single],
  },
  'a thread that is connected to again': {
    run: () => withAgent(REST, 'rest', (copilot, agent) => copilot.connectAgent({ agent })),
    gives: { result: { errors: [] } },
    sends: [info, ['POST /copilotkit/agent/default/connect', 'body forwardedProps.session_id']],
  },
  'an answer of 500, and another try': {
    run: () =>
      withAgent(REST, 'rest', async (copilot, agent) => {
        await nextAnswer('broken')
        await copilot.runAgent({ agent })
        await copilot.runAgent({ agent })
      }),
    gives: { result: { errors: FAILED, texts: ['Hi', 'Hello from the agent'] } },
    // CopilotKit asks whether the runtime is still there.
    sends: [info, ran, info, ran],
  },
  'an answer that breaks off': {
    run: () =>
      withAgent(REST, 'rest', async (copilot, agent) => {
        await nextAnswer('cut')
        onHello(agent, () => cut())
        await copilot.runAgent({ agent })
      }),
    gives: { result: { errors: FAILED } },
    sends: [info, ran],
  },
  'stopped in the middle, which the runtime does': {
    run: () =>
      withAgent(REST, 'rest', async (copilot, agent) => {
        await nextAnswer('cut')
        onHello(agent, () => {
          copilot.stopAgent({ agent })
          cut()
        })
        await copilot.runAgent({ agent })
      }),
    gives: { result: { errors: FAILED, texts: ['Hi', 'Hello'] } },
    sends: [info, ran, ['POST /copilotkit/agent/default/stop/thread-1', 'body forwardedProps.session_id']],
  },
}
