import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startModel } from '../../demo/model.mjs'
import { AgentProcess, isGenAi, type Span } from './agentProcess.js'
import { CARRIERS, type Carried } from './carriers.js'
import { STACKS } from './stacks.js'

const REGISTER = 'rum-llm-correlation/register'

let model: Awaited<ReturnType<typeof startModel>>
beforeAll(async () => {
  model = await startModel({ wordDelay: 1 })
})
afterAll(() => model.close())

const CALLS = Object.entries(CARRIERS).flatMap(([carrier, carry]) =>
  [false, true].map((stream) => ({ carrier, carry, stream })),
)

describe.each(STACKS)('$name', (stack) => {
  let agent: AgentProcess
  /** Has no more than the propagation of OpenTelemetry. */
  let behind: AgentProcess

  beforeAll(async () => {
    behind = await AgentProcess.start(stack, [], { MODEL: model.baseUrl })
    const own = { MODEL: model.baseUrl, NEXT: behind.url }
    agent = await AgentProcess.start(stack, [REGISTER], own)
  })
  afterAll(() => {
    agent?.close()
    behind?.close()
  })

  /** The URL and the message say who calls. */
  async function call(path: string, user: string, { query, headers, body }: Carried, stream = false) {
    const message = `Where is order 1002 of ${user}?`
    const response = await fetch(`${agent.url}${path}?user=${user}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...body, message, stream }),
    })
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/order/)])
  }

  it.each(CALLS)('all spans have the session of $carrier (streamed: $stream)', async ({ carry, stream }) => {
    const id = randomUUID()
    await call('/chat', 'u', carry(id), stream)
    const spans = await agent.spans(stack.genAiSpans)
    expectSession(spans, id)
    expect(spans.filter(isGenAi)).toHaveLength(stack.genAiSpans)
  })

  it('spans of generative AI have user and account', async () => {
    const id = randomUUID()
    await call('/chat', 'u', {
      query: '',
      headers: { baggage: `session.id=${id},user.id=u%201,account.id=a` },
      body: {},
    })
    for (const span of await agent.spans(stack.genAiSpans)) {
      const expected = { 'usr.id': 'u 1', 'usr.account_id': 'a' }
      expect(span.attributes).toMatchObject(isGenAi(span) ? expected : { 'session.id': id })
    }
  })

  it('a request without a session, or with one that is no UUID, gets none', async () => {
    await call('/chat', 'u', { query: '&session_id=mine', headers: { baggage: 'session.id=mine' }, body: {} })
    for (const { attributes } of await agent.spans(stack.genAiSpans)) {
      expect(attributes).not.toHaveProperty(['session.id'])
      expect(attributes).not.toHaveProperty(['gen_ai.conversation.id'])
    }
  })

  it('sessions of fifty users at the same time do not mix', async () => {
    const carriers = Object.values(CARRIERS)
    const ids = Array.from({ length: 50 }, () => randomUUID())
    await Promise.all(
      ids.map((id, n) => {
        const { query, headers, body } = (carriers[n % carriers.length] as (id: string) => Carried)(id)
        const own = 'x-datadog-trace-id' in headers ? { ...headers, 'x-datadog-trace-id': `${1000 + n}` } : headers
        return call('/chat', `user-${n}-`, { query, headers: own, body }, n % 2 === 0)
      }),
    )
    const spans = await agent.spans(50 * stack.genAiSpans)
    ids.forEach((id, n) => {
      const traces = spans.filter((span) => JSON.stringify(span.attributes).includes(`user-${n}-`))
      const traceIds = new Set(traces.map(({ traceId }) => traceId))
      expect(traceIds.size).toBe(1)
      expectSession(
        spans.filter(({ traceId }) => traceIds.has(traceId)),
        id,
      )
    })
    expect(spans.filter(isGenAi)).toHaveLength(50 * stack.genAiSpans)
  })

  it.each(CALLS)('the service behind has the session of $carrier (streamed: $stream)', async ({ carry, stream }) => {
    const id = randomUUID()
    await call('/forward', 'u', carry(id), stream)
    expectSession(await behind.spans(stack.genAiSpans), id)
    expectSession(await agent.spans(0), id)
  })
})

function expectSession(spans: readonly Span[], id: string) {
  for (const span of spans) {
    expect(span.attributes['session.id'], span.name).toBe(id)
    expect(span.attributes['gen_ai.conversation.id'], span.name).toBe(isGenAi(span) ? id : undefined)
  }
}
