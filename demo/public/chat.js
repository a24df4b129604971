import { clients, sendFeedback } from './clients.js'
import { byId, h } from './dom.js'
import { sessionLabel } from './format.js'

const { agentUrl, webSocket, datadog } = window.DEMO

const hints = {
  body: 'The id travels as a field of the JSON body.',
  query: 'The id travels as a query parameter.',
  baggage: 'The id travels in the W3C baggage header, the user and account with it.',
  'trace-tags': 'The id travels in x-datadog-tags. The agent has no code for it: the tracer does it all.',
}
const queryHint = { eventsource: 'An EventSource', websocket: 'A WebSocket' }

/** Wires the composer and the conversation. `onShowTrace` is called when someone asks for an answer's trace. */
export function startChat({ onAnswered, onShowTrace }) {
  const form = byId('composer')
  const log = byId('log')
  const answers = new Map()

  if (!webSocket) form.querySelector('[value=websocket]').closest('label').remove()
  form.addEventListener('change', () => offerWhatWorks(form))
  offerWhatWorks(form)

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

/** Only the headers of fetch and XHR reach trace-tags, which has no code that could read a query parameter. */
function offerWhatWorks(form) {
  const { carrier, client } = form
  for (const input of client) {
    const isStream = input.value in queryHint
    input.disabled = isStream && carrier.value === 'trace-tags'
    if (input.disabled && input.checked) client[0].checked = true
  }
  byId('hint').textContent =
    client.value in queryHint
      ? `${queryHint[client.value]} takes neither body nor headers: the id travels as a query parameter.`
      : hints[carrier.value]
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
