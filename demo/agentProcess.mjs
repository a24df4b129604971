// @ts-check
// Runs the agent's backend as a child process. Its tracer sends to the intake, or to the account.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { preparePython } from '../python/environment.mjs'

/**
 * @typedef {object} ProcessOptions
 * @property {string} command
 * @property {string[]} args
 * @property {string} intakeUrl
 * @property {string | undefined} [modelUrl] - Base URL of an OpenAI-compatible API.
 * @property {import('./datadogAccount.mjs').DatadogAccount | undefined} [account]
 * @property {number} [port] - The server's port. 0, the default, takes a free one.
 * @property {Record<string, string | undefined>} [env]
 * @property {(reason: string | number) => void} [onExit] - Gets the exit code or the signal.
 */

/** @typedef {'node' | 'python'} Backend */

/** @typedef {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} Child */

const startTimeout = 60_000
const stopTimeout = 5_000

const imports = ['rum-llm-correlation/register', 'dd-trace/initialize.mjs'].flatMap((module) => [
  '--import',
  import.meta.resolve(module),
])

const commands = {
  node: async () => ({
    command: process.execPath,
    args: [...imports, pathOf('./backend-node/server.mjs')],
  }),
  python: () => pythonCommand('python', pathOf('./backend-python/server.py')),
}

export const backends = /** @type {Backend[]} */ (Object.keys(commands))

/**
 * Returns how to run a command in the Python backend's virtual environment, under ddtrace.
 *
 * @param {string} name
 * @param {...string} args
 */
export async function pythonCommand(name, ...args) {
  const bin = await preparePython(new URL('./backend-python/', import.meta.url), {
    what: 'the Python backend',
    file: 'requirements.txt',
    install: ['--requirement', 'requirements.txt'],
  })
  return { command: bin('ddtrace-run'), args: [bin(name), ...args] }
}

/**
 * Starts the backend, and resolves when it listens. If the backend stops by itself, calls `onExit`.
 *
 * @param {{ backend: Backend } & Omit<ProcessOptions, 'command' | 'args'>} options
 */
export async function startAgent({ backend, env, ...options }) {
  // Answers name their trace, so that RUM's event of a call has it.
  return startProcess({ ...(await commands[backend]()), ...options, env: { ...env, RUM_LLM_SERVER_TIMING: '1' } })
}

/**
 * Starts a server, and resolves when it has printed its URL. Its tracer sends to the intake, or to
 * the account.
 *
 * @param {ProcessOptions} options
 */
export async function startProcess({ command, args, intakeUrl, modelUrl, account, env, port = 0, onExit }) {
  const child = spawn(command, args, {
    env: { ...env, ...tracerEnv({ intakeUrl, account }), ...modelEnv(modelUrl), PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  /** @type {Promise<string | number>} */
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? 0)))
  let stopping = false
  exited.then((reason) => stopping || onExit?.(reason))

  async function close() {
    stopping = true
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout)
    await exited
    clearTimeout(timer)
  }

  try {
    return { url: await listeningUrl(child, exited), pid: /** @type {number} */ (child.pid), close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * @param {Child} child
 * @param {Promise<string | number>} exited
 * @returns {Promise<string>}
 */
function listeningUrl(child, exited) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The agent did not start in time')), startTimeout)
    exited.then((reason) => reject(new Error(`The agent stopped while it was starting (${reason})`)))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
      const [url] = output.match(/https?:\/\/127\.0\.0\.1:\d+(?=\s)/) ?? []
      if (!url) return
      clearTimeout(timer)
      resolve(url)
      child.stdout.removeAllListeners('data').resume()
    })
  })
}

/** @param {Pick<ProcessOptions, 'intakeUrl' | 'account'>} options */
function tracerEnv({ intakeUrl, account }) {
  return {
    DD_SERVICE: 'order-support-agent',
    DD_ENV: 'demo',
    DD_LLMOBS_ENABLED: '1',
    DD_LLMOBS_ML_APP: 'order-support',
    DD_TRACE_AGENT_URL: intakeUrl,
    DD_INSTRUMENTATION_TELEMETRY_ENABLED: 'false',
    DD_REMOTE_CONFIGURATION_ENABLED: 'false',
    DD_TRACE_STARTUP_LOGS: 'false',
    // ddtrace would give each message of a WebSocket a trace of its own, without the session.
    DD_TRACE_WEBSOCKET_MESSAGES_ENABLED: 'false',
    // By default both tracers wait a second before they send. The page should follow sooner.
    _DD_LLMOBS_FLUSH_INTERVAL: '200',
    DD_TRACE_WRITER_INTERVAL_SECONDS: '0.2',
    ...(account
      ? { DD_LLMOBS_AGENTLESS_ENABLED: '1', DD_API_KEY: account.apiKey, DD_SITE: account.site }
      : { DD_LLMOBS_AGENTLESS_ENABLED: '0' }),
  }
}

/** @param {string | undefined} modelUrl */
function modelEnv(modelUrl) {
  return modelUrl ? { OPENAI_API_KEY: 'none', OPENAI_BASE_URL: modelUrl } : {}
}

/** @param {string} relative */
function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url))
}
