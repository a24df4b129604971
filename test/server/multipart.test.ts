import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Datadog, type RunningServer, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
let server: RunningServer
beforeAll(async () => {
  datadog = await Datadog.start()
  const imports = ['--import', 'rum-llm-correlation/register', '--import', 'dd-trace/initialize.mjs']
  server = await datadog.startServer([...imports, 'test/server/apps/fastify.mjs'])
})
afterAll(async () => {
  await server?.close()
  datadog.close()
})

describe('@fastify/multipart with attachFieldsToBody', () => {
  it('gives rumSession the session of a form with a file', async () => {
    const sessionId = randomUUID()
    const body = new FormData()
    body.append('text', 'hi')
    body.append('file', new Blob(['%'.repeat(100_000)]), 'a.txt')
    body.append('session_id', sessionId)
    const { message, response } = await server.call('/multipart', { method: 'POST', body })
    expect(response.status).toBe(200)
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
  })
})

describe('text that is typed as a form', () => {
  it.each([
    ['JSON', (id: string) => `{"session_id":"${id}"}`],
    ['JSON behind white space', (id: string) => ` \n{"message":"a&b=c","session_id":"${id}"}`],
    ['a form', (id: string) => `a={&session_id=${id}`],
  ])('gives register its session if it is %s', async (_name, bodyWith) => {
    const sessionId = randomUUID()
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
    const { message } = await server.call('/answer', { method: 'POST', headers, body: bodyWith(sessionId) })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
  })
})
