import { follow } from 'docs:@microsoft/fetch-event-source'

export const client = '@microsoft/fetch-event-source'

const sent = ['POST /api/events', 'body session_id']

function collect({ until, retry = 10, ...options }) {
  const controller = new AbortController()
  const got = []
  return follow('Hi', {
    signal: controller.signal,
    openWhenHidden: true,
    onmessage({ data }) {
      got.push(data)
      cut()
      if (data === until) {
        controller.abort()
      }
    },
    onerror(error) {
      got.push(describe(error).name)
      if (retry === false) {
        throw error
      }
      return retry
    },
    ...options,
  }).then(() => got)
}

export const scenarios = {
  'a streamed answer': {
    run: () => collect({}),
    gives: { result: ['Hello', 'from', 'the', 'agent'] },
    sends: [sent],
  },
  'a reconnect after a broken connection': {
    async run() {
      await nextAnswer('cut')
      return collect({})
    },
    gives: { result: ['Hello', 'TypeError', 'from', 'the', 'agent'] },
    sends: [sent, sent],
  },
  'a retry after 500': {
    async run() {
      await nextAnswer('broken')
      return collect({})
    },
    gives: { result: ['Error', 'Hello', 'from', 'the', 'agent'] },
    sends: [sent, sent],
  },
  'an answer that breaks off': {
    async run() {
      await nextAnswer('cut')
      return collect({ retry: false })
    },
    gives: { error: { name: 'TypeError' } },
    sends: [sent],
  },
  'an abort in the middle': {
    async run() {
      await nextAnswer('silent')
      return collect({ until: 'Hello' })
    },
    gives: { result: ['Hello'] },
    sends: [sent],
  },
}
