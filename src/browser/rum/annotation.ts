import { Symbol } from '../../lib/globals.js'
import type { Reason } from '../correlate.js'
import type { Carrier } from '../options.js'

/** What `context.llm_correlation` of a RUM resource event tells of a call. */
export interface Annotation {
  /** The carrier that the call really used, or `'none'` and the reason. */
  readonly carrier: Carrier | 'none'
  readonly reason?: Reason | undefined
  /** The call's trace, where it is known: an unsigned decimal number, as in `x-datadog-trace-id`. */
  readonly trace_id?: string | undefined
}

/** What is kept of a call for its RUM resource event. */
export interface Sent {
  readonly annotation: Annotation
  /** To be called when the event tells that the call failed. */
  onFailure(): void
}

/**
 * What is kept of the calls that an XMLHttpRequest made, by the time (`performance.now()`) from which it is that of the current one:
 * it may be used again before the event of the last one comes.
 */
export type SentXhrs = WeakMap<object, Array<{ readonly time: number; readonly sent: Sent | undefined }>>

/**
 * Key under which a fetch's `init` brings it through the RUM SDK, which hands the `init` back with the resource event. A symbol is
 * copied with the object, as the SDK's tracer does, and is nothing to the browser.
 */
export const SENT = Symbol.for('rum-llm-correlation.sent')

/** The name under which a server tells the trace of a call in its `Server-Timing`. */
const TRACE_TIMING = 'dd-llm-trace'

/** What the RUM SDK hands to an assemble hook of the event of a resource. */
export interface ResourceEvent {
  readonly startTime?: number
  readonly rawRumEvent?: { resource?: { status_code?: number } }
  readonly domainContext?: {
    requestInit?: { [SENT]?: Sent }
    xhr?: object
    isAborted?: boolean
    performanceEntry?: { serverTiming?: ReadonlyArray<{ name: string; description: string }> }
  }
}

/** What to add to a RUM event: nothing, unless it is that of a call which an entry took. */
export function annotateResource(
  { startTime = 0, rawRumEvent, domainContext }: ResourceEvent,
  xhrs: SentXhrs,
  annotates: boolean,
) {
  const { requestInit, xhr, isAborted, performanceEntry } = domainContext ?? {}
  const ofXhr = xhr && xhrs.get(xhr)?.filter(({ time }) => time <= startTime)
  const sent = requestInit?.[SENT] ?? ofXhr?.pop()?.sent
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
