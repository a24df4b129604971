import { h } from './dom.js'
import { count, duration, sessionLabel, time } from './format.js'
import { inspect } from './inspector.js'

/** One RUM session as a card: its views, and in each view its actions and resources in the order of time. */
export function sessionCard({ session, traceCount, isOwn, onTraces, onTraceOfCall }) {
  const views = [...session.views.values()].sort((a, b) => a.date - b.date)
  const counts = [
    count(views.length, 'view'),
    count(session.events.filter(({ type }) => type === 'action').length, 'action'),
    count(session.events.filter(({ type }) => type === 'resource').length, 'resource'),
  ]
  const user = views.at(-1)?.usr?.id ?? session.events.findLast(({ usr }) => usr?.id)?.usr.id
  return h(
    'article',
    { class: 'card', 'aria-label': `RUM session ${session.id}` },
    h(
      'header',
      {},
      h('h3', {}, sessionLabel(session.id), isOwn && h('span', { class: 'badge' }, 'this page')),
      h(
        'button',
        { type: 'button', 'data-focus': 'traces', disabled: traceCount === 0, onclick: onTraces },
        'LLM Traces ',
        h('span', { class: 'number' }, String(traceCount)),
      ),
      h('p', { class: 'meta' }, [time(session.start), ...counts, user && `user ${user}`].filter(Boolean).join(' · ')),
    ),
    ...views.map((view) => viewSection(view, session, onTraceOfCall)),
  )
}

function viewSection(view, session, onTraceOfCall) {
  const events = session.events.filter((event) => event.view.id === view.view.id).sort((a, b) => a.date - b.date)
  const assets = events.filter(isAsset)
  return h(
    'section',
    { class: 'view' },
    eventRow({
      label: 'View',
      name: new URL(view.view.url).pathname,
      detail: `open for ${duration(view.view.time_spent / 1e6)}`,
      event: view,
    }),
    h(
      'ol',
      { class: 'events' },
      ...events
        .filter((event) => !isAsset(event))
        .map((event) => h('li', {}, eventRow({ ...describe(event), onTraceOfCall }))),
      assets.length > 0 && h('li', { class: 'assets' }, `${count(assets.length, 'page asset')} not shown`),
    ),
  )
}

const isAsset = ({ type, resource }) =>
  type === 'resource' &&
  !['xhr', 'fetch', 'beacon'].includes(resource.type) &&
  !resource.url.startsWith(window.DEMO.agentUrl) // an EventSource is of type "other"

function describe(event) {
  if (event.type === 'action') return { label: 'Action', name: event.action.target?.name || event.action.type, event }
  if (event.type === 'error') return { label: 'Error', name: event.error.message, event }
  const { type, method = '', url, status_code: status, duration: ns } = event.resource
  const correlation = event.context?.llm_correlation
  return {
    label: { xhr: 'XHR', fetch: 'Fetch', beacon: 'Beacon', other: 'Other' }[type] ?? type,
    name: `${method} ${new URL(url).pathname}`.trim(),
    badge: correlation && (correlation.carrier === 'none' ? `none: ${correlation.reason}` : correlation.carrier),
    detail: [status, duration(ns && ns / 1e6)].filter(Boolean).join(' · '),
    event,
  }
}

function eventRow({ label, name, badge, detail, event, onTraceOfCall }) {
  const traceId = event.context?.llm_correlation?.trace_id
  const onclick = () =>
    inspect({
      kind: `RUM ${event.type}`,
      title: name,
      sessionId: event.session.id,
      facts: [
        ['Session', event.session.id],
        ['URL', event.resource?.url ?? event.view.url],
        ['Correlated by', badge],
        ['Trace', traceId],
      ],
      link: traceId && { name: 'LLM trace of this call', onFollow: () => onTraceOfCall(traceId) },
      json: event,
    })
  const key = event.action?.id ?? event.resource?.id ?? event.view.id
  return h(
    'button',
    { type: 'button', class: `row ${event.type}`, 'data-focus': key, onclick },
    h('span', { class: 'row-label' }, label),
    h('span', { class: 'row-name' }, name),
    badge && h('span', { class: 'badge' }, badge),
    detail && h('span', { class: 'row-detail' }, detail),
  )
}
