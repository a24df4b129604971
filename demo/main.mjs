import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startDemo } from './startDemo.mjs'

const port = Number(process.env.PORT || 8080)

async function main() {
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`PORT=${process.env.PORT} is no port.`)
  const { values } = parseArgs({ options: { backend: { type: 'string', default: 'node' } } })

  const starting = startDemo({
    port,
    backend: values.backend,
    onAgentExit(reason) {
      console.error(`The agent stopped (${reason}).`)
      stop(1)
    },
  })
  let stopped = false
  async function stop(exitCode) {
    if (stopped) return
    stopped = true
    // What is still starting gets a moment, so that there is something to close.
    const demo = await Promise.race([starting.catch(() => undefined), delay(3000)])
    await demo?.close()
    process.exit(exitCode)
  }
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))

  const demo = await starting
  console.log(`\n  Chat page (script tags)  ${demo.url}/`)
  console.log(`  Chat page (npm imports)  ${demo.url}/npm`)
  console.log(`  Agent (${values.backend})${' '.repeat(17 - values.backend.length)}${demo.agentUrl}`)
  if (demo.account) console.log(`  Everything goes to       ${demo.account.appUrl}`)
  console.log('\n  Ctrl-C stops it.\n')
}

main().catch((error) => {
  console.error(
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken. Choose another one, for example: PORT=${port + 1} npm run demo`
      : error.message,
  )
  process.exit(1)
})
