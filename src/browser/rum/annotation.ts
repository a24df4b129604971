import type { Sent } from '../outcome.js'

/** The name under which a server tells the trace of a call in its `Server-Timing`. */
const TRACE_TIMING = 'dd-llm-trace'

/** What the RUM SDK passes to the assemble hook of a resource event. */
export interface ResourceEvent {
  readonly startTime?: number
  readonly rawRumEvent?: { resource?: { status_code?: number } }
  readonly domainContext?: {
    requestInit?: object
    xhr?: object
    isAborted?: boolean
    performanceEntry?: { serverTiming?: ReadonlyArray<{ name: string; description: string }> }
  }
}

/** How an event says which call it is about. */
export interface CallOfEvent {
  readonly requestInit: object | undefined
  readonly xhr: object | undefined
  readonly startTime: number
}

export interface SentCallFinder {
  /** Finds what was done with the call of an event. */
  find(call: CallOfEvent): Sent | undefined
}

/** What to add to a RUM event. Nothing, unless an entry took the call of the event. */
export function annotateResource(
  { startTime = 0, rawRumEvent, domainContext }: ResourceEvent,
  sentCalls: SentCallFinder,
  annotates: boolean,
) {
  const { requestInit, xhr, isAborted, performanceEntry } = domainContext ?? {}
  const sent = sentCalls.find({ requestInit, xhr, startTime })
  if (sent && rawRumEvent?.resource?.status_code === 0 && !isAborted) {
    sent.onFailure()
  }
  if (!sent || !annotates) {
    return 'SKIPPED'
  }
  const timing = performanceEntry?.serverTiming?.find(({ name }) => name === TRACE_TIMING)
  const { annotation } = sent
  const trace_id = annotation.trace_id ?? timing?.description
  return { type: 'resource', context: { llm_correlation: { ...annotation, trace_id } } }
}
