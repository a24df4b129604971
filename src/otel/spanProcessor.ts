import { type Attributes, type AttributeValue, type Context, propagation } from '@opentelemetry/api'
import { attempt } from '../server/attempt.js'
import { attributesOf } from './attributesOf.js'
import { baggageAttributes } from './baggageAttributes.js'
import { isGenAi } from './genAi.js'

/** What is used of a span that has not ended: the SDKs' own have it. */
export interface GrowingSpan {
  readonly attributes?: Attributes
  readonly instrumentationScope?: { readonly name: string }
  setAttribute(name: string, value: AttributeValue): unknown
}

/**
 * A span processor for OpenTelemetry. Each span of a request gets the RUM session of the page that sent it, as `session.id`.
 * Spans of generative AI also get:
 *
 * - `gen_ai.conversation.id`, which Datadog takes for the session of LLM Observability,
 * - `usr.id` and `usr.account_id`, if the baggage has `user.id` and `account.id`.
 *
 * It reads them from the W3C baggage of the context that a span starts in. `register` of `rum-llm-correlation/server` writes
 * a session there that came in the query or in the body. An attribute that the app or a library sets wins.
 *
 * Spans of generative AI are known by their attributes when they start, or when they end if the SDK calls `onEnding`.
 *
 * Its place among other processors does not matter. It never throws.
 *
 * @example
 * ```ts
 * import { NodeSDK } from '@opentelemetry/sdk-node'
 * import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
 * import { RumSessionSpanProcessor } from 'rum-llm-correlation/otel'
 *
 * const sdk = new NodeSDK({ spanProcessors: [new RumSessionSpanProcessor(), new BatchSpanProcessor(exporter)] })
 * ```
 */
export class RumSessionSpanProcessor {
  /** The attributes for spans that may yet turn out to be of generative AI. */
  private readonly held = new WeakMap<object, Attributes>()

  onStart(span: GrowingSpan, parentContext: Context): void {
    attempt(() => {
      const baggage = propagation.getBaggage(parentContext)
      if (baggage) {
        const { all, genAi } = baggageAttributes(baggage)
        setMissing(span, all)
        if (isGenAi(span)) {
          setMissing(span, genAi)
        } else {
          this.held.set(span, genAi)
        }
      }
    })
  }

  onEnding(span: GrowingSpan): void {
    attempt(() => {
      const genAi = this.held.get(span)
      if (genAi && isGenAi(span)) {
        setMissing(span, genAi)
      }
    })
  }

  onEnd(): void {}

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

function setMissing(span: GrowingSpan, attributes: Attributes) {
  const present = attributesOf(span)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && present[name] === undefined) {
      span.setAttribute(name, value)
    }
  }
}
