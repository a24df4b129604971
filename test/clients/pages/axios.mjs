import { api } from 'docs:axios'

export const client = 'axios'

const question = { message: 'Hi' }
const answered = { result: { answer: 'Hello from the agent' } }
const sent = ['POST /api/answers', 'body session_id']

/** A retry as an interceptor makes it: with the very same configuration. */
async function withRetry(make) {
  const interceptor = api.interceptors.response.use(undefined, (error) => api.request(error.config))
  try {
    return await make()
  } finally {
    api.interceptors.response.eject(interceptor)
  }
}

/** A Request hides its form: it takes the query parameter. */
const formPlace = { xhr: 'body session_id', fetch: 'query session_id' }
const timeoutCode = { xhr: 'ECONNABORTED', fetch: 'ETIMEDOUT' }

const scenariosWith = (adapter) => ({
  [`${adapter}: a JSON body`]: {
    run: async () => (await api.post('answers', question, { adapter })).data,
    gives: answered,
    sends: [sent],
  },
  [`${adapter}: a form`]: {
    run: async () => (await api.postForm('answers', question, { adapter })).data,
    gives: answered,
    sends: [['POST /api/answers', formPlace[adapter]]],
  },
  [`${adapter}: a GET with a query of its own`]: {
    run: async () => (await api.get('answers', { adapter, params: question })).data,
    gives: answered,
    sends: [['GET /api/answers', 'query session_id']],
  },
  [`${adapter}: a retry after 429 with the same configuration`]: {
    async run() {
      await nextAnswer('busy')
      return withRetry(async () => (await api.post('answers', question, { adapter })).data)
    },
    gives: answered,
    sends: [sent, sent],
  },
  [`${adapter}: a retry after a broken connection`]: {
    async run() {
      await nextAnswer('cut')
      return withRetry(async () => (await api.post('answers', question, { adapter })).data)
    },
    gives: answered,
    sends: [sent, sent],
  },
  [`${adapter}: an answer of 500`]: {
    async run() {
      await nextAnswer('broken')
      return api.post('answers', question, { adapter })
    },
    gives: { error: { code: 'ERR_BAD_RESPONSE', status: 500 } },
    sends: [sent],
  },
  [`${adapter}: an abort`]: {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return api.post('answers', question, { adapter, signal: controller.signal })
    },
    gives: { error: { code: 'ERR_CANCELED' } },
    sends: [sent],
  },
  [`${adapter}: a timeout`]: {
    async run() {
      await nextAnswer('silent')
      return api.post('answers', question, { adapter, timeout: 1_000 })
    },
    gives: { error: { code: timeoutCode[adapter] } },
    sends: [sent],
  },
})

export const scenarios = { ...scenariosWith('xhr'), ...scenariosWith('fetch') }
