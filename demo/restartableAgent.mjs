import { startAgent } from './agentProcess.mjs'

/**
 * Starts the agent and says when it is gone: `onChange` gets `{ running }`, with the `reason` when it has stopped without having been
 * asked to. `restart` starts it again at the same URL, which the page's settings name.
 */
export async function startRestartableAgent({ onChange, ...options }) {
  let state = { running: true }
  const change = (next) => {
    state = next
    onChange(state)
  }
  const start = (port) => startAgent({ ...options, port, onExit: (reason) => change({ running: false, reason }) })

  let agent = await start(0)
  const { url } = agent
  let restarting

  async function startAgain() {
    agent = await start(Number(new URL(url).port))
    change({ running: true })
  }

  return {
    url,
    get pid() {
      return agent.pid
    },
    get state() {
      return state
    },
    /** Does nothing where it runs. Calls at the same time share one start. */
    async restart() {
      if (state.running) return
      restarting ??= startAgain().finally(() => {
        restarting = undefined
      })
      await restarting
    },
    async close() {
      await restarting?.catch(() => {})
      await agent.close()
    },
  }
}
