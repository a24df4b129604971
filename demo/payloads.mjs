// @ts-check
// Reads the events and spans from the bodies that the RUM SDK and the tracers send.
import { decode } from '@msgpack/msgpack'

/** @typedef {import('./received.js').LlmSpan} LlmSpan */

/** @param {Buffer} body */
export function parseLines(body) {
  return body
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/**
 * @param {Buffer} body
 * @returns {LlmSpan[]}
 */
export function parseSpanBatches(body) {
  /** @type {{ event_type: string, spans: LlmSpan[] }[]} */
  const batches = [JSON.parse(body.toString('utf8'))].flat()
  return batches.filter(({ event_type }) => event_type === 'span').flatMap(({ spans }) => spans)
}

/**
 * Returns the end-user feedback, without the evaluations that share its endpoint.
 *
 * @param {Buffer} body
 * @returns {import('./received.js').Feedback[]}
 */
export function parseFeedback(body) {
  const { metrics } = JSON.parse(body.toString('utf8')).data.attributes
  return metrics.filter((/** @type {{ event_kind: string }} */ { event_kind }) => event_kind === 'feedback')
}

/**
 * Decodes MessagePack, within spans too. Ids and times of 64 bits become strings, so JSON loses
 * nothing.
 *
 * @param {Buffer} body
 * @returns {DecodedSpan[][]}
 */
export function decodeTraces(body) {
  if (body.length === 0) return []
  return /** @type {DecodedSpan[][]} */ (plain(decode(body, { useBigInt64: true })))
}

/**
 * @param {unknown} value
 * @returns {unknown}
 */
function plain(value) {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return plain(decode(value, { useBigInt64: true }))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
  }
  return value
}

/**
 * What is read of an APM span.
 *
 * @typedef {object} DecodedSpan
 * @property {string} name
 * @property {string} trace_id
 * @property {string} span_id
 * @property {string} start
 * @property {string} duration
 * @property {number} error
 * @property {Record<string, string>} [meta]
 * @property {{ _llmobs?: WithinSpan }} [meta_struct]
 */

/**
 * @typedef {Pick<LlmSpan, 'trace_id' | 'parent_id' | 'meta'> & Partial<Pick<LlmSpan, 'name' | 'session_id'>> &
 *   { metrics?: object, tags?: Record<string, string> }} WithinSpan
 */

/**
 * Returns the LLM Observability spans in an APM span. ddtrace sends them there; dd-trace sends them
 * separately. The result has the shape that dd-trace sends.
 *
 * @param {DecodedSpan} span
 * @returns {LlmSpan[]}
 */
export function llmSpansIn(span) {
  const llmSpan = span.meta_struct?._llmobs
  return llmSpan ? [llmSpanOf(span, llmSpan)] : []
}

/**
 * @param {DecodedSpan} span
 * @param {WithinSpan} within
 */
function llmSpanOf(span, { trace_id, parent_id, name, session_id, meta, metrics = {}, tags = {} }) {
  return {
    trace_id,
    span_id: span.span_id,
    parent_id,
    name: name ?? span.name,
    tags: Object.entries(tags).map(([key, value]) => `${key}:${value}`),
    start_ns: Number(span.start),
    duration: Number(span.duration),
    status: /** @type {LlmSpan['status']} */ (span.error ? 'error' : 'ok'),
    meta,
    metrics,
    ...(session_id && { session_id }),
    _dd: { apm_trace_id: (span.meta?.['_dd.p.tid'] ?? '') + BigInt(span.trace_id).toString(16).padStart(16, '0') },
  }
}
