// @ts-check
import { h } from './dom.js'
import { feedbackText, sessionOfFeedback } from './feedback.js'
import { count, duration, time } from './format.js'
import { hueStyle, sessionId } from './sessionColour.js'
import { kindOf, spanRow } from './spanRow.js'

/** @import { LlmSpan } from '../received.js' */

/** @import { Trace } from './page.js' */

/**
 * @typedef {object} TraceLinks
 * @property {(() => void) | undefined} onSession - Only for a trace that has a session.
 * @property {(() => void) | undefined} onCall - Once the RUM event of the trace's call is known.
 * @property {(session: string) => void} onSessionOfFeedback
 */

/**
 * One LLM trace as a card: its spans as a tree. The bar of a span shows when it ran within the
 * trace.
 *
 * @param {{ trace: Trace } & TraceLinks} options
 */
export function traceCard({ trace, ...links }) {
  const title = titleOf(trace.spans)
  return h(
    'article',
    {
      class: trace.sessionId ? 'card of-session' : 'card of-none',
      style: trace.sessionId && hueStyle(trace.sessionId),
      'aria-label': `LLM trace: ${title}`,
    },
    h(
      'header',
      {},
      h('h3', {}, h('span', { class: 'title', title }, title)),
      linksOf(trace, links),
      h('p', { class: 'meta' }, factsOf(trace).join(' · ')),
    ),
    waterfall(trace),
    proof(trace),
    ...trace.feedback.map((item) => feedbackLine(item, links.onSessionOfFeedback)),
  )
}

/**
 * @param {Trace} trace
 * @param {TraceLinks} links
 */
function linksOf({ id }, { onSession, onCall }) {
  /**
   * @param {string} name
   * @param {string} focus
   * @param {() => void} onclick
   */
  const button = (name, focus, onclick) =>
    h('button', { type: 'button', 'data-focus': `${focus}-of-${id}`, onclick }, name)
  return h(
    'span',
    { class: 'links' },
    onCall && button('Call', 'call', onCall),
    onSession
      ? button('RUM Session', 'session', onSession)
      : h('span', { class: 'badge none outcome apart' }, 'no session'),
  )
}

/** @param {Trace} trace */
function factsOf({ spans }) {
  const { start, end } = timesOf(spans)
  const tokens = spans.reduce((sum, { metrics }) => sum + (metrics?.total_tokens ?? 0), 0)
  const user = userOf(tree(spans)[0]?.span)
  return [
    time(start / 1e6),
    duration((end - start) / 1e6),
    count(spans.length, 'span'),
    tokens > 0 && count(tokens, 'token'),
    user && `user ${user}`,
  ].filter(Boolean)
}

/**
 * When a trace starts and ends, in nanoseconds since 1970.
 *
 * @param {LlmSpan[]} spans
 */
const timesOf = (spans) => ({
  start: Math.min(...spans.map(({ start_ns }) => start_ns)),
  end: Math.max(...spans.map(({ start_ns, duration }) => start_ns + duration)),
})

/** @param {Trace} trace */
function waterfall({ spans }) {
  const { start, end } = timesOf(spans)
  return h(
    'ol',
    { class: 'waterfall' },
    ...tree(spans).map(({ span, depth }) =>
      h('li', {}, spanRow({ span, depth, left: span.start_ns - start, width: span.duration, total: end - start })),
    ),
  )
}

/** @param {Trace} trace */
function proof({ sessionId: id, spans }) {
  const all = spans.length === 1 ? 'the span' : `all ${spans.length} spans`
  if (!id) return h('p', { class: 'proof outcome apart' }, `No session_id on ${all}: no RUM session leads here.`)
  const withId = spans.filter(({ session_id }) => session_id === id).length
  const which = withId === spans.length ? all : `${withId} of ${spans.length} spans`
  return h('p', { class: 'proof outcome joined' }, sessionId(id), ` is the session_id of ${which}`)
}

/**
 * @param {import('../received.js').Feedback} item
 * @param {(session: string) => void} onSession
 */
function feedbackLine(item, onSession) {
  const id = sessionOfFeedback(item)
  const by = id
    ? ['by session ', h('button', { type: 'button', class: 'chip', onclick: () => onSession(id) }, sessionId(id))]
    : ['by nobody known']
  return h('p', { class: 'proof' }, 'Feedback: ', h('b', {}, feedbackText(item)), ', ', ...by)
}

/**
 * The question. It is the input of the agent's span. The spans of the model calls arrive earlier,
 * and have it among their messages.
 *
 * @param {LlmSpan[]} spans
 */
function titleOf(spans) {
  const agent = spans.find((span) => kindOf(span) === 'agent')
  if (agent) return agent.meta.input?.value ?? agent.name
  const messages = spans.flatMap(({ meta }) => meta.input?.messages ?? [])
  return messages.find(({ role }) => role === 'user')?.content ?? spans[0]?.name ?? ''
}

/** @param {LlmSpan | undefined} span */
const userOf = (span) => span?.tags.find((tag) => tag.startsWith('usr.id:'))?.slice('usr.id:'.length)

/**
 * The spans in the order of a tree that is read from top to bottom, each with its depth.
 *
 * @param {LlmSpan[]} spans
 */
function tree(spans) {
  const ids = new Set(spans.map(({ span_id }) => span_id))
  /** @param {string | undefined} id */
  const childrenOf = (id) =>
    spans
      .filter(({ parent_id }) => (id === undefined ? !ids.has(parent_id) : parent_id === id))
      .sort((a, b) => a.start_ns - b.start_ns)
  /**
   * @param {string | undefined} id
   * @param {number} depth
   * @returns {{ span: LlmSpan, depth: number }[]}
   */
  const walk = (id, depth) => childrenOf(id).flatMap((span) => [{ span, depth }, ...walk(span.span_id, depth + 1)])
  return walk(undefined, 0)
}
