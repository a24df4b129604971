import { BAGGAGE, readAllBaggage, SESSION_MEMBER } from '../carriers/baggage.js'
import { readQueryParams } from '../carriers/queryParam.js'
import { addTraceState, readTraceState, TRACE_STATE } from '../carriers/traceState.js'
import { addTraceTag, PARENT_ID, readTraceTag, readTraceTags, TRACE_ID, TRACE_TAGS } from '../carriers/traceTags.js'
import { newRootIds } from './rootIds.js'
import { continuesB3Trace, datadogTraceId, type InboundHeaders, textOf, w3cTraceId } from './traceContext.js'
import { sessionIdIn } from './uuid.js'

/** How to change the headers of a request, so that the tracer reads a session from them. */
export interface HandOver {
  /**
   * - `handed over`: with these changes, or without any, the tracer reads the session.
   * - `another session`: the trace headers bring one, which stays.
   * - `no room`: the session does not fit into the tracers' limits, or one of the tags makes them drop the header.
   * - `another trace`: a trace of B3 goes on, which has no place for a session.
   */
  readonly outcome: 'handed over' | 'another session' | 'no room' | 'another trace'
  /** The headers to set; `undefined` for one to delete. */
  readonly changes: Readonly<Record<string, string | undefined>>
  /** The trace that the request is going to be part of, if that is known: decimal, as in `x-datadog-trace-id`. */
  readonly traceId: string | undefined
}

/** Makes the changes in the headers of a request. */
export function applyChanges(headers: InboundHeaders, changes: HandOver['changes']): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) {
      delete headers[name]
    } else {
      headers[name] = value
    }
  }
}

/** The session id in a `baggage` header. Of several the last one counts, as for the tracers. */
export function sessionInBaggage(header: string): string | undefined {
  return sessionIdIn(readAllBaggage(header, SESSION_MEMBER).reverse())
}

/** The session id of a request that `register` hands over: in `baggage`, else in one of the query parameters. */
export function sessionToHandOver(
  headers: InboundHeaders,
  url: string,
  parameters: readonly string[],
): string | undefined {
  const baggage = textOf(headers, BAGGAGE)
  return (
    (baggage && sessionInBaggage(baggage)) ||
    (url.includes('?') ? sessionIdIn(parameters.map((name) => readQueryParams(url, name))) : undefined)
  )
}

/**
 * Says how to write a session to where the tracers read it in a request's headers:
 *
 * 1. If these headers bring another session, it stays, and nothing changes.
 * 2. If Datadog's ids came: into `x-datadog-tags`.
 * 3. If only `traceparent` came: into Datadog's member of `tracestate`. The trace goes on.
 * 4. If no trace came that the tracers can use: into `x-datadog-tags`, with the ids of a new trace. Without ids the tracers
 *    take no tags. The server's first span becomes the root of that trace.
 * 5. If the session does not fit into the tracers' limits, nothing changes.
 */
export function handOver(headers: InboundHeaders, sessionId: string): HandOver {
  const datadogTrace = datadogTraceId(headers)
  const w3cTrace = w3cTraceId(headers)
  const traceId = datadogTrace ?? w3cTrace
  const inTags = readTraceTag(textOf(headers, TRACE_TAGS)) || undefined
  const inState = (w3cTrace && readTraceState(textOf(headers, TRACE_STATE))) || undefined

  if ([inTags, inState].some((session) => session !== undefined && session !== sessionId)) {
    return { outcome: 'another session', changes: {}, traceId }
  }
  if (datadogTrace === undefined && w3cTrace !== undefined) {
    return inState === undefined
      ? intoTraceState(headers, sessionId, w3cTrace)
      : { outcome: 'handed over', changes: {}, traceId }
  }
  if (traceId === undefined && continuesB3Trace(headers)) {
    return { outcome: 'another trace', changes: {}, traceId }
  }
  return intoTags(headers, inTags === undefined ? sessionId : undefined, traceId)
}

/** The session that a request's trace brings, where the tracers read it themselves. */
export function sessionOfTrace(headers: InboundHeaders): string | undefined {
  const inTags = sessionIdIn([readTraceTag(textOf(headers, TRACE_TAGS))])
  const inState = sessionIdIn([readTraceState(textOf(headers, TRACE_STATE))])
  // Most requests have neither, and need no look at their ids.
  if (!inTags && !inState) {
    return undefined
  }
  return datadogTraceId(headers) === undefined ? w3cTraceId(headers) && inState : inTags
}

/** @param sessionId - `undefined` if the tags have it already. */
function intoTags(headers: InboundHeaders, sessionId: string | undefined, traceId: string | undefined): HandOver {
  const present = readTraceTags(textOf(headers, TRACE_TAGS))
  const tags = present !== undefined && sessionId !== undefined ? addTraceTag(present, sessionId) : present
  if (tags === undefined) {
    return { outcome: 'no room', changes: {}, traceId }
  }
  if (traceId !== undefined) {
    return { outcome: 'handed over', changes: { [TRACE_TAGS]: tags }, traceId }
  }
  const ids = newRootIds()
  return { outcome: 'handed over', changes: { ...ids, [TRACE_TAGS]: tags }, traceId: ids[TRACE_ID] }
}

function intoTraceState(headers: InboundHeaders, sessionId: string, traceId: string): HandOver {
  const state = addTraceState(textOf(headers, TRACE_STATE), sessionId)
  if (state === undefined) {
    return { outcome: 'no room', changes: {}, traceId }
  }
  // Beside a parent id dd-trace makes a trace of any text, and then reads no session from tracestate.
  const isHidden = textOf(headers, TRACE_ID) && textOf(headers, PARENT_ID)
  const changes = { [TRACE_STATE]: state, ...(isHidden ? { [TRACE_ID]: undefined } : {}) }
  return { outcome: 'handed over', changes, traceId }
}

/** The trace of a request whose trace headers bring a session by themselves. */
export function traceOfOwnSession(headers: InboundHeaders): string | undefined {
  return sessionOfTrace(headers) && (datadogTraceId(headers) ?? w3cTraceId(headers))
}
