import { clients, sendFeedback } from './clients.js'
import { byId, h } from './dom.js'
import { sessionLabel } from './format.js'

const { agentUrl, backend, datadog } = window.DEMO

/** What a call brings by each carrier. Neither an EventSource nor a WebSocket takes a body or headers. */
const carried = {
  body: 'a member of its JSON',
  query: 'a query parameter',
  baggage: 'a header, with the user',
  'trace-tags': 'a header for tracers',
}

/** What the handler at the server has to do for it, beside the one line at the server's start. */
const handlerCode = {
  fetch: { body: 'one call' },
  xhr: { body: 'one call' },
  eventsource: {},
  // In Node.js the upgrade to a WebSocket is no request that has a trace.
  websocket:
    backend === 'node' ? { body: 'one call', query: 'one call', baggage: 'one call', 'trace-tags': 'one call' } : {},
}

/** Wires the composer and the conversation. `onShowTrace` is called when someone asks for an answer's trace. */
export function startChat({ onAnswered, onShowTrace }) {
  const form = byId('composer')
  const log = byId('log')
  const answers = new Map()

  form.addEventListener('change', () => showWhatIsNeeded(form))
  showWhatIsNeeded(form)

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const message = form.message.value.trim()
    if (message === '') return form.message.focus()
    form.message.value = ''
    ask(message)
  })
  byId('welcome').addEventListener('click', ({ target }) => {
    if (target.closest('.suggestions button')) ask(target.textContent)
  })

  async function ask(message) {
    const { carrier, client } = form
    const answer = addAnswer(log, { message, carrier: carrier.value, client: client.value })
    const url = `${agentUrl}/${carrier.value}/chat`
    try {
      await clients[client.value](url, message, (event) => {
        if (event.trace_id) {
          answers.set(event.trace_id, answer)
          answer.start(event, { onShowTrace, feedbackUrl: `${agentUrl}/${answer.carrier}/feedback`, onAnswered })
        }
        if (event.delta) answer.append(event.delta)
        if (event.error) answer.fail(event.error)
      })
    } catch (error) {
      answer.fail(error.message)
    }
    answer.finish()
    onAnswered()
  }

  return {
    /** Tells an answer what session its trace has been received with. */
    traceReceived(traceId, sessionId) {
      answers.get(traceId)?.setTraceSession(sessionId)
    },
  }
}

function showWhatIsNeeded(form) {
  const client = form.client.value
  const takesQueryOnly = client === 'eventsource' || client === 'websocket'
  for (const { value, parentElement } of form.carrier) {
    const [what, code] = parentElement.closest('tr').querySelectorAll('td')
    what.textContent = carried[takesQueryOnly ? 'query' : value]
    code.textContent = handlerCode[client][value] ?? 'nothing'
  }
}

function addAnswer(log, { message, carrier, client }) {
  byId('welcome')?.remove()
  const text = h('p', { class: 'answer-text' })
  const wire = h('div', { class: 'wire' })
  const footer = h('div', { class: 'answer-footer' })
  const answer = h('article', { class: 'answer', 'aria-busy': 'true' }, text, wire, footer)
  const label = { fetch: 'fetch', xhr: 'XHR', eventsource: 'EventSource', websocket: 'WebSocket' }[client]
  log.append(
    h('article', { class: 'question' }, h('p', {}, message), h('p', { class: 'meta' }, `${carrier}, ${label}`)),
    answer,
  )
  const follow = () => log.scrollTo({ top: log.scrollHeight })
  const trace = h('span', { class: 'trace-state' })
  follow()

  return {
    carrier,

    start({ trace_id: traceId, carried }, { onShowTrace, feedbackUrl, onAnswered }) {
      wire.append(...carried.map(wireLine))
      if (carried.length === 0) wire.append(h('p', { class: 'wire-none' }, 'The call carried no session id.'))
      const vote = (value, name) =>
        h(
          'button',
          {
            type: 'button',
            class: 'quiet',
            'aria-pressed': 'false',
            onclick({ currentTarget }) {
              for (const button of footer.querySelectorAll('[aria-pressed]')) button.ariaPressed = 'false'
              currentTarget.ariaPressed = 'true'
              sendFeedback(feedbackUrl, { vote: value, trace_id: traceId }, { headers: carrier === 'trace-tags' })
              onAnswered()
            },
          },
          name,
        )
      if (!datadog) {
        trace.append('LLM trace on its way')
        trace.onShow = () => onShowTrace(traceId)
      }
      footer.append(trace, h('span', { class: 'votes' }, vote('up', 'Helpful'), vote('down', 'Not helpful')))
      follow()
    },

    append(delta) {
      text.append(delta)
      follow()
    },

    fail(reason) {
      answer.classList.add('failed')
      text.append(h('span', { class: 'error' }, reason))
    },

    finish() {
      answer.removeAttribute('aria-busy')
      follow()
    },

    setTraceSession(sessionId) {
      trace.replaceChildren(
        h('button', { type: 'button', class: 'link', onclick: trace.onShow }, 'LLM trace'),
        sessionId ? ' of session ' : ' without a session',
        sessionId ? sessionLabel(sessionId) : '',
      )
    },
  }
}

/** The part of the raw request that held the id, the id itself marked. */
function wireLine({ in: place, text }) {
  const [before, id, after] = text.split(/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/)
  return h('p', {}, h('b', {}, place), h('code', {}, before, id ? h('mark', {}, id) : '', after ?? ''))
}
