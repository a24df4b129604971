import { display } from '@datadog/browser-core'
import { queueMicrotask } from '../lib/globals.js'
import { createCorrelator, say } from './correlator.js'
import { type LlmCorrelationOptions, readOptions, type Settings } from './options.js'
import { connect, disconnect, moveOutermost, sentXhrs } from './page.js'
import { annotateResource, type ResourceEvent } from './rum/annotation.js'
import { createRumSdk, type OnInitOptions, type RumSdk } from './rum/rumSdk.js'

/** The plugin, for the `plugins` of `datadogRum.init`. */
export interface LlmCorrelationPlugin {
  name: string
  /** Called by the RUM SDK in `init`: patches the page's network functions. After {@link stop}, it does so again. */
  onInit(options: OnInitOptions): void
  /** Called by the RUM SDK when it has started. */
  onRumStart(): void
  /**
   * Removes the patches, or leaves them inert where another library has patched over them. Calls that wait for RUM to start
   * go out as the page made them.
   */
  stop(): void
}

/**
 * A plugin for the Datadog Browser RUM SDK: each call that the page makes to a configured AI agent (`fetch`,
 * XMLHttpRequest, EventSource, WebSocket, `sendBeacon`) carries the RUM session id, so that the agent's LLM Observability
 * traces can carry it, too.
 *
 * Calls that match no entry of `origins`, and calls made without a tracked session, go out exactly as the page made them.
 * Bad input gets a console error that names it; nothing passed here makes `datadogRum.init` fail.
 *
 * @param options - The AI-agent endpoints and how they take the session id; or, for short, the list of endpoints alone.
 *
 * @example
 * ```ts
 * datadogRum.init({
 *   applicationId: '<APPLICATION_ID>',
 *   clientToken: '<CLIENT_TOKEN>',
 *   plugins: [llmCorrelation({ origins: ['https://agent.example.com', { match: '/api/chat', carrier: 'baggage' }] })],
 * })
 * ```
 *
 * @see {@link https://docs.datadoghq.com/llm_observability/guide/llm_observability_and_rum/ | Correlate LLM Observability with RUM}
 */
export function llmCorrelation(
  options: LlmCorrelationOptions | LlmCorrelationOptions['origins'],
): LlmCorrelationPlugin {
  let settings: Settings = { entries: [], startupTimeout: 0, annotateResources: false, debug: false }
  safely(() => {
    settings = readOptions(options, (message) => say(display.error, message))
  })
  let rum: RumSdk | undefined
  const correlator = createCorrelator(settings, () => rum)
  const { entries, annotateResources, startupTimeout } = settings

  /** What would silently keep the tracers from seeing the session. */
  function warnOfTracing() {
    for (const { carrier, prefix, label } of entries) {
      const problem = carrier === 'trace-tags' && prefix && rum?.tracingProblemOf(prefix)
      if (problem) {
        correlator.warn(`${label} takes the session in trace tags, and RUM traces its calls ${problem}`)
      }
    }
  }

  return {
    name: 'llm-correlation',

    onInit(init) {
      safely(() => {
        if (typeof window === 'undefined' || !entries.length) {
          return
        }
        // A second `init` gets here, too, before the SDK refuses it: its configuration does not count.
        if (!rum || rum.api !== init.publicApi) {
          rum = createRumSdk(init, startupTimeout)
          init.registerAssembleEventHook?.((event: ResourceEvent) =>
            annotateResource(event, sentXhrs(), annotateResources),
          )
          correlator.announce()
        }
        warnOfTracing()
        connect(correlator)
        if (rum.majorVersion < 7) {
          // SDK 5 and 6 patch in `init`, after this; SDK 5 does not tell when it has started.
          queueMicrotask(() => safely(moveOutermost))
          if (rum.majorVersion < 6) {
            queueMicrotask(rum.onStart)
          }
        }
      })
    },

    onRumStart() {
      safely(() => {
        rum?.onStart()
        warnOfTracing()
        if (rum && rum.majorVersion < 7) {
          moveOutermost()
        }
      })
    },

    stop() {
      safely(() => {
        rum?.startup.end()
        if (rum) {
          disconnect(correlator)
        }
      })
    },
  }
}

/** The plugin's own failure is reported and goes no further: neither RUM nor the page must suffer from it. */
function safely(run: () => void) {
  try {
    run()
  } catch (error) {
    say(display.error, error)
  }
}
