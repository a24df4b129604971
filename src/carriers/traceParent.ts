/** The W3C header that names a trace and the span that a call comes from. */
export const TRACE_PARENT = 'traceparent'

/**
 * The lower 64 of the 128 bits of the trace that a value names, in hexadecimal; `undefined` where tracers take none from it. Only
 * versions after 00 may have more behind: {@link https://www.w3.org/TR/trace-context/#traceparent-header-field-values}
 */
export function readTraceParent(value: string): string | undefined {
  return /^(?!ff|00.{53}.)[\da-f]{2}-(?!0{32})[\da-f]{16}([\da-f]{16})-(?!0{16})[\da-f]{16}-[\da-f]{2}(-|$)/i.exec(
    value,
  )?.[1]
}
