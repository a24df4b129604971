// @ts-check
import { Answer } from './answer.js'
import { brings, handlerCode, whatThePageWrites } from './callText.js'
import { clients } from './clients.js'
import { byId, h } from './dom.js'

const { agentUrl } = window.DEMO

/** @import { AnswerEvent, Call, Jumps, Trace } from './page.js' */

/** @import { Story } from './story.js' */

/**
 * @typedef {object} ChatOptions
 * @property {Story} story - Shows the newest call, and says whether it is made with the plugin.
 * @property {Jumps} jumps
 * @property {() => void} onAsk
 * @property {() => void} onAnswered - Also called after a vote.
 */

/** The composer and the conversation. */
export class Chat {
  #form = byId('composer')
  /** @type {Map<string, { call: Call, answer: Answer }>} */
  #answers = new Map()
  #lastMessage = ''
  #options

  /** @param {ChatOptions} options */
  constructor(options) {
    this.#options = options
    this.#form.addEventListener('change', () => this.#showWhatIsNeeded())
    byId('user').addEventListener('change', () => this.#showWhatIsNeeded())
    this.#showWhatIsNeeded()
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#submit()
    })
    byId('welcome').addEventListener('click', ({ target }) => {
      const element = /** @type {Element} */ (target)
      if (element.closest('#both')) this.#askBothWays('Where is my order 1002?')
      if (element.closest('.suggestions button')) this.#ask(element.textContent ?? '')
    })
  }

  /**
   * Tells an answer what has been received of its trace.
   *
   * @param {Trace} trace
   */
  traceReceived(trace) {
    const { call, answer } = this.#answers.get(trace.id) ?? {}
    if (!call || !answer) return
    call.trace = trace
    answer.showTrace(trace)
    this.#options.story.update(call)
  }

  /**
   * Follows the choice of a lane. If a person chose it, offers the last question again.
   *
   * @param {{ byPerson: boolean }} how
   */
  modeChanged({ byPerson }) {
    this.#showWhatIsNeeded()
    if (byPerson) this.#form.message.value ||= this.#lastMessage
  }

  #submit() {
    const { message: field } = this.#form
    const message = field.value.trim()
    if (message === '') return field.focus()
    field.value = ''
    this.#ask(message)
  }

  /** @param {string} message */
  async #askBothWays(message) {
    const { story } = this.#options
    story.choose('without')
    if (!(await this.#ask(message))) return
    story.choose('with')
    await this.#ask(message)
  }

  /**
   * Resolves to whether there was an answer.
   *
   * @param {string} message
   */
  async #ask(message) {
    const { story, jumps, onAsk, onAnswered } = this.#options
    const call = this.#callOf(message)
    const answer = new Answer({ call, jumps, onAskAgain: () => this.#ask(message), onVoted: onAnswered })
    this.#lastMessage = message
    onAsk()
    story.show(call)
    // The button that was pressed may have gone with the welcome.
    if (document.activeElement === document.body) this.#form.message.focus()
    const failure = await this.#receive(call, answer)
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
  async #receive(call, answer) {
    /** @type {string | undefined} */
    let failure
    try {
      await clients[call.client](`${agentUrl}/${call.carrier}/chat`, call.message, (event) => {
        if (event.trace_id) this.#start({ call, answer, event })
        if (event.delta) answer.append(event.delta)
        if (event.error) failure = event.error
      })
    } catch (error) {
      return error instanceof TypeError ? 'The agent could not be reached' : /** @type {Error} */ (error).message
    }
    return failure
  }

  /** @param {{ call: Call, answer: Answer, event: AnswerEvent }} begun */
  #start({ call, answer, event: { trace_id: traceId = '', carried = [] } }) {
    Object.assign(call, { traceId, carried })
    this.#answers.set(traceId, { call, answer })
    answer.start()
    this.#options.story.show(call)
    if (call.client === 'websocket') recordWebSocket(call)
  }

  /**
   * @param {string} message
   * @returns {Call}
   */
  #callOf(message) {
    const [carrier, client] = [this.#form.carrier.value, this.#form.client.value]
    const wrote = whatThePageWrites({ carrier, client, message })
    return { message, carrier, client, mode: this.#options.story.mode, wrote }
  }

  #showWhatIsNeeded() {
    const bold = (/** @type {string} */ text) => h('b', {}, text)
    byId('needed').replaceChildren(
      ...(this.#options.story.mode === 'with'
        ? [
            h('span', {}, 'The call brings ', bold(this.#whatItBrings())),
            h('span', {}, 'The handler needs ', bold(handlerCode(this.#form.client.value))),
          ]
        : [h('span', {}, 'The call brings ', bold('nothing of the session'))]),
    )
  }

  #whatItBrings() {
    const client = this.#form.client.value
    // Neither takes a body or headers.
    const takesQueryOnly = client === 'eventsource' || client === 'websocket'
    const carrier = takesQueryOnly ? 'query' : this.#form.carrier.value
    const withUser = carrier === 'baggage' && byId('user').value !== '' ? ', with user and account' : ''
    return brings[carrier] + withUser
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
