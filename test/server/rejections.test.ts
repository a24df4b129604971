import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Datadog, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

const bodyOf = (sessionId: string, headers = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ session_id: sessionId }),
})

// dd-trace answers a handler's promise with one of its own, which rejects as well.
it.each([
  ['a workflow span', {}],
  ['user and account', { baggage: 'user.id=u' }],
])('a handler whose promise rejects within %s does not end the process', async (_name, headers) => {
  const server = await datadog.startServer(['--import', 'dd-trace/initialize.mjs', 'test/server/apps/koa.mjs'])
  for (let call = 0; call < 3; call += 1) {
    const sessionId = randomUUID()
    const { message, response } = await server.call('/body/failing', bodyOf(sessionId, headers))
    expect(response.status).toBe(500)
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
    await datadog.workflow('POST /body/failing', sessionId)
  }
  await server.close()
})
