import { beforeEach, describe, expect, it } from 'vitest'
import { startModel } from '../../demo/model.mjs'
import { running } from '../support/running.js'
import { AgentProcess, isGenAi } from './agentProcess.js'
import { CARRIERS, type Carried, NOTHING } from './carriers.js'
import { STACKS } from './stacks.js'
import { expectSessions, type User, users } from './users.js'

const REGISTER = 'rum-llm-correlation/register'

const model = running(() => startModel({ wordDelay: 1 }))

const CALLS = Object.entries(CARRIERS).flatMap(([carrier, carry]) =>
  [false, true].map((stream) => ({ carrier, carry, stream })),
)

describe.each(STACKS)('$name', (stack) => {
  /** Has no more than the propagation of OpenTelemetry. */
  const behind = running(() => AgentProcess.start(stack, [], { MODEL: model().baseUrl }))
  const agent = running(() => AgentProcess.start(stack, [REGISTER], { MODEL: model().baseUrl, NEXT: behind().url }))

  // A test that has failed leaves spans.
  beforeEach(async () => {
    await Promise.all([agent().spans(0), behind().spans(0)])
  })

  interface Call {
    readonly path: '/chat' | '/forward'
    readonly user: User
    readonly carried: Carried
    readonly stream?: boolean
  }

  async function call({ path, user, carried: { query, headers, body }, stream = false }: Call) {
    const message = `Where is order 1002 of ${user.name}?`
    const response = await fetch(`${agent().url}${path}?user=${user.name}${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...body, message, stream }),
    })
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/order/)])
  }

  describe.each(CALLS)('$carrier, streamed: $stream', ({ carry, stream }) => {
    const fifty = users(50)
    const callAll = (path: Call['path']) =>
      Promise.all(fifty.map((user) => call({ path, user, carried: carry(user.sessionId), stream })))

    it('fifty users at the same time: each span has the session of its user', async () => {
      await callAll('/chat')
      expectSessions(await agent().spans(50 * stack.genAiSpans), fifty, stack.genAiSpans)
    })

    it('over two hops: so has each span of the service behind', async () => {
      await callAll('/forward')
      expectSessions(await behind().spans(50 * stack.genAiSpans), fifty, stack.genAiSpans)
      expectSessions(await agent().spans(0), fifty, 0)
    })
  })

  it('sessions that come by different carriers do not mix', async () => {
    const carriers = Object.values(CARRIERS)
    const fifty = users(50)
    await Promise.all(
      fifty.map((user, n) => {
        const carry = carriers[n % carriers.length] as (id: string) => Carried
        return call({ path: '/chat', user, carried: carry(user.sessionId), stream: n % 2 === 0 })
      }),
    )
    expectSessions(await agent().spans(50 * stack.genAiSpans), fifty, stack.genAiSpans)
  })

  it('spans of generative AI have user and account', async () => {
    const [user] = users(1) as [User]
    const baggage = `session.id=${user.sessionId},user.id=u%201,account.id=a`
    await call({ path: '/chat', user, carried: { ...NOTHING, headers: { baggage } } })
    for (const span of await agent().spans(stack.genAiSpans)) {
      const expected = { 'usr.id': 'u 1', 'usr.account_id': 'a' }
      expect(span.attributes).toMatchObject(isGenAi(span) ? expected : { 'session.id': user.sessionId })
    }
  })

  it('a request without a session, or with one that is no UUID, gets none', async () => {
    const [user] = users(1) as [User]
    const carried = { query: '&session_id=mine', headers: { baggage: 'session.id=mine' }, body: { session_id: 'mine' } }
    await call({ path: '/chat', user, carried })
    for (const { attributes } of await agent().spans(stack.genAiSpans)) {
      expect(attributes).not.toHaveProperty(['session.id'])
      expect(attributes).not.toHaveProperty(['gen_ai.conversation.id'])
    }
  })
})
