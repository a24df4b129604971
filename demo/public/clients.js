// @ts-check
// The ways in which a page can call an agent. None of them knows of sessions: the plugin adds the
// id.

/** @typedef {import('./page.js').AnswerEvent} AnswerEvent */

/**
 * Sends `message` to the agent at `url`. Calls `onEvent` with each event of the answer, and
 * resolves after the last one.
 *
 * @typedef {(url: string, message: string, onEvent: (event: AnswerEvent) => void) => Promise<void>} AgentClient
 */

/** @type {Record<import('./page.js').Client, AgentClient>} */
export const clients = {
  async fetch(url, message, onEvent) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ message }),
    })
    if (!response.ok) throw new Error(`The agent answered ${response.status}`)
    const push = eventParser(onEvent)
    const body = /** @type {NonNullable<Response['body']>} */ (response.body)
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      push(value)
    }
  },

  xhr(url, message, onEvent) {
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest()
      const push = eventParser(onEvent)
      let seen = 0
      const pushNew = () => {
        push(xhr.responseText.slice(seen))
        seen = xhr.responseText.length
      }
      xhr.open('POST', url)
      xhr.setRequestHeader('Content-Type', 'application/json')
      xhr.onprogress = () => xhr.status === 200 && pushNew()
      xhr.onload = () => {
        if (xhr.status !== 200) return reject(new Error(`The agent answered ${xhr.status}`))
        pushNew()
        resolve()
      }
      xhr.onerror = () => reject(new Error('The agent could not be reached'))
      xhr.send(JSON.stringify({ message }))
    })
  },

  eventsource(url, message, onEvent) {
    return new Promise((resolve, reject) => {
      const source = new EventSource(`${url}?message=${encodeURIComponent(message)}`)
      source.onmessage = ({ data }) => {
        const event = JSON.parse(data)
        onEvent(event)
        if (!event.done && !event.error) return
        source.close()
        resolve()
      }
      source.onerror = () => {
        source.close()
        reject(new Error('The agent could not be reached'))
      }
    })
  },

  websocket(url, message, onEvent) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace('http', 'ws'))
      socket.onopen = () => socket.send(JSON.stringify({ message }))
      socket.onmessage = ({ data }) => {
        const event = JSON.parse(data)
        onEvent(event)
        if (event.done || event.error) socket.close()
      }
      socket.onclose = ({ wasClean }) => (wasClean ? resolve() : reject(new Error('The agent could not be reached')))
    })
  },
}

/**
 * Sends what the person thought of an answer, even if the page closes. A beacon takes no headers; a
 * keepalive fetch does.
 *
 * @param {string} url
 * @param {{ helpful: boolean, trace_id: string | undefined }} feedback
 * @param {{ headers: boolean }} needs
 */
export function sendFeedback(url, feedback, { headers }) {
  const body = JSON.stringify(feedback)
  if (headers) fetch(url, { method: 'POST', body, keepalive: true })
  else navigator.sendBeacon(url, body)
}

/**
 * Cuts a text/event-stream into its events. The text may come in pieces of any size.
 *
 * @param {(event: AnswerEvent) => void} onEvent
 * @returns {(text: string) => void}
 */
function eventParser(onEvent) {
  let buffer = ''
  return (text) => {
    buffer += text
    const blocks = buffer.split('\n\n')
    buffer = blocks.pop() ?? ''
    for (const block of blocks) if (block.startsWith('data: ')) onEvent(JSON.parse(block.slice(6)))
  }
}
