import { describe, expect, test } from 'vitest'
import { ENGINE, launchEngine } from '../support/engines/engine.js'
import { running } from '../support/running.js'
import { apmTraceOf, type Carrier, type Client, kindOf, SPANS_PER_ANSWER } from './chatPage.js'
import { PlainChat } from './plainChat.js'
import { startQuickDemo } from './quickDemo.js'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const withHeadersAndBody: Array<[Carrier, Client]> = [
  ['body', 'fetch'],
  ['body', 'XHR'],
  ['query', 'fetch'],
  ['query', 'XHR'],
  ['baggage', 'fetch'],
  ['baggage', 'XHR'],
  ['trace-tags', 'fetch'],
  ['trace-tags', 'XHR'],
]
const withQueryOnly: Array<[Carrier, Client]> = [
  ['body', 'EventSource'],
  ['query', 'EventSource'],
  ['baggage', 'EventSource'],
  ['trace-tags', 'EventSource'],
  ['body', 'WebSocket'],
  ['query', 'WebSocket'],
  ['baggage', 'WebSocket'],
  ['trace-tags', 'WebSocket'],
]
const isRequest = (client: Client) => client === 'fetch' || client === 'XHR'
const carriers: Carrier[] = ['body', 'query', 'baggage', 'trace-tags']

const browser = running(() => launchEngine())

describe.each(['node', 'python'] as const)('with the %s agent', (backend) => {
  const demo = running(() => startQuickDemo({ backend }))

  describe.each([
    ['script tags', '/'],
    ['npm imports', '/npm'],
  ])('and the page with %s', (_name, path) => {
    const chat = running(() => PlainChat.open(browser(), demo(), path))

    test.each([...withHeadersAndBody, ...withQueryOnly])(
      'a question by %s and %s correlates, and its RUM event tells its trace',
      { tags: path === '/' ? ['quick'] : [] },
      async (carrier, client) => {
        const { sessionId, spans } = await expectCorrelated(chat(), { backend, carrier, client })
        expect(sessionId).toMatch(uuid)
        if (isRequest(client)) {
          const resource = await chat().rumResource(client, `/${carrier}/chat`)
          const trace_id = await apmTraceOf(spans, demo())
          // WebKit tells a page nothing of the Server-Timing of another origin, whatever its Timing-Allow-Origin says; that carrier needs none.
          const isTold = ENGINE !== 'webkit' || carrier === 'trace-tags'
          expect(resource.context?.llm_correlation).toEqual(isTold ? { carrier, trace_id } : { carrier })
        }
      },
    )

    test.each(carriers)('feedback on an answer by %s correlates', async (carrier) => {
      const message = `Can I return a grinder? (${path} ${carrier})`
      await chat().ask(message, { carrier, client: 'fetch' })
      await chat().vote()

      const [span] = await chat().spansOf(message)
      const feedback = await chat().feedbackOn(String(span?.trace_id))
      expect(feedback.session_id).toBe(await chat().rumSessionId())
    })
  })

  test('the user and account that RUM knows reach every span by baggage, and follow changes', async () => {
    const chat = await PlainChat.open(browser(), demo())
    const usersOf = async (message: string, carrier: Carrier) => {
      await chat.ask(message, { carrier, client: 'fetch' })
      const spans = await chat.spansOf(message)
      return spans.map(({ tags }) => tags.filter((tag) => tag.startsWith('usr.')).sort())
    }
    const onAllSpans = (...tags: string[]) => [tags, tags, tags, tags]

    expect(await usersOf('Order 1001, from nobody?', 'baggage')).toEqual(onAllSpans())
    await chat.signInAs('Ada, Nordlicht Café')
    expect(await usersOf('Order 1001, from Ada?', 'baggage')).toEqual(
      onAllSpans('usr.account_id:nordlicht', 'usr.id:ada'),
    )
    await chat.signInAs('João, Bar Central')
    expect(await usersOf('Order 1001, from João?', 'baggage')).toEqual(
      onAllSpans('usr.account_id:bar-central', 'usr.id:joao'),
    )
    expect((await usersOf('Order 1001, from João by body?', 'body')).flat()).toEqual([])
    await chat.close()
  })
})

// Old versions of the SDK are tested in one engine.
const OLD_SDKS = ENGINE === 'chromium' ? ['5', '6'] : []
describe.each(OLD_SDKS)('with RUM SDK %s', (version) => {
  const { pathname } = new URL(`../../node_modules/datadog-rum-v${version}/bundle/datadog-rum.js`, import.meta.url)
  const demo = running(() => startQuickDemo({ rumBundle: pathname }))
  const chat = running(() => PlainChat.open(browser(), demo()))

  test.each([...withHeadersAndBody, ...withQueryOnly])(
    'a question by %s and %s correlates',
    async (carrier, client) => {
      const { sessionId } = await expectCorrelated(chat(), { backend: 'node', carrier, client })
      expect(sessionId).toMatch(uuid)
    },
  )
})

/**
 * Asks a question and checks that every one of its spans has the session id of the page's RUM events, and that RUM has
 * matched the call to the browser's timing entry.
 */
async function expectCorrelated(
  chat: PlainChat,
  { backend, carrier, client }: { backend: 'node' | 'python'; carrier: Carrier; client: Client },
) {
  const message = `Where is my order 1002? (${chat.viewId} ${carrier} ${client})`
  await chat.ask(message, { carrier, client })

  // The middleware of Node.js has a span of its own for a session that comes in the body.
  const ofMiddleware = backend === 'node' && carrier === 'body' && isRequest(client) ? ['workflow'] : []
  const spans = await chat.spansOf(message, SPANS_PER_ANSWER + ofMiddleware.length)
  const sessionId = await chat.rumSessionId()
  expect(spans.map(kindOf).sort()).toEqual(['agent', 'llm', 'llm', 'tool', ...ofMiddleware])
  for (const span of spans) {
    expect(span.session_id).toBe(sessionId)
    expect(span.tags).toContain(`session_id:${sessionId}`)
  }
  if (isRequest(client)) {
    const { resource, session } = await chat.rumResource(client, `/${carrier}/chat`)
    expect(session.id).toBe(sessionId)
    expect(resource).toHaveProperty('first_byte')
    expect(resource).toHaveProperty('download')
  }
  return { sessionId, spans }
}
