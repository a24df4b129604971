import { client as graphql } from 'docs:graphql-request'
import { gql } from 'graphql-request'

export const client = 'graphql-request'

const QUERY = gql`query Answer($question: String!) { answer(question: $question) }`
const MUTATION = gql`mutation Ask($question: String!) { ask(question: $question) }`
const variables = { question: 'Hi' }
const sent = ['POST /graphql', 'body extensions.session_id']

export const scenarios = {
  'a query': {
    run: () => graphql.request(QUERY, variables),
    gives: { result: { answer: 'Hello from the agent' } },
    sends: [sent],
  },
  'a mutation': {
    run: () => graphql.request(MUTATION, variables),
    gives: { result: { ask: 'Hello from the agent' } },
    sends: [sent],
  },
  'several in one request': {
    run: () =>
      graphql.batchRequests([
        { document: QUERY, variables },
        { document: MUTATION, variables },
      ]),
    gives: { result: [{ data: { answer: 'Hello from the agent' } }, { data: { ask: 'Hello from the agent' } }] },
    sends: [['POST /graphql', 'query session_id']],
  },
  'a query that the server refuses': {
    run: () => graphql.request(gql`{ unknown }`),
    gives: { error: { name: 'Error', status: 400 } },
    sends: [sent],
  },
  'an answer of 500, and another try': {
    async run() {
      await nextAnswer('broken')
      return [await outcome(() => graphql.request(QUERY, variables)), await graphql.request(QUERY, variables)]
    },
    gives: { result: [{ error: { status: 500 } }, { answer: 'Hello from the agent' }] },
    sends: [sent, sent],
  },
  'a broken connection': {
    async run() {
      await nextAnswer('cut')
      return graphql.request(QUERY, variables)
    },
    gives: { error: { name: 'TypeError', message: 'Failed to fetch' } },
    sends: [sent],
  },
  'an abort': {
    async run() {
      await nextAnswer('silent')
      const controller = new AbortController()
      arrived().then(() => controller.abort())
      return graphql.request({ document: QUERY, variables, signal: controller.signal })
    },
    gives: { error: { name: 'AbortError' } },
    sends: [sent],
  },
}
