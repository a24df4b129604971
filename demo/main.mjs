// @ts-check
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startDemo } from './startDemo.mjs'

const help = `A chat page, its AI agent, and what Datadog receives from both, on this machine.

  npm run demo                      the agent in Node.js, with dd-trace
  npm run demo -- --backend python  the agent in Python, with ddtrace
  npm run demo -- --help            this text

Mind the "--" before the options: without it npm takes them for its own.

Environment variables
  PORT             of the page, 8080 if it is not set; 0 takes any free one
  OPENAI_API_KEY   answers come from a real model (also OPENAI_BASE_URL, OPENAI_MODEL)
  DD_API_KEY, DD_SITE, DD_RUM_APPLICATION_ID, DD_RUM_CLIENT_TOKEN
                   all four: everything goes to that Datadog account`

const port = Number(process.env.PORT || 8080)

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { backend: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) return console.log(help)
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`PORT=${process.env.PORT} is no port.`)
  const backend = values.backend ?? backendThatNpmTook(positionals) ?? 'node'
  if (positionals.length > 0) {
    throw new Error(`"${positionals.join(' ')}" means nothing here. "npm run demo -- --help" says what there is.`)
  }

  const starting = startDemo({ port, backend, onAgentChange: sayAgentState })
  let stopped = false
  /** @param {number} exitCode */
  async function stop(exitCode) {
    if (stopped) return
    stopped = true
    // If the demo is still starting, waits a moment, so that `close` can end all its parts.
    const demo = await Promise.race([starting.catch(() => undefined), delay(3000)])
    await demo?.close()
    process.exit(exitCode)
  }
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))

  const demo = await starting
  console.log(`\n  Chat page (script tags)  ${demo.url}/`)
  console.log(`  Chat page (npm imports)  ${demo.url}/npm`)
  console.log(`  Agent (${backend})${' '.repeat(17 - backend.length)}${demo.agentUrl}`)
  if (demo.account) console.log(`  Everything goes to       ${demo.account.appUrl}`)
  console.log('\n  Ctrl-C stops it.\n')
}

/**
 * In `npm run demo --backend python`, without `--`, npm keeps the option as `true`, and passes the
 * word on.
 *
 * @param {string[]} positionals
 */
function backendThatNpmTook(positionals) {
  const taken = process.env.npm_config_backend
  return taken === 'true' ? positionals.shift() : taken
}

/** @param {import('./restartableAgent.mjs').AgentState} state */
function sayAgentState({ running, reason }) {
  if (running) console.log('The agent runs again.')
  else console.error(`The agent stopped (${reason}). The page offers to start it again.`)
}

main().catch((error) => {
  console.error(
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken. Choose another one, for example: PORT=${port + 1} npm run demo`
      : error.message,
  )
  process.exit(1)
})
