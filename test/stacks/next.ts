// Next.js under the real tracer: the server half, by NODE_OPTIONS and by instrumentation.js.
import { randomUUID } from 'node:crypto'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { startProcess } from '../../demo/agentProcess.mjs'
import { createIntake } from '../../demo/intake.mjs'
import { listen } from '../../demo/listen.mjs'
import { startModel } from '../../demo/model.mjs'
import { check } from './check.js'
import type { Project } from './project.js'

interface Ask {
  path?: string
  method?: string
  headers?: Record<string, string>
  body?: string
}

const inBaggage = (id: string): Ask => ({ headers: { baggage: `session.id=${id}` } })
const inQuery = (id: string): Ask => ({ path: `/api/chat?session_id=${id}` })
const inBody = (id: string): Ask => ({ method: 'POST', body: JSON.stringify({ session_id: id }) })

/** Not fetch: the first call must be there at once. */
function call(url: string, { method = 'GET', headers, body }: Ask): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, async (response) => resolve(Buffer.concat(await response.toArray()).toString()))
      .on('error', reject)
      .end(body)
  })
}

export async function checkServerHalf(project: Project): Promise<void> {
  const intake = createIntake()
  const datadog = createServer(async (incoming, response) => {
    if (!(await intake.handle(incoming, response, new URL(incoming.url ?? '', 'http://intake')))) {
      response.writeHead(404).end()
    }
  })
  const intakeUrl = await listen(datadog, 0)
  const model = await startModel({ wordDelay: 1 })

  async function withSite(env: Record<string, string>, use: (url: string) => Promise<void>) {
    const { NODE_OPTIONS, ...own } = process.env
    const { url, close } = await startProcess({
      command: process.execPath,
      args: [
        '--import',
        'data:text/javascript,process.chdir(process.env.SITE)',
        join(project.folder, 'node_modules/next/dist/bin/next'),
        'start',
        project.folder,
        '-p',
        '0',
        '-H',
        '127.0.0.1',
      ],
      intakeUrl,
      modelUrl: model.baseUrl,
      env: { ...own, NEXT_TELEMETRY_DISABLED: '1', SITE: project.folder, ...env },
    })
    await use(url).finally(close)
  }

  async function expectSession(name: string, url: string, ask: (id: string) => Ask, count: number) {
    const [sessionId, message] = [randomUUID(), randomUUID()]
    const { path = '/api/chat', headers, ...init } = ask(sessionId)
    const text = await call(url + path, { ...init, headers: { ...headers, 'x-message': message } })
    const ownSpans = () => intake.llmSpans.filter(({ meta }) => JSON.stringify(meta).includes(message))
    for (let wait = 0; wait < 100 && ownSpans().length < count; wait += 1) {
      await delay(100)
    }
    const sessions = ownSpans().map(({ session_id }) => session_id)
    check(
      `next, ${name}`,
      text === 'answered' && sessions.length === count && sessions.every((session) => session === sessionId),
      { text, sessions, sessionId },
    )
  }

  const pathOf = (name: string) => pathToFileURL(join(project.folder, 'node_modules', name)).href
  const tracer = `--import ${pathOf('dd-trace/initialize.mjs')}`
  const register = `--import ${pathOf('rum-llm-correlation/dist/register.mjs')}`

  await withSite({ NODE_OPTIONS: `${register} ${tracer}` }, async (url) => {
    // An agent's span, and one that only the client's instrumentation makes.
    await expectSession('NODE_OPTIONS: the very first request, baggage', url, inBaggage, 2)
    await expectSession('NODE_OPTIONS: query', url, inQuery, 2)
    await expectSession('NODE_OPTIONS: body', url, inBody, 2)
    const sessionId = randomUUID()
    const text = await call(`${url}/api/edge`, inBaggage(sessionId))
    check(
      'next, an edge route: register does nothing, rumSessionOf reads',
      text === JSON.stringify({ sessionId, tags: {} }),
      text,
    )
  })
  await withSite({ NODE_OPTIONS: tracer }, async (url) => {
    // Next listens before it runs instrumentation.js: what comes earlier is missed.
    await call(`${url}/`, {})
    await expectSession('instrumentation.js, the tracer by NODE_OPTIONS: baggage', url, inBaggage, 2)
    await expectSession('instrumentation.js, the tracer by NODE_OPTIONS: query', url, inQuery, 2)
    await expectSession('instrumentation.js, the tracer by NODE_OPTIONS: body', url, inBody, 2)
  })
  await withSite({ TRACER: 'in code' }, async (url) => {
    await call(`${url}/`, {})
    // Without the tracer's loader hook ES modules are not instrumented, so there is the agent's span alone.
    await expectSession('all in instrumentation.js: baggage', url, inBaggage, 1)
    await expectSession('all in instrumentation.js: body', url, inBody, 1)
  })

  model.close()
  datadog.close()
  datadog.closeAllConnections()
}
