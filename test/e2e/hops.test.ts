import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { startProcess } from '../../demo/agentProcess.mjs'
import { running } from '../support/running.js'
import { bringing } from './bringing.js'
import { answering, type Carrier, received, SPANS_PER_ANSWER } from './chatPage.js'
import { startQuickDemo, withoutAccounts } from './quickDemo.js'

const IMPORTS = ['--import', 'rum-llm-correlation/register', '--import', 'dd-trace/initialize.mjs']

describe.each(['node', 'python'] as const)(
  'a backend that only forwards to the %s agent, without LLM Observability',
  (backend) => {
    const demo = running(() => startQuickDemo({ backend }))
    const forwarding = running(() =>
      startProcess({
        command: 'env',
        args: ['DD_LLMOBS_ENABLED=0', process.execPath, ...IMPORTS, 'test/server/apps/forwarding.mjs'],
        intakeUrl: demo().url,
        env: { ...withoutAccounts(), AGENT_URL: `${demo().agentUrl}/query/chat` },
      }),
    )

    test.each(Object.keys(bringing) as Carrier[])('hands a session that came by %s on', async (carrier) => {
      const [id, message] = [randomUUID(), `Where is my order 1002? (${randomUUID()})`]
      const [query, init] = bringing[carrier](id, message)
      const answer = await fetch(`${forwarding().url}/chat${query}`, { method: 'POST', ...init })
      expect(await answer.text()).toContain('"done":')
      const spans = await received(`the spans of ${message}`, () => {
        const own = answering(message, demo())
        return own.length >= SPANS_PER_ANSWER ? own : undefined
      })
      expect(spans.map(({ session_id }) => session_id)).toEqual(spans.map(() => id))
    })
  },
)
