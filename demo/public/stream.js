// @ts-check
/**
 * @typedef {object} StreamListener
 * @property {(event: import('../received.js').RumEvent) => void} [rum]
 * @property {(span: import('../received.js').LlmSpan) => void} [llm]
 * @property {(feedback: import('../received.js').Feedback) => void} [feedback]
 * @property {(state: import('../restartableAgent.mjs').AgentState) => void} [agent]
 * @property {() => void} [open] - Called when the stream starts or restarts. All items come
 * again then.
 */

/**
 * Passes on what the intake has received, from its start, and what it receives later.
 *
 * @param {StreamListener} listener
 */
export function followStream(listener) {
  const source = new EventSource('/observability/stream')
  source.onopen = () => listener.open?.()
  source.onmessage = ({ data }) => {
    /** @type {{ kind: 'rum' | 'llm' | 'feedback' | 'agent', item: any }} */
    const { kind, item } = JSON.parse(data)
    listener[kind]?.(item)
  }
}
