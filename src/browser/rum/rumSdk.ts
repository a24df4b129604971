import type { NetworkUrl } from '../call.js'
import type { RumHeaders } from '../session.js'
import { createRumUrlTest, type OwnUrlConfiguration } from './ownUrls.js'
import { isRemote, type RefusableConfiguration } from './refusal.js'
import { createRumSessions, type SessionApi } from './rumSessions.js'
import { type RumTracingConfiguration, rumHeadersOf, tracesWithoutIds } from './tracing.js'
import { lostPattern, type UrlPatternConfiguration } from './urlPatterns.js'

/** SDKs without a version number, such as development builds, count as this version. */
const NEWEST_VERSION = 7

/** The parts of the RUM SDK's public API that the plugin uses. */
interface RumApi extends SessionApi {
  version?: string | undefined
  getInitConfiguration?(): InitConfiguration | undefined
}

interface StartConfiguration {
  trackingConsent?: string | undefined
}

type InitConfiguration = StartConfiguration &
  RumTracingConfiguration &
  UrlPatternConfiguration &
  OwnUrlConfiguration &
  RefusableConfiguration

/** What the RUM SDK passes to a plugin. The type fits every version of the SDK. */
export interface OnInitOptions {
  // biome-ignore lint/suspicious/noExplicitAny: the SDK's own types differ between its versions
  initConfiguration: any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  publicApi: any
  // biome-ignore lint/suspicious/noExplicitAny: the same
  registerAssembleEventHook?: any
}

/** The RUM SDK, as one `init` has set it up. */
export type RumSdk = ReturnType<typeof createRumSdk>

/** @param startupTimeout - Milliseconds that calls may wait for RUM to start. */
export function createRumSdk(init: OnInitOptions, startupTimeout: number) {
  const api = init.publicApi as RumApi
  let configuration = init.initConfiguration as InitConfiguration
  const version = versionOf(api.version)
  const sessions = createRumSessions({ api, configuration, version, startupTimeout })

  return {
    ...sessions,
    api,
    version,
    /** Whether RUM's event of a call can say what was done with the call. */
    hasEventHook: !!init.registerAssembleEventHook,
    isOwnUrl: createRumUrlTest(configuration),

    /** Must be called when RUM has started. Its configuration is complete then. */
    onStart() {
      sessions.onStart()
      if (isRemote(configuration)) {
        configuration = api.getInitConfiguration?.() ?? configuration
      }
    },

    /** The headers that RUM itself will add to a call. */
    headersFor: (url: string, sessionId: string): RumHeaders => rumHeadersOf(configuration, version, url, sessionId),

    lostPattern: (url: NetworkUrl, changedUrl: string) => lostPattern(configuration, url, changedUrl),

    tracesWithoutIds: (url: string) => tracesWithoutIds(configuration, version, url),
  }
}

/** The decimals are the minor version: 6.08 is 6.8. */
function versionOf(version: unknown): number {
  const [, major = '', minor = ''] = /^(\d+)(?:\.(\d+))?/.exec(`${version}`) ?? []
  return +`${major}.${minor.padStart(2, '0')}` || NEWEST_VERSION
}
