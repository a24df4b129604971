import { randomUUID } from 'node:crypto'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSignedCertificate } from '../support/certificate.js'
import { Datadog, sessionsOf } from '../support/tracedServer.js'

let datadog: Datadog
beforeAll(async () => {
  datadog = await Datadog.start()
})
afterAll(() => datadog.close())

const NODE_APP = 'test/server/apps/node.mjs'
const IN_CODE = 'test/server/apps/inCode.cjs'
const REGISTER = 'rum-llm-correlation/register'
const TRACER = 'dd-trace/initialize.mjs'

const STARTS: Array<[string, string[], Record<string, string>?]> = [
  ['--import, behind the tracer', ['--import', TRACER, '--import', REGISTER, NODE_APP]],
  ['-r, before the tracer', ['-r', REGISTER, '-r', 'dd-trace/init', IN_CODE]],
  ['-r, behind the tracer', ['-r', 'dd-trace/init', '-r', REGISTER, IN_CODE]],
  ['NODE_OPTIONS', [NODE_APP], { NODE_OPTIONS: `--import ${REGISTER} --import ${TRACER}` }],
  ['code, before the tracer', [IN_CODE], { ORDER: 'register first' }],
  ['code, behind the tracer', [IN_CODE], { ORDER: 'tracer first' }],
  ['--import and -r and code', ['-r', REGISTER, '--import', REGISTER, IN_CODE], { ORDER: 'register first' }],
]

describe.each(STARTS)('started by %s', (_name, args, env) => {
  it('hands sessions over', async () => {
    const server = await datadog.startServer(args, env)
    const [first, second] = [randomUUID(), randomUUID()]
    const { message } = await server.call('/answer', { headers: { baggage: `session.id=${first}` } })
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([first, first, first])
    const { message: other } = await server.call(`/answer?session_id=${second}`)
    expect(sessionsOf(await datadog.llmSpans(other, 3))).toEqual([second, second, second])
    await server.close()
  })
})

it('hands sessions over on https', async () => {
  const { cert, key } = selfSignedCertificate()
  const server = await datadog.startServer(['--import', REGISTER, '--import', TRACER, NODE_APP], {
    TLS_CERT: cert,
    TLS_KEY: key,
  })
  const [sessionId, message] = [randomUUID(), randomUUID()]
  const headers = { baggage: `session.id=${sessionId}`, 'x-message': message }
  const status = await new Promise((resolve, reject) =>
    request(`${server.url}/answer`, { headers, rejectUnauthorized: false }, (response) =>
      resolve(response.resume().statusCode),
    )
      .on('error', reject)
      .end(),
  )
  expect(status).toBe(200)
  expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
  await server.close()
})

it('leaves a server without the tracer as it is', async () => {
  const server = await datadog.startServer(['--import', REGISTER, NODE_APP])
  const { text } = await server.call('/body', {
    method: 'POST',
    headers: { baggage: `session.id=${randomUUID()}` },
    body: '{',
  })
  expect(text).toBe('answered')
  await server.close()
})

it.each([{ RUM_LLM_FIELD: 'rum_session_id' }, { RUM_LLM_FIELD: 'metadata.rum_session_id' }])(
  "takes the field that the environment gives, and not a conversation's session_id: %j",
  async (env) => {
    const server = await datadog.startServer(['--import', REGISTER, '--import', TRACER, NODE_APP], env)
    const [conversation, sessionId] = [randomUUID(), randomUUID()]
    const { message } = await server.call(`/answer?session_id=${conversation}&rum_session_id=${sessionId}`)
    expect(sessionsOf(await datadog.llmSpans(message, 3))).toEqual([sessionId, sessionId, sessionId])
    const { message: other } = await server.call(`/answer?session_id=${conversation}`)
    expect(sessionsOf(await datadog.llmSpans(other, 3))).toEqual([undefined, undefined, undefined])
    await server.close()
  },
)
