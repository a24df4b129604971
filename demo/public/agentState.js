// @ts-check
import { byId, h } from './dom.js'

/**
 * Says that the agent has stopped, and offers to start it again.
 *
 * @param {import('../restartableAgent.mjs').AgentState} state
 */
export function showAgentState({ running, reason }) {
  const place = byId('agent-state')
  if (running) {
    const hadFocus = place.contains(document.activeElement)
    place.replaceChildren()
    if (hadFocus) byId('message').focus()
    return
  }
  const button = h('button', { type: 'button', onclick: restart }, 'Start it again')
  place.replaceChildren(
    h('p', {}, `The agent has stopped (${typeof reason === 'number' ? `exit code ${reason}` : reason}). `),
    button,
  )

  async function restart() {
    button.ariaDisabled = 'true'
    button.textContent = 'Starting…'
    // That it runs is told by the stream.
    const { ok } = await fetch('/agent/restart', { method: 'POST' }).catch(() => ({ ok: false }))
    if (ok) return
    button.ariaDisabled = 'false'
    button.textContent = 'It did not start. Try again'
  }
}
