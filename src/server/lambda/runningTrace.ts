/**
 * What is known here of dd-trace's inside. It has no public way to name the session of a trace that runs already: what propagation
 * would have read from the request's headers are tags that all spans of the trace share.
 */
interface Tracer {
  scope?(): { active(): Span | null }
}
interface Span {
  /** In milliseconds; missing until the span has ended. */
  readonly _duration?: number
  context(): { readonly _trace?: { readonly tags?: Record<string, string> } }
}

const SESSION_TAG = '_dd.p.llmobs_sid'

/**
 * Names the session of the trace that runs now, unless it has one. LLM Observability spans that are made from then on have it.
 *
 * @returns Whether a trace runs.
 */
export function nameSessionOfRunningTrace(sessionId: string): boolean {
  const span = (globalThis as { _ddtrace?: Tracer })._ddtrace?.scope?.().active()
  const tags = span?._duration === undefined ? span?.context()._trace?.tags : undefined
  if (!tags) {
    return false
  }
  tags[SESSION_TAG] ||= sessionId
  return true
}
