// @ts-check
import { h } from './dom.js'
import { describe, describeFeedback, eventRow, isAsset } from './eventRow.js'
import { count, duration, time } from './format.js'
import { hueStyle, sessionId } from './sessionColour.js'

/** @import { Feedback, RumViewEvent } from '../received.js' */

/** @import { Session, ShownEvent } from './page.js' */

/**
 * @typedef {object} CallLinks
 * @property {(event: ShownEvent) => string | undefined} traceOfCall - The trace that answered the
 * event's call, once it is known.
 * @property {(traceId: string) => void} onTrace
 */

/**
 * One RUM session as a card: its views, and in each view its actions, resources and feedback. The
 * newest come first.
 *
 * @param {{ session: Session, traceCount: number, isOwn: boolean, onTraces: () => void } &
 * CallLinks} options
 */
export function sessionCard({ session, traceCount, isOwn, onTraces, ...links }) {
  const views = [...session.views.values()].sort((a, b) => b.date - a.date)
  const counts = [
    count(views.length, 'view'),
    count(session.events.filter(({ type }) => type === 'action').length, 'action'),
    count(session.events.filter(({ type }) => type === 'resource').length, 'resource'),
  ]
  const user = views[0]?.usr?.id ?? session.events.filter(({ usr }) => usr?.id).at(-1)?.usr?.id
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
      const end = views[index - 1]?.date ?? Number.POSITIVE_INFINITY
      const feedback = session.feedback.filter(({ timestamp_ms: at }) => at >= view.date && at < end)
      return viewSection(view, { session, feedback, ...links })
    }),
  )
}

/**
 * @param {RumViewEvent} view
 * @param {{ session: Session, feedback: Feedback[] } & CallLinks} options
 */
function viewSection(view, { session, feedback, traceOfCall, onTrace }) {
  const events = session.events.filter((event) => event.view.id === view.view.id)
  const assets = events.filter(isAsset)
  const rows = [
    ...events
      .filter((event) => !isAsset(event))
      .map((event) => ({ at: event.date, traceId: traceOfCall(event), ...describe(event) })),
    ...feedback.map((item) => ({ at: item.timestamp_ms, traceId: item.trace_id, ...describeFeedback(item) })),
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
      ...rows.map((row) =>
        h('li', {}, eventRow(row, onTrace), row.traceId && traceLink(row.key, row.traceId, onTrace)),
      ),
      assets.length > 0 && h('li', { class: 'assets' }, `${count(assets.length, 'page asset')} not shown`),
    ),
  )
}

/**
 * @param {string} key
 * @param {string} traceId
 * @param {CallLinks['onTrace']} onTrace
 */
function traceLink(key, traceId, onTrace) {
  return h(
    'button',
    { type: 'button', class: 'link', 'data-focus': `trace-of-${key}`, onclick: () => onTrace(traceId) },
    'Trace',
  )
}
