import type { Attributes } from '@opentelemetry/api'

/** What is used of dd-trace's own span, which is within the one that it gives to OpenTelemetry. */
interface DatadogSpan {
  context(): { getTags?(): Attributes; readonly _tags?: Attributes }
}

/** The attributes that a span has now. dd-trace's spans do not show them: they are the tags of the span within. */
export function attributesOf(span: { readonly attributes?: Attributes }): Attributes {
  const context = (span as { _ddSpan?: DatadogSpan })._ddSpan?.context()
  return span.attributes ?? context?.getTags?.() ?? context?._tags ?? {}
}
