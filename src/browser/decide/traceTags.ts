import { readTraceParent, TRACE_PARENT } from '../../carriers/traceParent.js'
import { addTraceState, readTraceState, TRACE_STATE } from '../../carriers/traceState.js'
import { addTraceTag, newTraceIds, PARENT_ID, readTraceTag, TRACE_ID, TRACE_TAGS } from '../../carriers/traceTags.js'
import * as natives from '../../defence/natives.js'
import type { Call } from '../call.js'
import { alreadySet, carried, type HeaderChange, next, type Outcome } from '../outcome.js'
import type { RumHeaders } from '../session.js'
import type { Strategy } from './strategy.js'

/** Adds the session to the trace of the call, or starts a trace for it. It never cuts a trace. */
export const inTraceTags: Strategy = (call, _entry, { sessionId, rumHeaders }) => {
  const tags = call.headers.get(TRACE_TAGS) ?? ''
  const state = readState(call)
  const present = readTraceTag(tags) ?? readTraceState(state ?? '')
  if (present !== undefined) {
    return alreadySet('trace-tags', TRACE_TAGS, present, sessionId)
  }
  const rum = rumHeaders()
  if (hasTraceIds(call, rum)) {
    return carriedIn(TRACE_TAGS, addTraceTag(tags, sessionId))
  }
  if (hasForeignTrace(call, rum)) {
    return next('another trace')
  }
  if (state !== undefined) {
    return carriedIn(TRACE_STATE, addTraceState(state, sessionId))
  }
  return carriedIn(TRACE_TAGS, addTraceTag(tags, sessionId), newTraceIds())
}

/** The `tracestate` of the call. `undefined` without a valid `traceparent`: tracers ignore it then. */
function readState({ headers }: Call): string | undefined {
  const traceId = readTraceParent(headers.get(TRACE_PARENT) ?? '')
  return traceId === undefined ? undefined : (headers.get(TRACE_STATE) ?? '')
}

function hasTraceIds({ headers }: Call, rum: RumHeaders): boolean {
  return rum.traceIds || (headers.has(TRACE_ID) && headers.has(PARENT_ID))
}

/** Whether the call has, or will have, a trace context without a place for the session. */
function hasForeignTrace({ headers }: Call, rum: RumHeaders): boolean {
  return rum.foreignTrace || headers.has('b3') || headers.has('x-b3-traceid')
}

/** @param value - `undefined` if the session does not fit. */
function carriedIn(name: string, value: string | undefined, ids: Record<string, string> = {}): Outcome {
  if (value === undefined) {
    return next('no room')
  }
  const set = natives.Object.entries({ ...ids, [name]: value })
  const headers = set.map(([name, value]): HeaderChange => ({ how: 'set', name, value }))
  return carried('trace-tags', { headers })
}
