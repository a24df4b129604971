// @ts-check
import { byId, flash, focusable, h, keyedIn, placeKeyed, reveal, showEmpty } from './dom.js'
import { keyOf } from './eventRow.js'
import { count } from './format.js'
import { Records, startOf } from './records.js'
import { sessionId } from './sessionColour.js'
import { sessionCard } from './sessionsPanel.js'
import { traceCard } from './tracesPanel.js'

/** @import { Session, ShownEvent, Trace } from './page.js' */

/**
 * @typedef {object} ObservabilityOptions
 * @property {() => string | undefined} ownSession - The id of the page's own session.
 * @property {(trace: Trace) => void} onTrace - Called when a span of the trace has been received.
 * @property {(id: string) => void} showPanel - Brings a panel to the front if only one fits.
 */

/** The two panels that show what the intake has received: the RUM sessions, and the LLM traces. */
export class Observability {
  #records = new Records()
  #options
  /**
   * The session whose traces are shown alone.
   *
   * @type {string | undefined}
   */
  #filter
  #isScheduled = false

  /** @param {ObservabilityOptions} options */
  constructor(options) {
    this.#options = options
  }

  /**
   * What the panels take from the stream.
   *
   * @returns {import('./stream.js').StreamListener}
   */
  listener() {
    const records = this.#records
    return {
      rum: (event) => this.#change(() => records.addRumEvent(event)),
      llm: (span) => this.#change(() => this.#options.onTrace(records.addSpan(span))),
      feedback: (feedback) => this.#change(() => records.addFeedback(feedback)),
      open: () => this.#change(() => this.#clear()),
    }
  }

  ownSessionChanged() {
    const { sessions, changed } = this.#records
    this.#change(() => {
      for (const id of sessions.keys()) changed.sessions.add(id)
    })
  }

  showAll() {
    this.#filter = undefined
    this.#renderTraces()
  }

  /** @param {string} id */
  showTrace(id) {
    this.#options.showPanel('traces')
    this.showAll()
    reveal(keyedIn(byId('traces-list'), id))
  }

  /** @param {string} id */
  showSession(id) {
    this.#options.showPanel('sessions')
    reveal(keyedIn(byId('sessions-list'), id))
  }

  /** @param {ShownEvent} event */
  #showCall(event) {
    this.#options.showPanel('sessions')
    reveal(focusable(byId('sessions-list'), keyOf(event)))
  }

  /** @param {string} id */
  #showTracesOf(id) {
    this.#filter = id
    this.#options.showPanel('traces')
    this.#renderTraces()
    const cards = cardsIn(byId('traces-list')).filter(({ hidden }) => !hidden)
    for (const card of cards) flash(card)
    reveal(cards[0])
  }

  #clear() {
    this.#records.clear()
    byId('sessions-list').replaceChildren()
    byId('traces-list').replaceChildren()
  }

  /**
   * Makes a change, and draws the panels soon. Changes that come together are drawn once.
   *
   * @param {() => void} change
   */
  #change(change) {
    change()
    if (this.#isScheduled) return
    this.#isScheduled = true
    setTimeout(() => {
      this.#isScheduled = false
      this.#renderSessions()
      this.#renderTraces()
    }, 50)
  }

  #renderSessions() {
    const { sessions, changed } = this.#records
    const list = byId('sessions-list')
    for (const id of changed.sessions) {
      const session = sessions.get(id)
      if (!session || session.views.size === 0) continue
      const isOwn = id === this.#options.ownSession()
      const order = isOwn ? Number.MAX_SAFE_INTEGER : session.start
      placeKeyed(list, { key: id, order, element: this.#sessionCard(session, isOwn) })
    }
    changed.sessions.clear()
    byId('sessions-count').textContent = sessions.size ? count(sessions.size, 'session') : ''
    showEmpty(list, sessions.size === 0, 'RUM sends its events in batches; the first is on its way.')
  }

  /**
   * @param {Session} session
   * @param {boolean} isOwn
   */
  #sessionCard(session, isOwn) {
    return sessionCard({
      session,
      traceCount: this.#records.tracesOf(session.id).filter(({ spans }) => spans.length > 0).length,
      isOwn,
      onTraces: () => this.#showTracesOf(session.id),
      traceOfCall: (event) => this.#records.traceOfCall(event)?.id,
      onTrace: (id) => this.showTrace(id),
    })
  }

  #renderTraces() {
    const { traces, changed } = this.#records
    const list = byId('traces-list')
    for (const id of changed.traces) {
      const trace = traces.get(id)
      if (!trace || trace.spans.length === 0) continue
      placeKeyed(list, { key: id, order: startOf(trace), element: this.#traceCard(trace) })
    }
    changed.traces.clear()
    for (const card of cardsIn(list)) {
      card.hidden = this.#filter !== undefined && card.dataset.session !== this.#filter
    }
    byId('traces-count').replaceChildren(this.#countOfTraces())
    showEmpty(list, traces.size === 0, 'No trace yet. Ask the agent a question.')
  }

  /** @param {Trace} trace */
  #traceCard(trace) {
    const call = this.#records.callOf(trace)
    const { sessionId: session } = trace
    const card = traceCard({
      trace,
      onSession: session ? () => this.showSession(session) : undefined,
      onCall: call && (() => this.#showCall(call)),
      onSessionOfFeedback: (id) => this.showSession(id),
    })
    card.dataset.session = session ?? ''
    return card
  }

  #countOfTraces() {
    if (this.#filter !== undefined) return this.#filterChip(this.#filter)
    const { size } = this.#records.traces
    return size ? count(size, 'trace') : ''
  }

  /** @param {string} session */
  #filterChip(session) {
    const onclick = () => {
      this.showAll()
      reveal(byId('traces-list'))
    }
    return h(
      'span',
      { class: 'filter' },
      'of session ',
      sessionId(session),
      h('button', { type: 'button', class: 'link', onclick }, 'show all'),
    )
  }
}

/**
 * @param {HTMLElement} list
 * @returns {HTMLElement[]}
 */
const cardsIn = (list) => [...list.querySelectorAll('article')].filter((card) => card.parentElement === list)
