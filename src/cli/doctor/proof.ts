import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Carrier } from '../../browser/options.js'
import { CARRIERS, carry } from '../check/carry.js'
import { exchange } from '../check/exchange.js'
import { type Finding, failed, ok } from '../report.js'
import { childEnvironment } from './childEnvironment.js'
import { findPackage } from './packages.js'
import type { Environment } from './settings.js'
import { type StubAgent, startStubAgent } from './stubAgent.js'

const START_TIMEOUT = 30_000
const SPAN_TIMEOUT = 10_000

/** Where the proof takes place. */
export interface Place {
  /** The server's folder. */
  readonly folder: string
  readonly env: Environment
}

/**
 * Starts a server with the tracer of the folder and the line, sends it one request per carrier as the page's plugin would, and looks
 * at the LLM spans that come of them. All stays on this machine.
 */
export async function proveCarriers(place: Place, field: string): Promise<Finding[]> {
  const agent = await startStubAgent()
  let server: Server | undefined
  try {
    server = await startServer(place, agent.url)
    const url = server.url + pathOf(place.env)
    const sessions = new Map<Carrier, string>()
    for (const carrier of CARRIERS) {
      sessions.set(carrier, await send({ carrier, field, url }))
    }
    await allCame(agent, [...sessions.values()])
    return CARRIERS.map((carrier) => judge(agent, carrier, sessions.get(carrier)))
  } catch (error) {
    return CARRIERS.map((carrier) => failed(carrier, (error as Error).message, REPORT))
  } finally {
    server?.child.kill()
    agent.close()
  }
}

/** A path whose bodies are looked at, if the environment names some. */
function pathOf({ RUM_LLM_BODY: paths = '' }: Environment) {
  const [first = ''] = paths.split(',')
  return first.startsWith('/') ? first : '/doctor'
}

interface Attempt {
  readonly carrier: Carrier
  readonly field: string
  readonly url: string
}

/** Sends a call as the page's plugin would, and returns its session id. */
async function send({ carrier, field, url }: Attempt): Promise<string> {
  const sessionId = randomUUID()
  // The server names the span by this header.
  const headers = { 'content-type': 'application/json', 'x-doctor': sessionId }
  const page = { method: 'POST', url, headers, body: '{"message":"hello"}' }
  await exchange(carry(page, { carrier, field }, sessionId).call)
  return sessionId
}

/** Waits until there are spans of all these names, or none are to be expected any more. */
async function allCame(agent: StubAgent, names: readonly string[]): Promise<void> {
  const deadline = Date.now() + SPAN_TIMEOUT
  while (Date.now() < deadline && !names.every((name) => agent.spans.some((span) => span.name === name))) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function judge(agent: StubAgent, carrier: Carrier, sessionId: string | undefined): Finding {
  const span = agent.spans.find(({ name }) => name === sessionId)
  if (!span) {
    return failed(carrier, 'no LLM span came', REPORT)
  }
  return span.session_id === sessionId
    ? ok(carrier, 'the LLM span has the session')
    : failed(carrier, 'the LLM span has no session', TODO[carrier])
}

const REPORT = 'Run it again. If it stays so, report it with this output.'
const UPDATE = 'Update: npm install rum-llm-correlation@latest'
/** What to do if neither a package nor a setting is the cause. */
const TODO: Readonly<Record<Carrier, string>> = {
  body: `${UPDATE}. Versions before 1.1 do not look at bodies.`,
  query: UPDATE,
  baggage: UPDATE,
  'trace-tags': 'Update the tracer: it alone reads x-datadog-tags.',
}

interface Server {
  readonly url: string
  readonly child: ChildProcess
}

function startServer({ folder, env }: Place, agentUrl: string): Promise<Server> {
  if (!findPackage('dd-trace', folder)) {
    throw new Error('there is no tracer to try it with')
  }
  const line = findPackage('rum-llm-correlation', folder)
    ? 'rum-llm-correlation/register'
    : new URL('./register.mjs', import.meta.url).href
  const script = fileURLToPath(new URL('./doctorServer.mjs', import.meta.url))
  const child = spawn(process.execPath, ['--import', line, '--import', 'dd-trace/initialize.mjs', script], {
    cwd: folder,
    env: { ...childEnvironment(env, agentUrl), DOCTOR_FOLDER: pathToFileURL(`${folder}/`).href },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let output = ''
    let errors = ''
    const fail = () => {
      clearTimeout(timer)
      child.kill()
      const [said = 'it said nothing'] = errors.match(/^\w*Error.*$/m) ?? errors.trim().split('\n').slice(-1)
      reject(new Error(`the server did not start: ${said || 'it said nothing'}`))
    }
    const timer = setTimeout(fail, START_TIMEOUT)
    child.on('error', fail).on('close', fail)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-10_000)
    })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\n)/.exec(output) ?? []
      if (url) {
        clearTimeout(timer)
        resolve({ url, child })
      }
    })
  })
}
