import { byId, h, replaceKeyed, reveal } from './dom.js'
import { count, sessionLabel } from './format.js'
import { sessionCard } from './sessionsPanel.js'
import { traceCard } from './tracesPanel.js'

const shownTypes = ['action', 'resource', 'error']

/**
 * The two observability panels: folds what the intake receives into sessions and traces, and joins them by session id.
 * `showPanel` brings a panel to the front where only one fits.
 */
export function startObservability({ ownSession, onTrace, showPanel }) {
  const sessions = new Map()
  const traces = new Map()
  const changed = { sessions: new Set(), traces: new Set() }
  let filter // the session whose traces alone are shown
  let scheduled = false

  const source = new EventSource('/observability/stream')
  source.onmessage = ({ data }) => {
    const { kind, item } = JSON.parse(data)
    if (kind === 'rum') foldRumEvent(item)
    if (kind === 'llm') foldSpan(item)
    scheduleRender()
  }
  // A new connection gets everything again.
  source.onopen = () => {
    sessions.clear()
    traces.clear()
    byId('sessions-list').replaceChildren()
    byId('traces-list').replaceChildren()
    scheduleRender()
  }

  function foldRumEvent(event) {
    if (!event.session?.id || !event.view?.id) return
    const session = keyed(sessions, event.session.id, (id) => ({ id, start: event.date, views: new Map(), events: [] }))
    session.start = Math.min(session.start, event.date)
    if (event.type === 'view') session.views.set(event.view.id, event)
    else if (shownTypes.includes(event.type)) session.events.push(event)
    changed.sessions.add(session.id)
  }

  function foldSpan(span) {
    const trace = keyed(traces, span.trace_id, (id) => ({ id, spans: [] }))
    trace.spans.push(span)
    trace.sessionId ??= span.session_id
    trace.apmId ??= decimal(span._dd?.apm_trace_id)
    changed.traces.add(trace.id)
    if (trace.sessionId) changed.sessions.add(trace.sessionId)
    onTrace(trace.id, trace.sessionId)
  }

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
      if (!session) continue
      const traceCount = [...traces.values()].filter(({ sessionId }) => sessionId === id).length
      const card = sessionCard({
        session,
        traceCount,
        isOwn: id === ownSession(),
        onTraces: () => showTracesOf(id),
        onTraceOfCall: (apmId) => showTrace([...traces.values()].find((trace) => trace.apmId === apmId)?.id),
      })
      replaceKeyed(list, id, card)
      card.style.order = -Math.floor(session.start / 1000)
    }
    changed.sessions.clear()
    byId('sessions-count').textContent = sessions.size ? count(sessions.size, 'session') : ''
    showEmpty(list, sessions.size === 0, 'RUM sends its events in batches; the first is on its way.')
  }

  function renderTraces() {
    const list = byId('traces-list')
    for (const id of changed.traces) {
      const trace = traces.get(id)
      if (!trace) continue
      const card = traceCard({ trace, onSession: () => showSession(trace.sessionId) })
      replaceKeyed(list, id, card)
      card.dataset.session = trace.sessionId ?? ''
      card.style.order = -Math.floor(Math.min(...trace.spans.map(({ start_ns }) => start_ns)) / 1e9)
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
    const clear = () => {
      filter = undefined
      renderTraces()
    }
    return h(
      'span',
      { class: 'filter' },
      'of session ',
      sessionLabel(filter),
      h('button', { type: 'button', class: 'link', onclick: clear }, 'show all'),
    )
  }

  function showTracesOf(sessionId) {
    filter = sessionId
    showPanel('traces')
    renderTraces()
    byId('traces-list').scrollTo({ top: 0 })
    for (const card of byId('traces-list').querySelectorAll('.card:not([hidden])')) flash(card)
  }

  function showSession(sessionId) {
    showPanel('sessions')
    const card = cardIn('sessions-list', sessionId)
    if (card) reveal(card)
  }

  function showTrace(traceId) {
    filter = undefined
    showPanel('traces')
    renderTraces()
    const card = cardIn('traces-list', traceId)
    if (card) reveal(card)
  }

  return { showTrace }
}

/** Of the 128 bits of an APM trace's id the lower 64, as RUM has it. */
const decimal = (hexadecimal) => hexadecimal && String(BigInt.asUintN(64, BigInt(`0x${hexadecimal}`)))

function flash(card) {
  card.classList.remove('flash')
  void card.offsetWidth // restarts the animation
  card.classList.add('flash')
}

const cardIn = (listId, key) => byId(listId).querySelector(`:scope > [data-key="${CSS.escape(key)}"]`)

function keyed(map, key, create) {
  if (!map.has(key)) map.set(key, create(key))
  return map.get(key)
}

function showEmpty(list, isEmpty, text) {
  const old = list.querySelector(':scope > .empty')
  if (isEmpty && !old) list.append(h('div', { class: 'empty' }, h('p', {}, text)))
  if (!isEmpty) old?.remove()
}
