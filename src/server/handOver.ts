import { BAGGAGE, readAllBaggage, SESSION_MEMBER } from '../carriers/baggage.js'
import { readQueryParams } from '../carriers/queryParam.js'
import { addTraceState, readTraceState, TRACE_STATE } from '../carriers/traceState.js'
import { addTraceTag, PARENT_ID, readTraceTag, readTraceTags, TRACE_ID, TRACE_TAGS } from '../carriers/traceTags.js'
import { Object } from '../lib/globals.js'
import { newRootIds } from './rootIds.js'
import { continuesB3Trace, datadogTraceId, type InboundHeaders, textOf, w3cTraceId } from './traceContext.js'
import { sessionIdIn } from './uuid.js'

/** What handing a session over comes to. */
export interface HandOver {
  /** The headers to set; `undefined` for one that has to go. */
  readonly changes: Readonly<Record<string, string | undefined>>
  /** The trace that the request will be part of, where it is known; decimal, as in `x-datadog-trace-id`. */
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

/** The session id that `baggage` brings. Of several the last one counts, as it does for the tracers. */
export function sessionInBaggage(header: string): string | undefined {
  return sessionIdIn(readAllBaggage(header, SESSION_MEMBER).reverse())
}

/** The session id that a request brings for `register` to hand over: in `baggage`, else in one of the query parameters. */
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
 * Writes a session to where the tracers read it in a request's headers:
 *
 * 1. Another session that these headers bring stays, and nothing changes.
 * 2. Where Datadog's ids came: into `x-datadog-tags`.
 * 3. Where `traceparent` alone came: into Datadog's member of `tracestate`. The trace goes on.
 * 4. Where no trace came that the tracers can use: into `x-datadog-tags`, with the ids of a new trace. Without ids the tracers
 *    take no tags.
 * 5. Where it does not fit into the tracers' limits, nothing changes.
 */
export function handOver(headers: InboundHeaders, sessionId: string): HandOver {
  const tags = textOf(headers, TRACE_TAGS)
  const state = textOf(headers, TRACE_STATE)
  const datadogTrace = datadogTraceId(headers)
  const w3cTrace = w3cTraceId(headers)
  const inTags = readTraceTag(tags) || undefined
  const inState = (w3cTrace && readTraceState(state)) || undefined
  const traceId = datadogTrace ?? w3cTrace

  const isOther = (session: string | undefined) => session !== undefined && session !== sessionId
  if (isOther(inTags) || isOther(inState)) {
    return { changes: {}, traceId }
  }
  if (datadogTrace !== undefined || w3cTrace === undefined) {
    const usable = readTraceTags(tags)
    const header = inTags === undefined && usable !== undefined ? addTraceTag(usable, sessionId) : usable
    if (header === undefined || (traceId === undefined && continuesB3Trace(headers))) {
      return { changes: {}, traceId }
    }
    const ids = traceId === undefined ? newRootIds() : undefined
    return { changes: { ...ids, [TRACE_TAGS]: header }, traceId: traceId ?? ids?.[TRACE_ID] }
  }
  const header = inState === undefined ? addTraceState(state, sessionId) : undefined
  if (header === undefined) {
    return { changes: {}, traceId }
  }
  // dd-trace makes a trace of any text beside a parent id, and reads no session from tracestate then.
  const isHidden = textOf(headers, TRACE_ID) && textOf(headers, PARENT_ID)
  return { changes: { [TRACE_STATE]: header, ...(isHidden ? { [TRACE_ID]: undefined } : {}) }, traceId }
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

/** The trace of a request that brings its session where the tracers read it themselves. */
export function traceOfOwnSession(headers: InboundHeaders): string | undefined {
  return sessionOfTrace(headers) && (datadogTraceId(headers) ?? w3cTraceId(headers))
}
