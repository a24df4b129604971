import type { Attributes } from '@opentelemetry/api'
import { Object } from '../lib/globals.js'

/** What OpenInference, OpenLLMetry and the AI SDK put on the spans that have no `gen_ai.` attribute yet. */
const MARKS = ['openinference.span.kind', 'traceloop.span.kind', 'ai.operationId']

/**
 * Whether a span with these attributes is one of generative AI: it has an attribute of OpenTelemetry's
 * {@link https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ | conventions} for those, or of a library's own.
 */
export function isGenAi(attributes: Attributes): boolean {
  return Object.keys(attributes).some((name) => name.startsWith('gen_ai.') || MARKS.includes(name))
}
