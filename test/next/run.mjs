// Next.js 16 under the real tracer: `npm run test:next`. Not one of the tests of `npm test`, for it installs half a gigabyte and builds
// a site. Prints a line per check; the exit code is the number of those that failed.
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startProcess } from '../../demo/agentProcess.mjs'
import { createIntake } from '../../demo/intake.mjs'
import { listen } from '../../demo/listen.mjs'
import { startModel } from '../../demo/model.mjs'

process.env.NEXT_TELEMETRY_DISABLED = '1'
const root = fileURLToPath(new URL('../..', import.meta.url))
const site = mkdtempSync(join(tmpdir(), 'rum-llm-correlation-next-'))
process.on('exit', () => rmSync(site, { recursive: true, force: true }))

function run(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed`)
  }
}

cpSync(new URL('site', import.meta.url), site, { recursive: true })
run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', site], root)
const [packed] = readdirSync(site).filter((name) => name.endsWith('.tgz'))
run('npm', ['install', '--silent', '--no-audit', '--no-fund', `./${packed}`], site)
const next = join(site, 'node_modules/next/dist/bin/next')
run(process.execPath, [next, 'build'], site)

const intake = createIntake()
const datadog = createServer(async (request, response) => {
  if (!(await intake.handle(request, response, new URL(request.url, 'http://intake')))) {
    response.writeHead(404).end()
  }
})
const intakeUrl = await listen(datadog, 0)
const model = await startModel({ wordDelay: 1 })

let failed = 0
function check(name, isGood, details) {
  console.log(`${isGood ? 'ok' : 'FAILED'}: ${name}`)
  if (!isGood) {
    failed += 1
    console.log(details)
  }
}

/** Not fetch: the first call must be there at once. */
function call(url, { method = 'GET', headers, body }) {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, async (response) => resolve(Buffer.concat(await response.toArray()).toString()))
      .on('error', reject)
      .end(body)
  })
}

async function expectSession(name, url, ask, count) {
  const [sessionId, message] = [randomUUID(), randomUUID()]
  const { path = '/api/chat', headers, ...init } = ask(sessionId)
  const text = await call(url + path, { ...init, headers: { ...headers, 'x-message': message } })
  let spans = []
  for (let wait = 0; wait < 100 && spans.length < count; wait += 1) {
    await delay(100)
    spans = intake.llmSpans.filter(({ meta }) => JSON.stringify(meta).includes(message))
  }
  const isGood = text === 'answered' && spans.length === count && spans.every((span) => span.session_id === sessionId)
  check(name, isGood, { text, sessions: spans.map(({ session_id }) => session_id), sessionId })
}

const inBaggage = (id) => ({ headers: { baggage: `session.id=${id}` } })
const inQuery = (id) => ({ path: `/api/chat?session_id=${id}` })
const inBody = (id) => ({ method: 'POST', body: JSON.stringify({ session_id: id }) })

async function withSite(env, use) {
  const { NODE_OPTIONS, ...own } = process.env
  const { url, close } = await startProcess({
    command: process.execPath,
    args: [
      '--import',
      'data:text/javascript,process.chdir(process.env.SITE)',
      next,
      'start',
      site,
      '-p',
      '0',
      '-H',
      '127.0.0.1',
    ],
    intakeUrl,
    modelUrl: model.baseUrl,
    env: { ...own, SITE: site, ...env },
  })
  await use(url)
  await close()
}

const pathOf = (name) => new URL(name, `file://${site}/node_modules/`).href
const TRACER = `--import ${pathOf('dd-trace/initialize.mjs')}`
const REGISTER = `--import ${pathOf('rum-llm-correlation/dist/register.mjs')}`

await withSite({ NODE_OPTIONS: `${REGISTER} ${TRACER}` }, async (url) => {
  // An agent's span, and one that only the client's instrumentation makes.
  await expectSession('NODE_OPTIONS: the very first request, baggage', url, inBaggage, 2)
  await expectSession('NODE_OPTIONS: query', url, inQuery, 2)
  await expectSession('NODE_OPTIONS: body', url, inBody, 2)
  const sessionId = randomUUID()
  const text = await call(`${url}/api/edge`, inBaggage(sessionId))
  check(
    'an edge route: register does nothing, rumSessionOf reads',
    text === JSON.stringify({ sessionId, tags: {} }),
    text,
  )
})
await withSite({ NODE_OPTIONS: TRACER }, async (url) => {
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
process.exit(failed)
