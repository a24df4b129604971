import { Promise } from '../lib/globals.js'
import { createCorrelator } from './correlator.js'
import { type LlmCorrelationOptions, readOptions } from './options.js'
import { connect, disconnect, moveOutermost, sentXhrs } from './page.js'
import { annotateResource, type ResourceEvent } from './rum/annotation.js'
import { createRumSdk, type OnInitOptions, type RumSdk } from './rum/rumSdk.js'
import { error, say } from './say.js'

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
  let settings = readOptions(undefined, () => {})
  safely(() => {
    settings = readOptions(options, (message) => say(error, message))
  })()
  const { entries, annotateResources, startupTimeout } = settings
  let rum: RumSdk | undefined
  const correlator = createCorrelator(settings, () => rum)

  /** What would silently keep the tracers from seeing the session. */
  function warnOfTracing() {
    for (const { carrier, prefix, label } of entries) {
      if (carrier === 'trace-tags' && prefix && rum?.tracesWithoutIds(prefix)) {
        correlator.warn(
          `RUM traces calls to ${label} without ids: set traceContextInjection: 'all' or traceSampleRate: 100, 'datadog' in propagatorTypes`,
        )
      }
    }
  }

  return {
    name: 'llm-correlation',

    onInit: safely((init: OnInitOptions) => {
      if (typeof window === 'undefined' || !entries.length) {
        return
      }
      // A second `init` gets here, too, before the SDK refuses it: its configuration does not count.
      if (rum?.api !== init.publicApi) {
        rum = createRumSdk(init, startupTimeout)
        init.registerAssembleEventHook?.((event: ResourceEvent) => {
          try {
            return annotateResource(event, sentXhrs(), annotateResources)
          } catch {
            // It would keep RUM from starting. To tell the console, at each event, might make another one.
            return 'SKIPPED'
          }
        })
        correlator.announce()
      }
      warnOfTracing()
      connect(correlator)
      const { majorVersion, onStart } = rum as RumSdk
      if (majorVersion < 7) {
        // SDK 5 and 6 patch in `init`, after this; SDK 5 does not tell when it has started.
        const afterInit = Promise.resolve().then(safely(moveOutermost))
        if (majorVersion < 6) {
          afterInit.then(onStart)
        }
      }
    }),

    onRumStart: safely(() => {
      if (rum) {
        rum.onStart()
        warnOfTracing()
        if (rum.majorVersion < 7) {
          moveOutermost()
        }
      }
    }),

    stop: safely(() => {
      if (rum) {
        rum.startup.end()
        disconnect(correlator)
      }
    }),
  }
}

/** The plugin's own failure is reported and goes no further: neither RUM nor the page must suffer from it. */
function safely<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
    try {
      run(...args)
    } catch (failure) {
      say(error, failure)
    }
  }
}
