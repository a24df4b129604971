import { display } from '@datadog/browser-core'
import { correlate, type Decision, type Identity, READ_BODY } from './correlate.js'
import { type Entry, type LlmCorrelationOptions, readOptions, type Settings } from './options.js'
import type { OutgoingRequest, RequestUrl } from './outgoingRequest.js'
import { annotationOfResource, connect, disconnect, moveOutermost } from './page.js'
import { createRumUrlTest, type RumUrlConfiguration } from './rum/ownUrls.js'
import { createStartup, type Startup } from './rum/startup.js'
import { type RumTracingConfiguration, rumHeadersOf, tracingProblemOf } from './rum/tracing.js'
import type { Correlator } from './targets.js'

/**
 * What the RUM SDK takes for the application in a WebView whose app takes its events over. The session is the app's then,
 * and what the page has is a placeholder.
 */
const BRIDGED_APPLICATION = '00000000-aaaa-0000-aaaa-000000000000'

/** The parts of the RUM SDK's public API that the plugin uses. */
interface RumApi {
  version?: string | undefined
  getInternalContext(): { session_id?: string | undefined; application_id?: string | undefined } | undefined
  getInitConfiguration?(): InitConfiguration | undefined
  getUser(): { id?: unknown }
  getAccount?(): { id?: unknown }
}

interface InitConfiguration extends RumTracingConfiguration, RumUrlConfiguration {
  trackingConsent?: string | undefined
  remoteConfiguration?: unknown
  remoteConfigurationId?: unknown
}

/** What the RUM SDK hands to a plugin; structural, so that it fits every version of the SDK. */
interface OnInitOptions {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own types differ between its versions
  initConfiguration: any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  publicApi: any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  registerAssembleEventHook?: any
}

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
  let settings: Settings | undefined
  try {
    settings = readOptions(options, (message) => display.error(`llmCorrelation: ${message}`))
  } catch (error) {
    display.error('llmCorrelation: the options cannot be read.', error)
  }

  let publicApi: RumApi | undefined
  let initConfiguration: InitConfiguration = {}
  let majorVersion = 0
  let startup: Startup | undefined
  let isRumUrl: Correlator['isRumUrl'] = () => false
  let hasAssembleHook = false
  const warned = new Set<string>()

  /** Each warning names its entry and its reason, and comes once. */
  function warn(message: string) {
    if (!warned.has(message)) {
      warned.add(message)
      display.warn(`llmCorrelation: ${message}.`)
    }
  }

  function debug({ href }: RequestUrl, method: unknown, what: string) {
    const { origin, pathname } = new URL(href)
    display.log(`llmCorrelation: ${String(method).toUpperCase()} ${origin}${pathname}: ${what}`)
  }

  function explain({ url, method }: OutgoingRequest, entry: Entry, decision: Decision) {
    if (decision.carrier === 'none' && decision.warning) {
      warn(`calls to ${entry.label} are not correlated: ${decision.warning}`)
    }
    if (settings?.debug) {
      const field = decision.carrier === 'body' || decision.carrier === 'query' ? ` ${entry.path.join('.')}` : ''
      debug(url, method, decision.carrier === 'none' ? `nothing done: ${decision.reason}` : decision.carrier + field)
    }
  }

  /** What would silently keep the tracers from seeing the session. */
  function warnOfTracing() {
    for (const { carrier, prefix, label } of correlator.entries) {
      const problem = carrier === 'trace-tags' && prefix && tracingProblemOf(initConfiguration, prefix)
      if (problem) {
        warn(`${label} takes the session in trace tags, and RUM traces its calls ${problem}`)
      }
    }
  }

  const correlator: Correlator = {
    entries: settings?.entries ?? [],
    identify({ propagateUser }) {
      const { session_id: sessionId, application_id } = publicApi?.getInternalContext() ?? {}
      if (!publicApi || !sessionId || application_id === BRIDGED_APPLICATION) {
        return undefined
      }
      return propagateUser
        ? { sessionId, userId: textOf(publicApi.getUser().id), accountId: textOf(publicApi.getAccount?.().id) }
        : { sessionId }
    },
    decide(request, entry, identity: Identity) {
      const setsHeaders = entry.carrier === 'baggage' || entry.carrier === 'trace-tags'
      const rumHeaders = setsHeaders
        ? rumHeadersOf(initConfiguration, majorVersion, request.url.href, identity.sessionId)
        : {}
      const decision = correlate(request, entry, identity, rumHeaders)
      if (decision !== READ_BODY) {
        explain(request, entry, decision)
      }
      return decision
    },
    skip(url, method) {
      if (settings?.debug) {
        debug(url, method(), 'nothing done: no tracked session')
      }
    },
    startup: () => startup?.pending(),
    isRumUrl: (url) => isRumUrl(url),
    annotates: () => hasAssembleHook,
  }

  /** The plugin's own failure is reported and goes no further: neither RUM nor the page must suffer from it. */
  function safely(run: () => void) {
    try {
      run()
    } catch (error) {
      display.error('llmCorrelation:', error)
    }
  }

  return {
    name: 'llm-correlation',

    onInit(init) {
      safely(() => {
        if (typeof window === 'undefined' || !correlator.entries.length) {
          return
        }
        // A second `init` gets here, too, before the SDK refuses it: its configuration does not count.
        if (publicApi !== init.publicApi) {
          publicApi = init.publicApi as RumApi
          initConfiguration = init.initConfiguration
          majorVersion = Number.parseInt(publicApi.version ?? '', 10) || 7
          isRumUrl = createRumUrlTest(initConfiguration)
        }
        if (settings?.annotateResources && init.registerAssembleEventHook && !hasAssembleHook) {
          hasAssembleHook = true
          init.registerAssembleEventHook(annotateResource)
        }
        warnOfTracing()
        startup ??= createStartup(
          initConfiguration.trackingConsent === 'not-granted' ? 0 : (settings?.startupTimeout ?? 0),
        )
        connect(correlator)
        if (majorVersion < 7) {
          // SDK 5 and 6 patch in `init`, after this; SDK 5 does not tell when it has started.
          queueMicrotask(() => safely(moveOutermost))
          if (majorVersion < 6) {
            queueMicrotask(startup.end)
          }
        }
      })
    },

    onRumStart() {
      safely(() => {
        startup?.end()
        if (initConfiguration.remoteConfiguration || initConfiguration.remoteConfigurationId) {
          initConfiguration = publicApi?.getInitConfiguration?.() ?? initConfiguration
          warnOfTracing()
        }
        if (majorVersion && majorVersion < 7) {
          moveOutermost()
        }
      })
    },

    stop() {
      safely(() => {
        startup?.end()
        if (publicApi) {
          disconnect(correlator)
        }
      })
    },
  }
}

function textOf(id: unknown): string | undefined {
  return typeof id === 'string' ? id : undefined
}

function annotateResource({ eventType, domainContext }: { eventType: string; domainContext?: object }) {
  const annotation = eventType === 'resource' && annotationOfResource(domainContext ?? {})
  return annotation ? { type: 'resource', context: { llm_correlation: annotation } } : 'SKIPPED'
}
