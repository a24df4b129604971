/** The W3C header that names a trace and the span that a call comes from. */
export const TRACE_PARENT = 'traceparent'

/**
 * Whether a value is one that tracers take a trace from:
 * {@link https://www.w3.org/TR/trace-context/#traceparent-header-field-values}
 */
export function isTraceParent(value: string | null): boolean {
  return /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(-|$)/.test(value ?? '')
}
