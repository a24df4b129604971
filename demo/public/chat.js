// @ts-check
import { Answer, clientNames } from './answer.js'
import { clients } from './clients.js'
import { byId, h } from './dom.js'

const { agentUrl, backend } = window.DEMO

/** @import { AnswerEvent, Call, Client, Jumps, Trace } from './page.js' */

/** @import { Story } from './story.js' */

/** What a call brings, by carrier. */
const brings = {
  body: 'a member of its JSON',
  query: 'a query parameter',
  baggage: 'a header',
  'trace-tags': 'a header for tracers',
}

/**
 * What the server's handler must do for a call. The server's start has one line in any case.
 *
 * @param {Client} client
 */
function handlerCode(client) {
  // Node.js makes no request, and so no trace, of the upgrade to a WebSocket.
  return client === 'websocket' && backend === 'node' ? 'one call' : 'nothing'
}

/**
 * The composer and the conversation.
 *
 * @param {object} options
 * @param {Story} options.story - Shows the newest call, and says whether it is made with the
 * plugin.
 * @param {Jumps} options.jumps
 * @param {() => void} options.onAsk
 * @param {() => void} options.onAnswered - Also called after a vote.
 */
export function startChat({ story, jumps, onAsk, onAnswered }) {
  const form = byId('composer')
  /** @type {Map<string, { call: Call, answer: Answer }>} */
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
  byId('welcome').addEventListener('click', ({ target }) => {
    const element = /** @type {Element} */ (target)
    if (element.closest('#both')) askBothWays('Where is my order 1002?')
    if (element.closest('.suggestions button')) ask(element.textContent ?? '')
  })

  /** @param {string} message */
  async function askBothWays(message) {
    story.choose('without')
    if (!(await ask(message))) return
    story.choose('with')
    await ask(message)
  }

  /**
   * Resolves to whether there was an answer.
   *
   * @param {string} message
   */
  async function ask(message) {
    const call = callOf(message)
    const answer = new Answer({ call, jumps, onAskAgain: () => ask(message), onVoted: onAnswered })
    lastMessage = message
    onAsk()
    story.show(call)
    // The button that was pressed may have gone with the welcome.
    if (document.activeElement === document.body) form.message.focus()
    const failure = await receive(call, answer)
    if (failure) {
      call.failed = true
      answer.fail(failure)
      story.show(call)
    }
    answer.finish()
    onAnswered()
    return !failure
  }

  /**
   * Makes the call, and passes its answer on as it arrives. Resolves to why it failed, if it did.
   *
   * @param {Call} call
   * @param {Answer} answer
   */
  async function receive(call, answer) {
    /** @type {string | undefined} */
    let failure
    try {
      await clients[call.client](`${agentUrl}/${call.carrier}/chat`, call.message, (event) => {
        if (event.trace_id) start(call, answer, event)
        if (event.delta) answer.append(event.delta)
        if (event.error) failure = event.error
      })
    } catch (error) {
      return error instanceof TypeError ? 'The agent could not be reached' : /** @type {Error} */ (error).message
    }
    return failure
  }

  /**
   * @param {Call} call
   * @param {Answer} answer
   * @param {AnswerEvent} event
   */
  function start(call, answer, { trace_id: traceId = '', carried = [] }) {
    Object.assign(call, { traceId, carried })
    answers.set(traceId, { call, answer })
    answer.start()
    story.show(call)
    if (call.client === 'websocket') recordWebSocket(call)
  }

  /**
   * @param {string} message
   * @returns {Call}
   */
  function callOf(message) {
    const [carrier, client] = [form.carrier.value, form.client.value]
    return { message, carrier, client, mode: story.mode, wrote: whatThePageWrites({ carrier, client, message }) }
  }

  function showWhatIsNeeded() {
    const client = form.client.value
    // Neither takes a body or headers.
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
    /**
     * Tells an answer what has been received of its trace.
     *
     * @param {Trace} trace
     */
    traceReceived(trace) {
      const { call, answer } = answers.get(trace.id) ?? {}
      if (!call || !answer) return
      call.trace = trace
      answer.showTrace(trace)
      story.update(call)
    },

    /**
     * Follows the choice of a lane. If a person chose it, offers the last question again.
     *
     * @param {{ byPerson: boolean }} how
     */
    modeChanged({ byPerson }) {
      showWhatIsNeeded()
      if (byPerson) form.message.value ||= lastMessage
    },
  }
}

/**
 * RUM makes no event of a WebSocket, so the page adds an action.
 *
 * @param {Call} call
 */
function recordWebSocket({ carrier, carried = [], traceId }) {
  const path = `/${carrier}/chat`
  window.DD_RUM.addAction('WebSocket call', {
    web_socket: carried[0] ? { path, carrier: carried[0].in, llm_trace_id: traceId } : { path, carrier: 'none' },
  })
}

/** @param {Pick<Call, 'carrier' | 'client' | 'message'>} call */
function whatThePageWrites({ carrier, client, message }) {
  const path = `/${carrier}/chat`
  if (client === 'websocket') return { by: 'new WebSocket', text: path }
  if (client === 'eventsource') return { by: 'new EventSource', text: `${path}?message=${encodeURIComponent(message)}` }
  return { by: `${clientNames[client]}, POST ${path}`, text: JSON.stringify({ message }) }
}
