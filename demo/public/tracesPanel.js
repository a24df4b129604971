import { h } from './dom.js'
import { count, duration, sessionLabel, time } from './format.js'
import { inspect } from './inspector.js'

/** One LLM trace as a card: its spans as a tree, each with its place in the trace's time as a bar. */
export function traceCard({ trace, onSession }) {
  const spans = tree(trace.spans)
  const start = Math.min(...trace.spans.map(({ start_ns }) => start_ns))
  const end = Math.max(...trace.spans.map(({ start_ns, duration }) => start_ns + duration))
  const tokens = trace.spans.reduce((sum, { metrics }) => sum + (metrics?.total_tokens ?? 0), 0)
  const root = spans[0].span
  const title = titleOf(spans.map(({ span }) => span))
  const withSession = trace.spans.filter(({ session_id }) => session_id === trace.sessionId).length
  const user = tag(root, 'usr.id')
  const facts = [
    time(start / 1e6),
    duration((end - start) / 1e6),
    count(spans.length, 'span'),
    tokens > 0 && count(tokens, 'token'),
    user && `user ${user}`,
  ]
  return h(
    'article',
    { class: 'card', 'aria-label': `LLM trace: ${title}` },
    h(
      'header',
      {},
      h('h3', {}, title),
      trace.sessionId
        ? h('button', { type: 'button', 'data-focus': 'session', onclick: onSession }, 'RUM Session')
        : h('span', { class: 'badge none' }, 'no session'),
      h('p', { class: 'meta' }, facts.filter(Boolean).join(' · ')),
    ),
    h(
      'ol',
      { class: 'waterfall' },
      ...spans.map(({ span, depth }) =>
        h('li', {}, spanRow({ span, depth, left: span.start_ns - start, width: span.duration, total: end - start })),
      ),
    ),
    trace.sessionId &&
      h(
        'p',
        { class: 'proof' },
        sessionLabel(trace.sessionId),
        withSession === spans.length
          ? ` is the session_id of ${spans.length === 1 ? 'the span' : `all ${spans.length} spans`}`
          : ` is the session_id of ${withSession} of ${spans.length} spans`,
      ),
  )
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
    sessionId: span.session_id,
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

/** What was asked: the first span that says it, as the one above the agent's may be there for the session alone. */
function titleOf(spans) {
  const told = spans.find(({ meta }) => textOf(meta.input)) ?? spans[0]
  const text = textOf(told.meta.input) ?? told.name
  return told.name === 'answer_feedback' ? `Feedback: ${text}` : text
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
