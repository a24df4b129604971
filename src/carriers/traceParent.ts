/** The W3C header that names a trace and the span that makes the call. */
export const TRACE_PARENT = 'traceparent'

/**
 * Reads the lower 64 bits of the trace id, in hexadecimal. Returns `undefined` for a value that
 * tracers ignore. Only versions after 00 may have more fields:
 * {@link https://www.w3.org/TR/trace-context/#traceparent-header-field-values}
 */
export function readTraceParent(value: string): string | undefined {
  return /^(?!ff|00.{53}.)[\da-f]{2}-(?!0{32})[\da-f]{16}([\da-f]{16})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-|$)/i.exec(
    value,
  )?.[1]
}
