import { follow } from 'docs:eventsource'

export const client = 'eventsource'

const sent = ['GET /api/events', 'query session_id']

function collect(until) {
  const source = follow('Hi')
  const got = []
  return new Promise((resolve) => {
    source.addEventListener('message', ({ data }) => {
      got.push(data)
      cut()
      if (data === until) {
        source.close()
        resolve([...got, source.readyState])
      }
    })
    source.addEventListener('error', ({ code, message }) => {
      got.push({ code, message, readyState: source.readyState })
      if (source.readyState === source.CLOSED) {
        resolve(got)
      }
    })
  })
}

export const scenarios = {
  'a streamed answer': {
    run: () => collect('agent'),
    gives: { result: ['Hello', 'from', 'the', 'agent', 2] },
    sends: [sent],
  },
  'a reconnect after a broken connection': {
    async run() {
      await nextAnswer('cut')
      return collect('agent')
    },
    gives: { result: ['Hello', { readyState: 0 }, 'from', 'the', 'agent', 2] },
    sends: [sent, sent],
  },
  'an answer of 500': {
    async run() {
      await nextAnswer('broken')
      return collect('agent')
    },
    gives: { result: [{ code: 500, readyState: 2 }] },
    sends: [sent],
  },
  'closed in the middle': {
    async run() {
      await nextAnswer('silent')
      return collect('Hello')
    },
    gives: { result: ['Hello', 2] },
    sends: [sent],
  },
}
