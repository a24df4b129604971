/**
 * All that the package knows of dd-trace's inside. dd-trace has no public way to give a session to a
 * running trace. It keeps what it reads from request headers in tags that all spans of the trace
 * share, so the session is written there.
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
