import type { Attributes } from '@opentelemetry/api'
import { attributesOf } from './attributesOf.js'

/** What the AI SDK, OpenLLMetry and OpenInference put on spans that have no `gen_ai.` attribute yet. */
const MARKS = ['ai.operationId', 'traceloop.span.kind', 'openinference.span.kind']

/** OpenInference gives its spans their attributes only after they have started. All of its spans are of generative AI. */
const SCOPE = /openinference/

/**
 * Whether a span is one of generative AI, as far as it shows now. Such spans have an attribute of OpenTelemetry's
 * {@link https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ | conventions}, or of a library's own.
 */
export function isGenAi(span: {
  readonly attributes?: Attributes
  readonly instrumentationScope?: { readonly name: string }
}): boolean {
  return (
    SCOPE.test(span.instrumentationScope?.name ?? '') ||
    Object.keys(attributesOf(span)).some((name) => name.startsWith('gen_ai.') || MARKS.includes(name))
  )
}
