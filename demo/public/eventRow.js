// @ts-check
// The rows of a session's card: one for each RUM event and each feedback.
import { h } from './dom.js'
import { feedbackText } from './feedback.js'
import { duration } from './format.js'
import { inspect } from './inspector.js'

/** @import { Feedback, RumActionEvent, RumResourceEvent, RumViewEvent } from '../received.js' */

/** @import { Facts } from './inspector.js' */

/** @import { ShownEvent } from './page.js' */

/** @typedef {{ text: string, isNone?: boolean }} Badge */

/**
 * What a row shows of a RUM event or a feedback.
 *
 * @typedef {object} Row
 * @property {string} label
 * @property {string} name
 * @property {string} [title] - Of the inspector; the default is `name`.
 * @property {Badge | undefined} [badge]
 * @property {string} [detail]
 * @property {string} key - Names the row for the focus.
 * @property {ShownEvent | RumViewEvent | Feedback} event
 * @property {string | undefined} [traceId]
 */

/** @param {string} url */
const isOfAgent = (url) => url.startsWith(window.DEMO.agentUrl)

/**
 * RUM gives an EventSource the type `other`, which page assets may have too. So its URL decides.
 *
 * @param {ShownEvent} event
 */
export const isAsset = (event) =>
  event.type === 'resource' &&
  !['xhr', 'fetch', 'beacon'].includes(event.resource.type) &&
  !isOfAgent(event.resource.url)

/**
 * The name of an event's row for the focus.
 *
 * @param {ShownEvent} event
 */
export function keyOf(event) {
  if (event.type === 'error') return event.error.id
  return event.type === 'action' ? event.action.id : event.resource.id
}

/**
 * @param {ShownEvent} event
 * @returns {Row}
 */
export function describe(event) {
  if (event.type === 'error') return { label: 'Error', name: event.error.message, key: keyOf(event), event }
  return event.type === 'action' ? describeAction(event) : describeResource(event)
}

/** @type {Record<string, string>} */
const resourceLabels = { xhr: 'XHR', fetch: 'Fetch', beacon: 'Beacon' }

/**
 * @param {RumResourceEvent} event
 * @returns {Row}
 */
function describeResource(event) {
  const { type, method = '', url, status_code: status, duration: ns } = event.resource
  const ofAgent = isOfAgent(url)
  return {
    label: type === 'other' && ofAgent ? 'Stream' : (resourceLabels[type] ?? type),
    name: new URL(url).pathname,
    title: `${method} ${new URL(url).pathname}`.trim(),
    badge: ofAgent ? carrierOf(event) : undefined,
    detail: [isOk(status) ? '' : status, duration(ns && ns / 1e6)].filter(Boolean).join(' · '),
    key: keyOf(event),
    event,
  }
}

/** @param {number | undefined} status */
const isOk = (status = 0) => status >= 200 && status < 300

/**
 * @param {RumActionEvent} event
 * @returns {Row}
 */
function describeAction(event) {
  const { action, context } = event
  const key = keyOf(event)
  if (!context?.web_socket) return { label: 'Action', name: action.target?.name || action.type, key, event }
  const { path, carrier } = context.web_socket
  return { label: 'Socket', name: path, badge: badgeOf(carrier), key, event }
}

/**
 * @param {Feedback} item
 * @returns {Row}
 */
export function describeFeedback(item) {
  return {
    label: 'Voted',
    name: feedbackText(item),
    key: `feedback-${item.trace_id}-${item.timestamp_ms}`,
    event: item,
  }
}

/**
 * The carrier of a call. The plugin writes it into RUM's event. An EventSource's event cannot have
 * it, so the URL decides.
 *
 * @param {RumResourceEvent} event
 */
function carrierOf({ resource: { type, url }, context }) {
  const { carrier, reason } = context?.llm_correlation ?? {}
  if (carrier) return badgeOf(carrier, reason)
  if (type === 'other') return badgeOf(url.includes('session_id=') ? 'query' : 'none')
  return type === 'beacon' ? undefined : badgeOf('none')
}

/**
 * @param {string} carrier
 * @param {string} [reason]
 * @returns {Badge}
 */
const badgeOf = (carrier, reason) =>
  carrier === 'none' ? { text: reason ? `none: ${reason}` : 'no id', isNone: true } : { text: carrier }

/**
 * @param {Row} row
 * @param {(traceId: string) => void} [onTrace]
 */
export function eventRow(row, onTrace) {
  const { label, name, badge, detail, event, key } = row
  const type = 'type' in event ? event.type : 'feedback'
  return h(
    'button',
    { type: 'button', class: `row ${type}`, 'data-focus': key, onclick: () => inspectRow(row, onTrace) },
    h('span', { class: 'row-label' }, label),
    h('span', { class: 'row-name' }, name),
    badge && h('span', { class: badge.isNone ? 'badge none' : 'badge' }, badge.text),
    detail && h('span', { class: 'row-detail' }, detail),
  )
}

/**
 * @param {Row} row
 * @param {(traceId: string) => void} [onTrace]
 */
function inspectRow({ name, title = name, badge, event, traceId, key }, onTrace) {
  const isFeedback = !('type' in event)
  inspect({
    kind: isFeedback ? 'End-user feedback' : `RUM ${event.type}`,
    title,
    facts: isFeedback ? [['Trace', event.trace_id]] : factsOf(event, badge),
    link: traceId && onTrace ? { name: 'LLM trace of this call', onFollow: () => onTrace(traceId) } : undefined,
    json: event,
    focus: key,
  })
}

/**
 * @param {ShownEvent | RumViewEvent} event
 * @param {Badge | undefined} badge
 * @returns {Facts}
 */
const factsOf = ({ session, view, resource, context }, badge) => [
  ['Session', session.id],
  ['URL', resource?.url ?? view.url],
  ['Status', resource?.status_code ? String(resource.status_code) : undefined],
  ['Correlated by', badge?.text],
  ['Trace', context?.llm_correlation?.trace_id],
]
