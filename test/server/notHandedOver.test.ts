import { randomUUID } from 'node:crypto'
import { connect } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Datadog, type RunningServer, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

const REGISTER = ['--import', 'rum-llm-correlation/register']
const TRACER = ['--import', 'dd-trace/initialize.mjs']
const EXPRESS = 'test/server/apps/express.mjs'

/** Requests with a session that the body parser of Express does not see. */
const CARRIERS: Array<[string, (sessionId: string) => { path: string; headers: Record<string, string> }]> = [
  ['baggage', (id) => ({ path: '/body', headers: { baggage: `session.id=${id}` } })],
  ['the query', (id) => ({ path: `/body?session_id=${id}`, headers: {} })],
]

async function expectWorkflow(server: RunningServer, path: string, headers: Record<string, string>, sessionId: string) {
  const { message } = await server.call(path, { method: 'POST', headers })
  expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
  await datadog.workflow('POST /body', sessionId)
}

describe('rumSession gives a workflow span to a session that nobody hands over', () => {
  it.each(CARRIERS)('without register, in %s', async (_name, carry) => {
    const server = await datadog.startServer([...TRACER, EXPRESS])
    const sessionId = randomUUID()
    const { path, headers } = carry(sessionId)
    await expectWorkflow(server, path, headers, sessionId)
    await server.close()
  })

  it.each(CARRIERS)('beside tags that it does not fit behind, in %s', async (_name, carry) => {
    const server = await datadog.startServer([...REGISTER, ...TRACER, EXPRESS])
    const sessionId = randomUUID()
    const { path, headers } = carry(sessionId)
    const full = {
      'x-datadog-trace-id': '1234567890123456789',
      'x-datadog-parent-id': '987654321',
      'x-datadog-tags': `_dd.p.a=${'x'.repeat(490)}`,
    }
    await expectWorkflow(server, path, { ...headers, ...full }, sessionId)
    await server.close()
  })

  it.each([
    { DD_TRACE_PROPAGATION_STYLE_EXTRACT: 'tracecontext,baggage' },
    { DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT: 'restart' },
    { DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH: '0' },
  ])('with settings that make the tracer ignore it: %j', async (env) => {
    const server = await datadog.startServer([...REGISTER, ...TRACER, EXPRESS], env)
    const sessionId = randomUUID()
    await expectWorkflow(server, '/body', { baggage: `session.id=${sessionId}` }, sessionId)
    await server.close()
  })

  it('on HTTP/2', async () => {
    const server = await datadog.startServer([...REGISTER, ...TRACER, 'test/server/apps/http2.mjs'])
    const [sessionId, message] = [randomUUID(), randomUUID()]
    const client = connect(server.url)
    const request = client.request({ ':path': '/chat', baggage: `session.id=${sessionId}`, 'x-message': message })
    await request.toArray()
    client.close()
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
    await datadog.workflow('GET /chat', sessionId)
    await server.close()
  })

  it('but none to one that register hands over', async () => {
    const server = await datadog.startServer([...REGISTER, ...TRACER, EXPRESS])
    const sessionId = randomUUID()
    const headers = { baggage: `session.id=${sessionId}` }
    const { message } = await server.call('/body', { method: 'POST', headers })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
    const spans = datadog.intake.llmSpans.filter(({ session_id }) => session_id === sessionId)
    expect(spans.map(({ meta }) => meta['span.kind'])).not.toContain('workflow')
    await server.close()
  })
})

it("rumSession leaves the tags of the app's own context", async () => {
  const server = await datadog.startServer([...REGISTER, ...TRACER, EXPRESS])
  const { message } = await server.call('/tenant/body', { method: 'POST' })
  for (const span of await datadog.llmSpans(message, 3)) {
    expect(span.tags).toContain('tenant:t1')
  }
  await server.close()
})
