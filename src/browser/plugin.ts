import * as natives from '../defence/natives.js'
import { createInstance } from './correlate.js'
import { connect, disconnect, moveOutermost, sentCalls } from './install.js'
import type { LlmCorrelationOptions } from './options.js'
import { printEntries, printError } from './report.js'
import type { Instance } from './router.js'
import { annotateResource, type ResourceEvent } from './rum/annotation.js'
import { isRefused } from './rum/refusal.js'
import { createRumSdk, type OnInitOptions, type RumSdk } from './rum/rumSdk.js'
import { readSettings, type Settings } from './settings.js'
import { warnOfOpenTelemetry, warnOfTracing } from './surroundings.js'

/** The plugin, for the `plugins` of `datadogRum.init`. */
export interface LlmCorrelationPlugin {
  name: string
  /** The RUM SDK calls this in `init`: patches the page's network functions. After {@link stop}, does so again. */
  onInit(options: OnInitOptions): void
  /** The RUM SDK calls this when it has started. */
  onRumStart(): void
  /**
   * Removes the patches. If another library has patched over them, leaves them there without effect.
   * Calls that wait for RUM to start go out as the page made them.
   */
  stop(): void
}

/**
 * A plugin for the Datadog Browser RUM SDK. Each call that the page makes to a configured AI agent
 * (`fetch`, XMLHttpRequest, EventSource, WebSocket, `sendBeacon`) carries the RUM session id. So the
 * agent's LLM Observability traces can have it too.
 *
 * A call goes out exactly as the page made it if it matches no entry of `origins`, or if there is no
 * tracked session. A console error names bad input; nothing passed here makes `datadogRum.init` fail.
 *
 * @param options - The AI-agent endpoints, and how they take the session id. Or just the list of endpoints.
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
  const settings = readSafely(options)
  const rum: Wiring['rum'] = { sdk: undefined }
  const instance = createInstance({ settings, rumSdk: () => rum.sdk })
  const wiring: Wiring = { settings, instance, rum }
  return {
    name: 'llm-correlation',
    onInit: safely((init: OnInitOptions) => onInit(wiring, init)),
    onRumStart: safely(() => onRumStart(wiring)),
    stop: safely(() => stop(wiring)),
  }
}

interface Wiring {
  readonly settings: Settings
  readonly instance: Instance
  /** The RUM SDK, once an `init` has brought it. */
  readonly rum: { sdk: RumSdk | undefined }
}

function onInit(wiring: Wiring, init: OnInitOptions): void {
  const { settings, instance, rum } = wiring
  if (typeof window === 'undefined' || !settings.entries.length) {
    return
  }
  const { sdk } = rum
  const isFirst = sdk?.api !== init.publicApi
  // The SDK may refuse an `init`, but calls the plugins first. So the newest configuration counts.
  if (isFirst || !(sdk?.hasStarted() || isRefused(init.initConfiguration))) {
    sdk?.endWaits()
    rum.sdk = createRumSdk(init, settings.startupTimeout)
  }
  if (isFirst) {
    registerEventHook(init, settings)
    if (settings.debug) {
      printEntries(settings.entries)
    }
  }
  warnOfTracing(settings, rum.sdk)
  warnOfOpenTelemetry(settings)
  connect(instance)
  const { version, onStart } = rum.sdk as RumSdk
  if (version < 7) {
    // SDK 5 and 6 patch in `init`, but after the plugins. SDK 5 does not say when it has started.
    const afterInit = natives.Promise.resolve().then(safely(moveOutermost))
    if (version < 6) {
      afterInit.then(onStart)
    }
  }
}

function onRumStart(wiring: Wiring): void {
  const { settings, rum } = wiring
  const { sdk } = rum
  if (sdk) {
    sdk.onStart()
    warnOfTracing(settings, sdk)
    if (sdk.version < 7) {
      moveOutermost()
    }
  }
}

function stop({ instance, rum }: Wiring): void {
  if (rum.sdk) {
    rum.sdk.endWaits()
    disconnect(instance)
  }
}

/** Adds to RUM's events what was done with their calls. */
function registerEventHook(init: OnInitOptions, { annotateResources }: Settings): void {
  init.registerAssembleEventHook?.((event: ResourceEvent) => {
    try {
      return annotateResource(event, sentCalls(), annotateResources)
    } catch {
      // An exception would keep RUM from starting. A console message may cause another event.
      return 'SKIPPED'
    }
  })
}

/** The settings. If the options cannot be read at all, those without any entry. */
function readSafely(options: unknown): Settings {
  try {
    return readSettings(options, printError)
  } catch (failure) {
    printError(failure)
    return readSettings(undefined, () => {})
  }
}

/** Reports a failure of the plugin. Neither RUM nor the page must suffer from it. */
function safely<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
    try {
      run(...args)
    } catch (failure) {
      printError(failure)
    }
  }
}
