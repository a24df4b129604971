import { client as langgraph } from 'docs:@langchain/langgraph-sdk'

export const client = '@langchain/langgraph-sdk'

const input = { messages: [{ role: 'human', content: 'Hi' }] }
const started = ['POST /threads/thread-1/runs/stream', 'body metadata.session_id']
const joined = ['GET /threads/thread-1/runs/run-1/stream', 'query session_id']

async function read(stream, onEvent = () => cut()) {
  const texts = []
  for await (const { event, data } of stream) {
    texts.push(data?.text ?? event)
    onEvent()
  }
  return texts
}
const start = (options) =>
  langgraph.runs.stream('thread-1', 'agent', { input, streamMode: 'values', streamResumable: true, ...options })
const answered = { result: ['Hello', 'Hello from', 'Hello from the', 'Hello from the agent', 'end'] }

export const scenarios = {
  'a thread': {
    run: async () => (await langgraph.threads.create({ metadata: { own: '1' } })).thread_id,
    gives: { result: 'thread-1' },
    sends: [['POST /threads', 'body metadata.session_id']],
  },
  'a streamed run': {
    run: () => read(start()),
    gives: answered,
    sends: [started],
  },
  'a run with metadata of its own': {
    run: () => read(start({ metadata: { own: '1' } })),
    gives: answered,
    sends: [started],
  },
  'a run whose answer breaks off, taken up again': {
    async run() {
      await nextAnswer('cut')
      return read(start())
    },
    gives: answered,
    sends: [started, joined],
  },
  'a run that is joined': {
    run: () => read(langgraph.runs.joinStream('thread-1', 'run-1')),
    gives: answered,
    sends: [joined],
  },
  'a GET, once more after 500': {
    async run() {
      await nextAnswer('broken')
      return (await langgraph.threads.get('thread-1')).thread_id
    },
    gives: { result: 'thread-1' },
    sends: [
      ['GET /threads/thread-1', 'query session_id'],
      ['GET /threads/thread-1', 'query session_id'],
    ],
  },
  'a run that is answered with 429': {
    async run() {
      await nextAnswer('busy')
      return read(start())
    },
    gives: { error: { status: 429 } },
    sends: [started],
  },
  'an abort in the middle': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      return read(start({ signal: controller.signal }), () => controller.abort())
    },
    gives: { result: ['Hello'] },
    sends: [started],
  },
}
