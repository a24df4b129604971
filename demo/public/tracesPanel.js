import { h } from './dom.js'
import { feedbackText, sessionOfFeedback } from './feedback.js'
import { count, duration, time } from './format.js'
import { inspect } from './inspector.js'
import { hueStyle, sessionId } from './sessionColour.js'

/**
 * One LLM trace as a card: its spans as a tree, each with its place in the trace's time as a bar. `onCall` is there once the RUM event
 * of its call is known.
 */
export function traceCard({ trace, onSession, onCall, onSessionOfFeedback }) {
  const spans = tree(trace.spans)
  const start = Math.min(...trace.spans.map(({ start_ns }) => start_ns))
  const end = Math.max(...trace.spans.map(({ start_ns, duration }) => start_ns + duration))
  const tokens = trace.spans.reduce((sum, { metrics }) => sum + (metrics?.total_tokens ?? 0), 0)
  const title = titleOf(trace.spans)
  const user = tag(spans[0].span, 'usr.id')
  const facts = [
    time(start / 1e6),
    duration((end - start) / 1e6),
    count(spans.length, 'span'),
    tokens > 0 && count(tokens, 'token'),
    user && `user ${user}`,
  ]
  const button = (name, focus, onclick) =>
    h('button', { type: 'button', 'data-focus': `${focus}-of-${trace.id}`, onclick }, name)
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
      h(
        'span',
        { class: 'links' },
        onCall && button('Call', 'call', onCall),
        trace.sessionId
          ? button('RUM Session', 'session', onSession)
          : h('span', { class: 'badge none outcome apart' }, 'no session'),
      ),
      h('p', { class: 'meta' }, facts.filter(Boolean).join(' · ')),
    ),
    h(
      'ol',
      { class: 'waterfall' },
      ...spans.map(({ span, depth }) =>
        h('li', {}, spanRow({ span, depth, left: span.start_ns - start, width: span.duration, total: end - start })),
      ),
    ),
    proof(trace),
    ...trace.feedback.map((item) => feedbackLine(item, onSessionOfFeedback)),
  )
}

export const startOf = (trace) => Math.min(...trace.spans.map(({ start_ns }) => start_ns)) / 1e6

function proof({ sessionId: id, spans }) {
  const all = spans.length === 1 ? 'the span' : `all ${spans.length} spans`
  if (!id) return h('p', { class: 'proof outcome apart' }, `No session_id on ${all}: no RUM session leads here.`)
  const withId = spans.filter(({ session_id }) => session_id === id).length
  const which = withId === spans.length ? all : `${withId} of ${spans.length} spans`
  return h('p', { class: 'proof outcome joined' }, sessionId(id), ` is the session_id of ${which}`)
}

function feedbackLine(item, onSession) {
  const id = sessionOfFeedback(item)
  const by = id
    ? ['by session ', h('button', { type: 'button', class: 'chip', onclick: () => onSession(id) }, sessionId(id))]
    : ['by nobody known']
  return h('p', { class: 'proof' }, 'Feedback: ', h('b', {}, feedbackText(item)), ', ', ...by)
}

function spanRow({ span, depth, left, width, total }) {
  const kind = kindOf(span)
  const percent = (part) => `${((part / (total || 1)) * 100).toFixed(2)}%`
  return h(
    'button',
    {
      type: 'button',
      class: `span ${kind}`,
      'data-focus': span.span_id,
      style: `--depth: ${depth}; --left: ${percent(left)}; --width: ${percent(width)}`,
      onclick: () => inspectSpan(span, kind),
    },
    h('span', { class: 'span-name' }, h('span', { class: 'kind' }, kind), h('span', { class: 'name' }, span.name)),
    h('span', { class: 'bar' }),
    h('span', { class: 'span-time' }, duration(width / 1e6)),
  )
}

function inspectSpan(span, kind) {
  const { input_tokens: input, output_tokens: output } = span.metrics ?? {}
  inspect({
    kind: `LLM Observability ${kind} span`,
    title: span.name,
    facts: [
      ['session_id', span.session_id],
      ['Tags', span.tags.filter((tag) => /^(session_id|usr\.)/.test(tag)).join('  ')],
      ['Duration', duration(span.duration / 1e6)],
      ['Model', span.meta.model_name],
      ['Tokens', input && `${input} in, ${output} out`],
    ],
    texts: [
      ['Input', textOf(span.meta.input)],
      ['Output', textOf(span.meta.output)],
    ],
    json: span,
    focus: span.span_id,
  })
}

function textOf(io) {
  if (io?.value) return io.value
  return io?.messages
    ?.map(({ role, content, tool_calls: calls }) =>
      [role, content, ...(calls ?? []).map((call) => `${call.name}(${JSON.stringify(call.arguments)})`)]
        .filter(Boolean)
        .join('  '),
    )
    .join('\n')
}

/** dd-trace and ddtrace write a span's kind in two ways. */
const kindOf = (span) => span.meta['span.kind'] ?? span.meta.span?.kind ?? 'span'

/** What was asked: the agent's span says it; those of its model calls, which come before, have it among their messages. */
function titleOf(spans) {
  const agent = spans.find((span) => kindOf(span) === 'agent')
  if (agent) return agent.meta.input?.value ?? agent.name
  const messages = spans.flatMap(({ meta }) => meta.input?.messages ?? [])
  return messages.find(({ role }) => role === 'user')?.content ?? spans[0].name
}

const tag = (span, name) => span.tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1)

/** The spans in the order of a tree that is read from top to bottom, each with its depth. */
function tree(spans) {
  const ids = new Set(spans.map(({ span_id }) => span_id))
  const childrenOf = (id) =>
    spans
      .filter(({ parent_id }) => (id === undefined ? !ids.has(parent_id) : parent_id === id))
      .sort((a, b) => a.start_ns - b.start_ns)
  const walk = (id, depth) => childrenOf(id).flatMap((span) => [{ span, depth }, ...walk(span.span_id, depth + 1)])
  return walk(undefined, 0)
}
