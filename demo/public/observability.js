import { byId, flash, h, keyedIn, placeKeyed, reveal } from './dom.js'
import { sessionOfFeedback } from './feedback.js'
import { count } from './format.js'
import { sessionId } from './sessionColour.js'
import { sessionCard } from './sessionsPanel.js'
import { startOf, traceCard } from './tracesPanel.js'

const shownTypes = ['action', 'resource', 'error']

/**
 * The two observability panels: folds what the intake receives into sessions and traces, and joins them by session id, each call with its
 * own trace. `showPanel` brings a panel to the front where only one fits.
 */
export function startObservability({ ownSession, onTrace, showPanel }) {
  const sessions = new Map()
  const traces = new Map()
  const changed = { sessions: new Set(), traces: new Set() }
  let filter // the session whose traces alone are shown
  let scheduled = false

  function foldRumEvent(event) {
    if (!event.session?.id || !event.view?.id) return
    const session = sessionOf(event.session.id, event.date)
    session.start = Math.min(session.start, event.date)
    if (event.type === 'view') session.views.set(event.view.id, event)
    else if (shownTypes.includes(event.type)) session.events.push(event)
    changed.sessions.add(session.id)
    for (const trace of tracesOf(session.id)) changed.traces.add(trace.id)
  }

  function foldSpan(span) {
    const trace = keyed(traces, span.trace_id, (id) => ({ id, spans: [], feedback: [] }))
    trace.spans.push(span)
    trace.sessionId ??= span.session_id
    trace.apmId ??= decimal(span._dd?.apm_trace_id)
    changed.traces.add(trace.id)
    if (trace.sessionId) changed.sessions.add(trace.sessionId)
    onTrace(trace)
  }

  function foldFeedback(feedback) {
    const trace = keyed(traces, feedback.trace_id, (id) => ({ id, spans: [], feedback: [] }))
    trace.feedback.push(feedback)
    changed.traces.add(trace.id)
    const id = sessionOfFeedback(feedback)
    if (!id) return
    sessionOf(id, feedback.timestamp_ms).feedback.push(feedback)
    changed.sessions.add(id)
  }

  const sessionOf = (id, start) =>
    keyed(sessions, id, () => ({ id, start, views: new Map(), events: [], feedback: [] }))
  const tracesOf = (id) => [...traces.values()].filter((trace) => trace.sessionId === id)

  function scheduleRender() {
    if (scheduled) return
    scheduled = true
    setTimeout(() => {
      scheduled = false
      render()
    }, 50)
  }

  function render() {
    renderSessions()
    renderTraces()
  }

  function renderSessions() {
    const list = byId('sessions-list')
    for (const id of changed.sessions) {
      const session = sessions.get(id)
      if (!session || session.views.size === 0) continue
      const isOwn = id === ownSession()
      const element = sessionCard({
        session,
        traceCount: tracesOf(id).filter(({ spans }) => spans.length > 0).length,
        isOwn,
        onTraces: () => showTracesOf(id),
        traceOfCall: (event) => traceOfCall(event)?.id,
        onTrace: showTrace,
      })
      placeKeyed(list, { key: id, order: isOwn ? Number.MAX_SAFE_INTEGER : session.start, element })
    }
    changed.sessions.clear()
    byId('sessions-count').textContent = sessions.size ? count(sessions.size, 'session') : ''
    showEmpty(list, sessions.size === 0, 'RUM sends its events in batches; the first is on its way.')
  }

  function renderTraces() {
    const list = byId('traces-list')
    for (const id of changed.traces) {
      const trace = traces.get(id)
      if (trace.spans.length === 0) continue
      const call = callOf(trace)
      const element = traceCard({
        trace,
        onSession: () => showSession(trace.sessionId),
        onCall: call && (() => showCall(call)),
        onSessionOfFeedback: showSession,
      })
      element.dataset.session = trace.sessionId ?? ''
      placeKeyed(list, { key: id, order: startOf(trace), element })
    }
    changed.traces.clear()
    for (const card of list.querySelectorAll(':scope > .card')) {
      card.hidden = filter !== undefined && card.dataset.session !== filter
    }
    byId('traces-count').replaceChildren(
      filter === undefined ? (traces.size ? count(traces.size, 'trace') : '') : filterChip(),
    )
    showEmpty(list, traces.size === 0, 'No trace yet. Ask the agent a question.')
  }

  function filterChip() {
    return h(
      'span',
      { class: 'filter' },
      'of session ',
      sessionId(filter),
      h(
        'button',
        { type: 'button', class: 'link', onclick: () => [showAll(), reveal(byId('traces-list'))] },
        'show all',
      ),
    )
  }

  /** The trace that answered the call of a RUM event. */
  function traceOfCall(event) {
    const { llm_correlation: correlation, web_socket: webSocket } = event.context ?? {}
    if (webSocket) return traces.get(webSocket.llm_trace_id)
    if (correlation?.trace_id) return [...traces.values()].find(({ apmId }) => apmId === correlation.trace_id)
    if (event.resource?.type === 'other') return traceOfEventSource(event)
  }

  /** RUM's event of an EventSource names no trace: it is that of the session which began while the stream was open. */
  function traceOfEventSource({ date, resource, session }) {
    const end = date + resource.duration / 1e6
    return tracesOf(session.id).find((trace) => {
      const start = startOf(trace)
      return trace.spans.length > 0 && start >= date - 50 && start <= end
    })
  }

  const callOf = (trace) => sessions.get(trace.sessionId)?.events.find((event) => traceOfCall(event) === trace)

  function showAll() {
    filter = undefined
    renderTraces()
  }

  function showTracesOf(id) {
    filter = id
    showPanel('traces')
    renderTraces()
    const cards = byId('traces-list').querySelectorAll('.card:not([hidden])')
    for (const card of cards) flash(card)
    if (cards[0]) reveal(cards[0])
  }

  function showSession(id) {
    showPanel('sessions')
    const card = keyedIn(byId('sessions-list'), id)
    if (card) reveal(card)
  }

  function showCall(event) {
    showPanel('sessions')
    const row = byId('sessions-list').querySelector(
      `[data-focus="${CSS.escape(event.resource?.id ?? event.action.id)}"]`,
    )
    if (row) reveal(row)
  }

  function showTrace(id) {
    showPanel('traces')
    showAll()
    const card = keyedIn(byId('traces-list'), id)
    if (card) reveal(card)
  }

  function fold(into) {
    return (item) => {
      into(item)
      scheduleRender()
    }
  }

  return {
    showTrace,
    showSession,
    showAll,
    ownSessionChanged() {
      for (const id of sessions.keys()) changed.sessions.add(id)
      scheduleRender()
    },
    rum: fold(foldRumEvent),
    llm: fold(foldSpan),
    feedback: fold(foldFeedback),
    open: fold(() => {
      sessions.clear()
      traces.clear()
      byId('sessions-list').replaceChildren()
      byId('traces-list').replaceChildren()
    }),
  }
}

/** Of the 128 bits of an APM trace's id the lower 64, as RUM has it. */
const decimal = (hexadecimal) => hexadecimal && String(BigInt.asUintN(64, BigInt(`0x${hexadecimal}`)))

function keyed(map, key, create) {
  if (!map.has(key)) map.set(key, create(key))
  return map.get(key)
}

function showEmpty(list, isEmpty, text) {
  const old = list.querySelector(':scope > .empty')
  if (isEmpty && !old) list.append(h('div', { class: 'empty' }, h('p', {}, text)))
  if (!isEmpty) old?.remove()
}
