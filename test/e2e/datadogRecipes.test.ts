import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startProcess } from '../../demo/agentProcess.mjs'
import { createIntake } from '../../demo/intake.mjs'
import { listen } from '../../demo/listen.mjs'
import { preparePackage } from '../../python/environment.mjs'
import { freePort } from '../support/freePort.js'
import { snippet } from './snippet.js'

const DOCUMENT = 'docs/datadog/feedback.md'
const SESSION = '0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f'

const ECHO = `
  async function answerQuestion(message) { return message }
  console.log('http://127.0.0.1:' + process.env.PORT + ' ')`
const ECHO_IN_PYTHON = `
async def answer_question(message):
    return message


import os
import uvicorn

print(f"http://127.0.0.1:{os.environ['PORT']} ", flush=True)
uvicorn.run(app, port=int(os.environ["PORT"]), log_level="error")
`

const intake = createIntake()
const agent = createServer(async (request, response) => {
  await intake.handle(request, response, new URL(request.url ?? '', 'http://intake'))
})
let folder: string
let intakeUrl: string
const closing: Array<() => unknown> = []

beforeAll(async () => {
  intakeUrl = await listen(agent, 0)
  folder = mkdtempSync(join(tmpdir(), 'recipes-'))
  writeFileSync(join(folder, 'server.mjs'), snippet('js', 'submitFeedback', DOCUMENT) + ECHO)
  writeFileSync(join(folder, 'page.mjs'), snippet('js', 'keepalive', DOCUMENT))
  writeFileSync(join(folder, 'server.py'), snippet('python', 'submit_feedback', DOCUMENT) + ECHO_IN_PYTHON)
  // Their packages are those of this repository, and the package itself.
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['dd-trace', 'express']) {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name))
  }
  symlinkSync(resolve('.'), join(folder, 'node_modules/rum-llm-correlation'))
})
afterAll(async () => {
  await Promise.all(closing.map((close) => close()))
  agent.close()
  agent.closeAllConnections()
  rmSync(folder, { recursive: true })
})

const commands = {
  'Node.js': async () => ({
    command: process.execPath,
    args: [
      ...['rum-llm-correlation/register', 'dd-trace/initialize.mjs'].flatMap((name) => [
        '--import',
        import.meta.resolve(name),
      ]),
      join(folder, 'server.mjs'),
    ],
  }),
  Python: async () => {
    const bin = await preparePackage()
    return { command: bin('ddtrace-run'), args: [bin('python'), join(folder, 'server.py')] }
  },
}

describe.each(Object.keys(commands) as Array<keyof typeof commands>)('the recipe of thumbs, in %s', (language) => {
  it('binds a thumb to the trace of the answer, and to the session', async () => {
    const port = await freePort()
    const env = { ...process.env } as Record<string, string>
    const server = await startProcess({ ...(await commands[language]()), intakeUrl, port, env })
    closing.push(server.close)
    await vi.waitFor(() => fetch(server.url), { timeout: 20_000 })

    // The page's calls go to the page's origin, and have the session as the plugin gives it to them.
    const native = globalThis.fetch
    vi.stubGlobal('fetch', (path: string, init: RequestInit) =>
      native(server.url + path, { ...init, headers: { ...init.headers, baggage: `session.id=${SESSION}` } }),
    )
    const { ask, vote } = await import(join(folder, 'page.mjs'))
    const { answer, trace } = await ask(`hello, ${language}`)
    expect(answer).toBe(`hello, ${language}`)
    const voted = await vote(trace, true)
    vi.unstubAllGlobals()

    expect(voted.status).toBe(204)
    const isOfTrace = (item: object) => JSON.stringify(item).includes(trace)
    await vi.waitFor(() => expect(intake.feedback.filter(isOfTrace)).toHaveLength(1), { timeout: 20_000 })
    const [feedback] = intake.feedback.filter(isOfTrace)
    expect(feedback).toMatchObject({ label: 'helpful', boolean_value: true, trace_id: trace })
    expect(feedback?.tags).toContain(`session_id:${SESSION}`)
    await vi.waitFor(
      () => {
        const span = intake.llmSpans.find(({ trace_id }) => trace_id === trace)
        expect(span).toMatchObject({ name: 'support', session_id: SESSION })
      },
      { timeout: 20_000 },
    )
  })
})
