// @ts-check
import { startAgent } from './agentProcess.mjs'

/**
 * @typedef {object} AgentState
 * @property {boolean} running
 * @property {string | number} [reason] - Exit code or signal.
 */

/**
 * Starts the agent. If it stops by itself, `onChange` gets the `reason`. `restart` starts it again
 * at the same URL, because the page's settings name that URL.
 *
 * @param {Omit<Parameters<typeof startAgent>[0], 'port' | 'onExit'> & { onChange(state:
 * AgentState): void }} options
 */
export async function startRestartableAgent({ onChange, ...options }) {
  /** @type {AgentState} */
  let state = { running: true }
  /** @param {AgentState} next */
  const change = (next) => {
    state = next
    onChange(state)
  }
  /** @param {number} port */
  const start = (port) => startAgent({ ...options, port, onExit: (reason) => change({ running: false, reason }) })

  let agent = await start(0)
  const { url } = agent
  /** @type {Promise<void> | undefined} */
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
    /** Does nothing if the agent runs. Calls at the same time share one start. */
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

/** @typedef {Awaited<ReturnType<typeof startRestartableAgent>>} RestartableAgent */
