// @ts-check
// The rows of a trace's card: one for each span.
import { h } from './dom.js'
import { duration } from './format.js'
import { inspect } from './inspector.js'

/** @import { LlmSpan, SpanText } from '../received.js' */

/**
 * One span of a trace. Times are in nanoseconds.
 *
 * @param {object} options
 * @param {LlmSpan} options.span
 * @param {number} options.depth - In the tree of the trace's spans.
 * @param {number} options.left - Until the span starts, from the start of the trace.
 * @param {number} options.width - How long the span takes.
 * @param {number} options.total - How long the trace takes.
 */
export function spanRow({ span, depth, left, width, total }) {
  const kind = kindOf(span)
  /** @param {number} part */
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

/**
 * @param {LlmSpan} span
 * @param {string} kind
 */
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
      ['Tokens', input ? `${input} in, ${output} out` : undefined],
    ],
    texts: [
      ['Input', textOf(span.meta.input)],
      ['Output', textOf(span.meta.output)],
    ],
    json: span,
    focus: span.span_id,
  })
}

/** @param {SpanText | undefined} io */
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

/**
 * dd-trace and ddtrace write the kind of a span in two places.
 *
 * @param {LlmSpan} span
 */
export const kindOf = (span) => span.meta['span.kind'] ?? span.meta.span?.kind ?? 'span'
