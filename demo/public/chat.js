import { clients, sendFeedback } from './clients.js'
import { byId, h } from './dom.js'
import { sessionId } from './sessionColour.js'

const { agentUrl, backend, datadog } = window.DEMO

/** What a call brings by each carrier. Neither an EventSource nor a WebSocket takes a body or headers. */
const brings = {
  body: 'a member of its JSON',
  query: 'a query parameter',
  baggage: 'a header',
  'trace-tags': 'a header for tracers',
}

/** What the handler at the server has to do for it, beside the one line at the server's start. */
function handlerCode(client) {
  // In Node.js the upgrade to a WebSocket is no request that has a trace.
  return client === 'websocket' && backend === 'node' ? 'one call' : 'nothing'
}

const clientNames = { fetch: 'fetch', xhr: 'XHR', eventsource: 'EventSource', websocket: 'WebSocket' }

/**
 * Wires the composer and the conversation. `story` shows the call at hand and chooses whether it is made with the plugin;
 * `onShowTrace` and `onShowSession` are called when someone asks for an answer's trace or session.
 */
export function startChat({ story, onAsk, onAnswered, onShowTrace, onShowSession }) {
  const form = byId('composer')
  const log = byId('log')
  const answers = new Map()
  let lastMessage = ''

  form.addEventListener('change', showWhatIsNeeded)
  byId('user').addEventListener('change', showWhatIsNeeded)
  showWhatIsNeeded()

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const message = form.message.value.trim()
    if (message === '') return form.message.focus()
    form.message.value = ''
    ask(message)
  })
  byId('welcome').addEventListener('click', async ({ target }) => {
    if (target.closest('#both')) askBothWays('Where is my order 1002?')
    if (target.closest('.suggestions button')) ask(target.textContent)
  })

  async function askBothWays(message) {
    story.choose('without')
    if (!(await ask(message))) return
    story.choose('with')
    await ask(message)
  }

  /** Resolves to whether there was an answer. */
  async function ask(message) {
    const [carrier, client, mode] = [form.carrier.value, form.client.value, story.mode]
    const call = { message, carrier, client, mode, wrote: whatThePageWrites({ carrier, client, message }) }
    const answer = addAnswer(log, { call, onShowTrace, onShowSession, onAskAgain: () => ask(message), onAnswered })
    lastMessage = message
    let failure
    onAsk()
    story.show(call)
    // The button that was pressed may have gone with the welcome.
    if (document.activeElement === document.body) form.message.focus()
    try {
      await clients[client](`${agentUrl}/${carrier}/chat`, message, (event) => {
        if (event.trace_id) {
          Object.assign(call, { traceId: event.trace_id, carried: event.carried })
          answers.set(event.trace_id, { call, answer })
          answer.start()
          story.show(call)
          if (client === 'websocket') recordWebSocket(call)
        }
        if (event.delta) answer.append(event.delta)
        if (event.error) failure = event.error
      })
    } catch (error) {
      failure = error instanceof TypeError ? 'The agent could not be reached' : error.message
    }
    if (failure) {
      call.failed = true
      answer.fail(failure)
      story.show(call)
    }
    answer.finish()
    onAnswered()
    return !failure
  }

  function showWhatIsNeeded() {
    const client = form.client.value
    const takesQueryOnly = client === 'eventsource' || client === 'websocket'
    const carrier = takesQueryOnly ? 'query' : form.carrier.value
    const withUser = carrier === 'baggage' && byId('user').value !== '' ? ', with user and account' : ''
    byId('needed').replaceChildren(
      ...(story.mode === 'with'
        ? [
            h('span', {}, 'The call brings ', h('b', {}, brings[carrier] + withUser)),
            h('span', {}, 'The handler needs ', h('b', {}, handlerCode(client))),
          ]
        : [h('span', {}, 'The call brings ', h('b', {}, 'nothing of the session'))]),
    )
  }

  return {
    /** Tells an answer what has been received of its trace. */
    traceReceived(trace) {
      const { call, answer } = answers.get(trace.id) ?? {}
      if (!call) return
      call.trace = trace
      answer.showTrace(trace.sessionId)
      story.update(call)
    },

    /** Follows the choice of a lane; where it was a person's, offers the last question for it. */
    modeChanged({ byPerson }) {
      showWhatIsNeeded()
      if (byPerson) form.message.value ||= lastMessage
    },
  }
}

/** RUM has no event of a WebSocket: the page tells it itself. */
function recordWebSocket({ carrier, carried, traceId }) {
  window.DD_RUM.addAction('WebSocket call', {
    web_socket:
      carried.length > 0
        ? { path: `/${carrier}/chat`, carrier: carried[0].in, llm_trace_id: traceId }
        : { path: `/${carrier}/chat`, carrier: 'none' },
  })
}

function whatThePageWrites({ carrier, client, message }) {
  const path = `/${carrier}/chat`
  if (client === 'websocket') return { by: 'new WebSocket', text: path }
  if (client === 'eventsource') return { by: 'new EventSource', text: `${path}?message=${encodeURIComponent(message)}` }
  return { by: `${clientNames[client]}, POST ${path}`, text: JSON.stringify({ message }) }
}

function addAnswer(log, { call, onShowTrace, onShowSession, onAskAgain, onAnswered }) {
  byId('welcome')?.remove()
  const text = h('p', { class: 'answer-text' })
  const footer = h('div', { class: 'answer-footer' })
  const answer = h('article', { class: 'answer', 'aria-busy': 'true' }, text, footer)
  const meta = `${call.carrier}, ${clientNames[call.client]}, ${call.mode} the plugin`
  log.append(h('article', { class: 'question' }, h('p', {}, call.message), h('p', { class: 'meta' }, meta)), answer)
  const follow = () => log.scrollTo({ top: log.scrollHeight })
  const trace = h('span', { class: 'trace-state' })
  follow()

  const vote = (helpful, name) =>
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-pressed': 'false',
        onclick({ currentTarget }) {
          for (const button of footer.querySelectorAll('[aria-pressed]')) button.ariaPressed = 'false'
          currentTarget.ariaPressed = 'true'
          const feedback = { helpful, trace_id: call.traceId }
          sendFeedback(`${agentUrl}/${call.carrier}/feedback`, feedback, { headers: call.carrier === 'trace-tags' })
          onAnswered()
        },
      },
      name,
    )

  return {
    start() {
      if (!datadog) trace.append('LLM trace on its way')
      footer.append(trace, h('span', { class: 'votes' }, vote(true, 'Helpful'), vote(false, 'Not helpful')))
      follow()
    },

    append(delta) {
      text.append(delta)
      follow()
    },

    fail(reason) {
      answer.classList.add('failed')
      text.append(
        h('span', { class: 'error' }, `${reason}. `),
        h('button', { type: 'button', class: 'link', onclick: onAskAgain }, 'Ask again'),
      )
    },

    finish() {
      answer.removeAttribute('aria-busy')
      follow()
    },

    showTrace(id) {
      const shown = id ?? 'none'
      if (trace.dataset.shown === shown) return
      trace.dataset.shown = shown
      trace.replaceChildren(
        h('button', { type: 'button', class: 'link', onclick: () => onShowTrace(call.traceId) }, 'LLM trace'),
        id ? ' of session ' : ', which no session leads to',
        id ? h('button', { type: 'button', class: 'chip', onclick: () => onShowSession(id) }, sessionId(id)) : '',
      )
    },
  }
}
