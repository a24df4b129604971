import { h } from './dom.js'
import { feedbackText } from './feedback.js'
import { count, duration, time } from './format.js'
import { inspect } from './inspector.js'
import { hueStyle, sessionId } from './sessionColour.js'

/**
 * One RUM session as a card: its views, and in each view its actions, resources and feedback, the last first. `traceOfCall` gives the
 * trace of a call's event, where it is known.
 */
export function sessionCard({ session, traceCount, isOwn, onTraces, traceOfCall, onTrace }) {
  const views = [...session.views.values()].sort((a, b) => b.date - a.date)
  const counts = [
    count(views.length, 'view'),
    count(session.events.filter(({ type }) => type === 'action').length, 'action'),
    count(session.events.filter(({ type }) => type === 'resource').length, 'resource'),
  ]
  const user = views[0]?.usr?.id ?? session.events.findLast(({ usr }) => usr?.id)?.usr.id
  return h(
    'article',
    { class: 'card of-session', style: hueStyle(session.id), 'aria-label': `RUM session ${session.id}` },
    h(
      'header',
      {},
      h('h3', {}, sessionId(session.id), isOwn && h('span', { class: 'badge' }, 'this page')),
      h(
        'button',
        { type: 'button', 'data-focus': `traces-of-${session.id}`, disabled: traceCount === 0, onclick: onTraces },
        'LLM Traces ',
        h('span', { class: 'number' }, String(traceCount)),
      ),
      h('p', { class: 'meta' }, [time(session.start), ...counts, user && `user ${user}`].filter(Boolean).join(' · ')),
    ),
    ...views.map((view, index) => {
      const isOf = ({ timestamp_ms: at }) => at >= view.date && !(at >= views[index - 1]?.date)
      return viewSection(view, { session, feedback: session.feedback.filter(isOf), traceOfCall, onTrace })
    }),
  )
}

function viewSection(view, { session, feedback, traceOfCall, onTrace }) {
  const events = session.events.filter((event) => event.view.id === view.view.id)
  const assets = events.filter(isAsset)
  const rows = [
    ...events.filter((event) => !isAsset(event)).map((event) => ({ at: event.date, ...describe(event) })),
    ...feedback.map((item) => ({ at: item.timestamp_ms, ...describeFeedback(item) })),
  ].sort((a, b) => b.at - a.at)
  return h(
    'section',
    { class: 'view' },
    eventRow({
      label: 'View',
      name: new URL(view.view.url).pathname,
      detail: `open for ${duration(view.view.time_spent / 1e6)}`,
      event: view,
      key: view.view.id,
    }),
    h(
      'ol',
      { class: 'events' },
      ...rows.map((row) => {
        const traceId = row.traceId ?? traceOfCall(row.event)
        return h('li', {}, eventRow({ ...row, traceId, onTrace }), traceId && traceLink(row, traceId, onTrace))
      }),
      assets.length > 0 && h('li', { class: 'assets' }, `${count(assets.length, 'page asset')} not shown`),
    ),
  )
}

function traceLink({ key }, traceId, onTrace) {
  return h(
    'button',
    { type: 'button', class: 'link', 'data-focus': `trace-of-${key}`, onclick: () => onTrace(traceId) },
    'Trace',
  )
}

const isOfAgent = (url) => url.startsWith(window.DEMO.agentUrl)

const isAsset = ({ type, resource }) =>
  type === 'resource' && !['xhr', 'fetch', 'beacon'].includes(resource.type) && !isOfAgent(resource.url) // an EventSource is of type "other"

function describe(event) {
  if (event.type === 'error') return { label: 'Error', name: event.error.message, key: event.error.id, event }
  if (event.type === 'action') return describeAction(event)
  const { id, type, method = '', url, status_code: status, duration: ns } = event.resource
  const ofAgent = isOfAgent(url)
  return {
    label: type === 'other' && ofAgent ? 'Stream' : ({ xhr: 'XHR', fetch: 'Fetch', beacon: 'Beacon' }[type] ?? type),
    name: new URL(url).pathname,
    title: `${method} ${new URL(url).pathname}`.trim(),
    badge: ofAgent ? carrierOf(event) : undefined,
    // What went well needs no status.
    detail: [status >= 200 && status < 300 ? '' : status, duration(ns && ns / 1e6)].filter(Boolean).join(' · '),
    key: id,
    event,
  }
}

function describeAction(event) {
  const { action, context } = event
  const key = action.id
  if (!context?.web_socket) return { label: 'Action', name: action.target?.name || action.type, key, event }
  const { path, carrier } = context.web_socket
  return { label: 'Socket', name: path, badge: badgeOf(carrier), key, event }
}

function describeFeedback(item) {
  const key = `feedback-${item.trace_id}-${item.timestamp_ms}`
  return { label: 'Voted', name: feedbackText(item), traceId: item.trace_id, key, event: item }
}

/** What the plugin says of a call; of an EventSource, which it does not annotate, the URL says it. */
function carrierOf({ resource: { type, url }, context }) {
  const { carrier, reason } = context?.llm_correlation ?? {}
  if (carrier) return badgeOf(carrier, reason)
  if (type === 'other') return badgeOf(url.includes('session_id=') ? 'query' : 'none')
  if (type !== 'beacon') return badgeOf('none')
}

const badgeOf = (carrier, reason) =>
  carrier === 'none' ? { text: reason ? `none: ${reason}` : 'no id', isNone: true } : { text: carrier }

function eventRow({ label, name, title = name, badge, detail, event, traceId, onTrace, key }) {
  const isFeedback = event.type === undefined
  const onclick = () =>
    inspect({
      kind: isFeedback ? 'End-user feedback' : `RUM ${event.type}`,
      title,
      facts: [
        ['Session', event.session?.id],
        ['URL', event.resource?.url ?? event.view?.url],
        ['Status', event.resource?.status_code && String(event.resource.status_code)],
        ['Correlated by', badge?.text],
        ['Trace', event.context?.llm_correlation?.trace_id ?? event.trace_id],
      ],
      link: traceId && { name: 'LLM trace of this call', onFollow: () => onTrace(traceId) },
      json: event,
      focus: key,
    })
  return h(
    'button',
    { type: 'button', class: `row ${event.type ?? 'feedback'}`, 'data-focus': key, onclick },
    h('span', { class: 'row-label' }, label),
    h('span', { class: 'row-name' }, name),
    badge && h('span', { class: badge.isNone ? 'badge none' : 'badge' }, badge.text),
    detail && h('span', { class: 'row-detail' }, detail),
  )
}
