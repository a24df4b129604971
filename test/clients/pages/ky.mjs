import { api } from 'docs:ky'

export const client = 'ky'

const post = (options) => api.post('answers', { json: { message: 'Hi' }, ...options }).json()
const answered = { result: { answer: 'Hello from the agent' } }
const sent = ['POST /api/answers', 'body session_id']

export const scenarios = {
  'a JSON body': { run: () => post(), gives: answered, sends: [sent] },
  'a form': {
    run: () => api.post('answers', { body: new URLSearchParams({ message: 'Hi' }) }).json(),
    gives: answered,
    sends: [sent],
  },
  'a GET with a query of its own': {
    run: () => api.get('answers', { searchParams: { message: 'Hi' } }).json(),
    gives: answered,
    sends: [['GET /api/answers', 'query session_id']],
  },
  'a retry after 429 and another after 500': {
    async run() {
      await nextAnswer('busy')
      await nextAnswer('broken')
      return post()
    },
    gives: answered,
    sends: [sent, sent, sent],
  },
  'a retry after a broken connection': {
    async run() {
      await nextAnswer('cut')
      return post()
    },
    gives: answered,
    sends: [sent, sent],
  },
  'an answer of 500': {
    async run() {
      await nextAnswer('broken')
      return post({ retry: 0 })
    },
    gives: { error: { name: 'HTTPError', status: 500 } },
    sends: [sent],
  },
  'an abort': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return post({ signal: controller.signal })
    },
    gives: { error: { name: 'AbortError' } },
    sends: [sent],
  },
  'a timeout': {
    async run() {
      await nextAnswer('silent')
      return post({ timeout: 1_000, retry: 0 })
    },
    gives: { error: { name: 'TimeoutError' } },
    sends: [sent],
  },
}
