import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { startProcess } from '../../demo/agentProcess.mjs'
import type { LlmCorrelationOptions } from '../../src/index.js'
import { bringing } from '../e2e/bringing.js'
import { openPage } from '../support/openPage.js'
import { running } from '../support/running.js'
import { Datadog, sessionsOf } from '../support/tracedServer.js'

type Carrier = NonNullable<LlmCorrelationOptions['carrier']>

const CARRIERS = Object.keys(bringing) as Carrier[]
const REGISTER = ['--import', 'rum-llm-correlation/register']
const TRACER = ['--import', 'dd-trace/initialize.mjs']
/** The agent's own span, and the two of its client. */
const SPANS_PER_ANSWER = 3

const datadog = running(() => Datadog.start())

describe.each(['0', '1'])('a backend with DD_LLMOBS_ENABLED=%s calls an MCP server', (llmobs) => {
  // Between the two, the tracer alone carries the session.
  const tools = running(() => datadog().startServer([...TRACER, 'test/mcp/apps/tools.mjs']))
  const backend = running(() =>
    startProcess({
      command: 'env',
      args: [`DD_LLMOBS_ENABLED=${llmobs}`, process.execPath, ...REGISTER, ...TRACER, 'test/mcp/apps/forwarding.mjs'],
      intakeUrl: String(datadog().environment.DD_TRACE_AGENT_URL),
      env: { ...withoutOptions(), MCP_URL: tools().url },
    }),
  )

  describe.each(['/own-client', '/kept-client'])('%s', (path) => {
    it.each(CARRIERS)('the spans of a tool have the session of the page: %s', async (carrier) => {
      const page = await openPage({ plugin: { origins: [backend().url], carrier } })
      const [id, message] = [await page.sessionId(), randomUUID()]
      const answer = await page.run(
        async ({ url, message }) => {
          const body = JSON.stringify({ message })
          const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
          return response.text()
        },
        { url: backend().url + path, message },
      )
      expect(answer).toBe('answered')
      await expectSession(message, id)
      await page.close()
    })

    it('thirty users at the same time have each their own session', async () => {
      const users = Array.from({ length: 30 }, (_, n) => ({
        carrier: CARRIERS[n % CARRIERS.length] as Carrier,
        id: randomUUID(),
        message: randomUUID(),
      }))
      await Promise.all(
        users.map(async ({ carrier, id, message }) => {
          const [query, init] = bringing[carrier](id, message)
          const response = await fetch(backend().url + path + query, { method: 'POST', ...init })
          expect(await response.text()).toBe('answered')
        }),
      )
      for (const { id, message } of users) {
        await expectSession(message, id)
      }
    })
  })
})

/** All spans of a message, those of the MCP client and server included, where the tracer makes such. */
async function expectSession(message: string, id: string): Promise<void> {
  const spans = await datadog().llmSpans(message, SPANS_PER_ANSWER)
  expect(sessionsOf(spans)).toEqual(spans.map(() => id))
}

function withoutOptions(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, ...own } = process.env
  return own
}
