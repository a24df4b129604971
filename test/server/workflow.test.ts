import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Datadog, type RunningServer, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
let server: RunningServer
beforeAll(async () => {
  datadog = await Datadog.start()
  const imports = ['--import', 'rum-llm-correlation/register', '--import', 'dd-trace/initialize.mjs']
  server = await datadog.startServer([...imports, 'test/server/apps/express.mjs'], { RUM_LLM_BODY: '0' })
})
afterAll(async () => {
  await server?.close()
  datadog.close()
})

const bodyOf = (sessionId: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ session_id: sessionId }),
})

describe('where register looks into no body, the workflow span of a request whose body has the session', () => {
  it('ends where the handler fails, and the error reaches the framework', async () => {
    const sessionId = randomUUID()
    const { message, response, text } = await server.call('/body/failing', bodyOf(sessionId))
    expect([response.status, text]).toEqual([500, 'failed'])
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
    await datadog.workflow('POST /body/failing', sessionId)
  })

  it('ends where the client goes away', async () => {
    const sessionId = randomUUID()
    const going = new AbortController()
    const response = await fetch(`${server.url}/body/endless`, {
      ...bodyOf(sessionId),
      signal: going.signal,
    })
    const reader = response.body?.getReader()
    await reader?.read()
    going.abort()
    await datadog.workflow('POST /body/endless', sessionId)
  })

  it.each([
    ['baggage', '/body', { baggage: 'session.id=%s' }],
    ['the query', '/body?session_id=%s', {}],
  ])('is not made where %s has it, too', async (_name, path, headers) => {
    const [carried, inBody] = [randomUUID(), randomUUID()]
    const call = bodyOf(inBody)
    const filled = Object.entries(headers).map(([name, value]) => [name, value.replace('%s', carried)])
    const { message } = await server.call(path.replace('%s', carried), {
      ...call,
      headers: { ...call.headers, ...Object.fromEntries(filled) },
    })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([carried, carried, carried])
    expect(datadog.intake.llmSpans.filter(({ session_id }) => session_id === inBody)).toEqual([])
  })

  it('has the session of an urlencoded body', async () => {
    const sessionId = randomUUID()
    const { message } = await server.call('/body', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `a=1&session_id=${sessionId}`,
    })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
  })

  it('never mixes the sessions of requests at the same time', async () => {
    const calls = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const sessionId = randomUUID()
        const { message } = await server.call('/body/stream', bodyOf(sessionId))
        return { sessionId, message }
      }),
    )
    for (const { sessionId, message } of calls) {
      expect(sessionsOf(await datadog.llmSpans(message, 2))).toEqual([sessionId, sessionId])
    }
  })
})
