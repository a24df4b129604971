// @ts-check
import { sessionOfFeedback } from './feedback.js'

/** @import { Feedback, LlmSpan, RumEvent, RumResourceEvent } from '../received.js' */

/** @import { Session, ShownEvent, Trace } from './page.js' */

/**
 * What the intake has received, folded into sessions and traces. They are joined by the session id,
 * and each call with the trace that answered it.
 */
export class Records {
  /** @type {Map<string, Session>} */
  sessions = new Map()
  /** @type {Map<string, Trace>} */
  traces = new Map()
  /** The ids of what must be drawn again. */
  changed = { sessions: /** @type {Set<string>} */ (new Set()), traces: /** @type {Set<string>} */ (new Set()) }

  clear() {
    this.sessions.clear()
    this.traces.clear()
    this.changed.sessions.clear()
    this.changed.traces.clear()
  }

  /** @param {RumEvent} event */
  addRumEvent(event) {
    if (!event.session?.id || !event.view?.id) return
    const session = this.#session(event.session.id, event.date)
    session.start = Math.min(session.start, event.date)
    if (event.type === 'view') session.views.set(event.view.id, event)
    else if (isShown(event)) session.events.push(event)
    this.changed.sessions.add(session.id)
    for (const trace of this.tracesOf(session.id)) this.changed.traces.add(trace.id)
  }

  /**
   * @param {LlmSpan} span
   * @returns {Trace} The trace of the span.
   */
  addSpan(span) {
    const trace = this.#trace(span.trace_id)
    trace.spans.push(span)
    if (span.session_id) trace.sessionId ??= span.session_id
    if (span._dd?.apm_trace_id) trace.apmId ??= decimal(span._dd.apm_trace_id)
    this.changed.traces.add(trace.id)
    if (trace.sessionId) this.changed.sessions.add(trace.sessionId)
    return trace
  }

  /** @param {Feedback} feedback */
  addFeedback(feedback) {
    if (feedback.trace_id) {
      this.#trace(feedback.trace_id).feedback.push(feedback)
      this.changed.traces.add(feedback.trace_id)
    }
    const id = sessionOfFeedback(feedback)
    if (!id) return
    this.#session(id, feedback.timestamp_ms).feedback.push(feedback)
    this.changed.sessions.add(id)
  }

  /**
   * The traces of a session.
   *
   * @param {string} id
   */
  tracesOf(id) {
    return [...this.traces.values()].filter((trace) => trace.sessionId === id)
  }

  /**
   * The trace that answered the call of a RUM event, once it is known.
   *
   * @param {ShownEvent} event
   */
  traceOfCall(event) {
    const { llm_correlation: correlation, web_socket: webSocket } = event.context ?? {}
    if (webSocket) return this.traces.get(webSocket.llm_trace_id ?? '')
    if (correlation?.trace_id) return [...this.traces.values()].find(({ apmId }) => apmId === correlation.trace_id)
    if (event.type === 'resource' && event.resource.type === 'other') return this.#traceOfEventSource(event)
    return undefined
  }

  /**
   * RUM's event of an EventSource names no trace. So it is the trace of the same session that began
   * while the stream was open.
   *
   * @param {RumResourceEvent} event
   */
  #traceOfEventSource({ date, resource, session }) {
    const end = date + (resource.duration ?? 0) / 1e6
    return this.tracesOf(session.id).find((trace) => {
      const start = startOf(trace)
      return trace.spans.length > 0 && start >= date - 50 && start <= end
    })
  }

  /**
   * The RUM event of the call that a trace answered, once it has been received.
   *
   * @param {Trace} trace
   */
  callOf(trace) {
    return this.sessions.get(trace.sessionId ?? '')?.events.find((event) => this.traceOfCall(event) === trace)
  }

  /**
   * @param {string} id
   * @param {number} start
   */
  #session(id, start) {
    return keyed(this.sessions, id, () => ({ id, start, views: new Map(), events: [], feedback: [] }))
  }

  /** @param {string} id */
  #trace(id) {
    return keyed(this.traces, id, () => ({ id, spans: [], feedback: [] }))
  }
}

/**
 * When a trace began, in milliseconds since 1970.
 *
 * @param {Trace} trace
 */
export const startOf = (trace) => Math.min(...trace.spans.map(({ start_ns }) => start_ns)) / 1e6

/**
 * @param {RumEvent} event
 * @returns {event is ShownEvent}
 */
const isShown = (event) => ['action', 'resource', 'error'].includes(event.type)

/**
 * The lower 64 of the 128 bits of an APM trace's id, as RUM writes them.
 *
 * @param {string} hexadecimal
 */
const decimal = (hexadecimal) => String(BigInt.asUintN(64, BigInt(`0x${hexadecimal}`)))

/**
 * @template Value
 * @param {Map<string, Value>} map
 * @param {string} key
 * @param {() => Value} create
 * @returns {Value}
 */
function keyed(map, key, create) {
  const known = map.get(key)
  if (known) return known
  const value = create()
  map.set(key, value)
  return value
}
