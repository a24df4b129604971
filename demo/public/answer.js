// @ts-check
import { clientNames } from './callText.js'
import { sendFeedback } from './clients.js'
import { byId, h } from './dom.js'
import { sessionId } from './sessionColour.js'

const { agentUrl, datadog } = window.DEMO

/** @import { Call, Jumps, Trace } from './page.js' */

/**
 * @typedef {object} AnswerOptions
 * @property {Call} call
 * @property {Jumps} jumps
 * @property {() => void} onAskAgain
 * @property {() => void} onVoted
 */

/** A question in the conversation, with its answer. The answer grows while it arrives. */
export class Answer {
  #text = h('p', { class: 'answer-text' })
  #footer = h('div', { class: 'answer-footer' })
  #element = h('article', { class: 'answer', 'aria-busy': 'true' }, this.#text, this.#footer)
  #trace = h('span', { class: 'trace-state' })
  #log = byId('log')
  /** @type {AnswerOptions} */
  #options

  /** @param {AnswerOptions} options */
  constructor(options) {
    this.#options = options
    const { message, carrier, client, mode } = options.call
    const meta = `${carrier}, ${clientNames[client]}, ${mode} the plugin`
    document.getElementById('welcome')?.remove()
    this.#log.append(
      h('article', { class: 'question' }, h('p', {}, message), h('p', { class: 'meta' }, meta)),
      this.#element,
    )
    this.#scrollToEnd()
  }

  start() {
    if (!datadog) this.#trace.append('LLM trace on its way')
    this.#footer.append(
      this.#trace,
      h('span', { class: 'votes' }, this.#voteButton(true, 'Helpful'), this.#voteButton(false, 'Not helpful')),
    )
    this.#scrollToEnd()
  }

  /** @param {string} delta */
  append(delta) {
    this.#text.append(delta)
    this.#scrollToEnd()
  }

  /** @param {string} reason */
  fail(reason) {
    this.#element.classList.add('failed')
    this.#text.append(
      h('span', { class: 'error' }, `${reason}. `),
      h('button', { type: 'button', class: 'link', onclick: this.#options.onAskAgain }, 'Ask again'),
    )
  }

  finish() {
    this.#element.removeAttribute('aria-busy')
    this.#scrollToEnd()
  }

  /**
   * Says which session the answer's trace belongs to.
   *
   * @param {Trace} trace
   */
  showTrace({ id, sessionId: session }) {
    const shown = session ?? 'none'
    if (this.#trace.dataset.shown === shown) return
    this.#trace.dataset.shown = shown
    const { onShowTrace, onShowSession } = this.#options.jumps
    this.#trace.replaceChildren(
      h('button', { type: 'button', class: 'link', onclick: () => onShowTrace(id) }, 'LLM trace'),
      session ? ' of session ' : ', which no session leads to',
      session
        ? h('button', { type: 'button', class: 'chip', onclick: () => onShowSession(session) }, sessionId(session))
        : '',
    )
  }

  /**
   * @param {boolean} helpful
   * @param {string} name
   */
  #voteButton(helpful, name) {
    const button = h('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: () => vote() }, name)
    const vote = () => {
      const { call, onVoted } = this.#options
      for (const other of this.#footer.querySelectorAll('[aria-pressed]')) other.ariaPressed = 'false'
      button.ariaPressed = 'true'
      const feedback = { helpful, trace_id: call.traceId }
      sendFeedback(`${agentUrl}/${call.carrier}/feedback`, feedback, { headers: call.carrier === 'trace-tags' })
      onVoted()
    }
    return button
  }

  #scrollToEnd() {
    this.#log.scrollTo({ top: this.#log.scrollHeight })
  }
}
