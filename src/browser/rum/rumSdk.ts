import type { Identity, RumHeaders } from '../correlate.js'
import { createRumUrlTest, type OwnUrlConfiguration } from './ownUrls.js'
import { createStartup } from './startup.js'
import { type RumTracingConfiguration, rumHeadersOf, tracesWithoutIds } from './tracing.js'

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

interface InitConfiguration extends RumTracingConfiguration, OwnUrlConfiguration {
  trackingConsent?: string | undefined
  remoteConfiguration?: unknown
  remoteConfigurationId?: unknown
}

/** What the RUM SDK hands to a plugin; structural, so that it fits every version of the SDK. */
export interface OnInitOptions {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own types differ between its versions
  initConfiguration: any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  publicApi: any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  registerAssembleEventHook?: any
}

/** The RUM SDK as one `init` has set it up. */
export type RumSdk = ReturnType<typeof createRumSdk>

/** @param startupTimeout - Milliseconds that calls may wait for its start. */
export function createRumSdk(init: OnInitOptions, startupTimeout: number) {
  const api = init.publicApi as RumApi
  let configuration = init.initConfiguration as InitConfiguration
  const majorVersion = +`${api.version}`.split('.', 1) || 7
  const hasConsent = configuration.trackingConsent !== 'not-granted'
  const startup = createStartup(hasConsent ? startupTimeout : 0)
  let hasStarted = false

  return {
    api,
    majorVersion,
    /** Whether what was done with a call can be told to the RUM event of it. */
    hasEventHook: !!init.registerAssembleEventHook,
    isOwnUrl: createRumUrlTest(configuration),
    startup,

    /** To be called when RUM has started: its configuration is complete by then. */
    onStart() {
      hasStarted = true
      startup.end()
      if (configuration.remoteConfiguration || configuration.remoteConfigurationId) {
        configuration = api.getInitConfiguration?.() ?? configuration
      }
    },

    /** Whom a call is made for now; where there is nobody, why not. */
    identify(withUser: boolean): Identity | string {
      const { session_id: sessionId, application_id } = api.getInternalContext() ?? {}
      if (!sessionId || typeof sessionId !== 'string') {
        return hasStarted || majorVersion < 6
          ? 'no tracked session (not sampled, or expired)'
          : hasConsent
            ? 'RUM has not started'
            : 'RUM waits for consent'
      }
      if (application_id === BRIDGED_APPLICATION) {
        return "the session is that of the WebView's app"
      }
      return {
        sessionId,
        others: withUser
          ? [
              ['user.id', api.getUser().id],
              ['account.id', api.getAccount?.().id],
            ]
          : [],
      }
    },

    /** The headers that RUM itself will add to a call. */
    headersFor: (url: string, sessionId: string): RumHeaders =>
      rumHeadersOf(configuration, majorVersion, url, sessionId),

    tracesWithoutIds: (url: string) => tracesWithoutIds(configuration, majorVersion, url),
  }
}
