import type { NetworkUrl } from '../call.js'
import type { Identity, NoSession, RumHeaders } from '../session.js'
import { type ConsentApi, consentOf, watchConsent } from './consent.js'
import { createRumUrlTest, type OwnUrlConfiguration } from './ownUrls.js'
import { isRefused, isRemote, type RefusableConfiguration } from './refusal.js'
import { type RumTracingConfiguration, rumHeadersOf, tracesWithoutIds } from './tracing.js'
import { lostPattern, type UrlPatternConfiguration } from './urlPatterns.js'
import { createWaits } from './waits.js'

/**
 * The application id of the RUM SDK in a WebView, if the app sends the page's events. The session is
 * the app's then; the page has a placeholder for it.
 */
const BRIDGED_APPLICATION = '00000000-aaaa-0000-aaaa-000000000000'

const NO_CONTEXT = { session_id: undefined, application_id: undefined }

/** SDKs without a version number, such as development builds, count as this version. */
const NEWEST_MAJOR_VERSION = 7

/** The parts of the RUM SDK's public API that the plugin uses. */
interface RumApi extends ConsentApi {
  version?: string | undefined
  getInternalContext(): { session_id?: string | undefined; application_id?: string | undefined } | undefined
  getInitConfiguration?(): InitConfiguration | undefined
  getUser(): { id?: unknown }
  getAccount?(): { id?: unknown }
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
  const majorVersion = majorVersionOf(api.version)
  watchConsent(api)
  const hasConsent = () => (consentOf(api) ?? configuration.trackingConsent) !== 'not-granted'
  const hasSession = () => !!api.getInternalContext()?.session_id
  const waits = createWaits({ startupTimeout, isRefused: isRefused(configuration), hasConsent, hasSession })
  // SDK 5 does not say when it has started.
  let hasStarted = majorVersion < 6

  return {
    api,
    majorVersion,
    /** Whether RUM's event of a call can say what was done with the call. */
    hasEventHook: !!init.registerAssembleEventHook,
    sessionWait: () => waits.current(hasStarted),
    endWaits: waits.end,
    /** Whether another `init` is refused. SDK 5 does not say when it has started. */
    hasStarted: () => hasStarted && (majorVersion > 5 || api.getInternalContext() !== undefined),

    /** Must be called when RUM has started. Its configuration is complete then. */
    onStart() {
      hasStarted = true
      waits.onSession(hasSession())
      waits.end()
      configuration = (isRemote(configuration) && api.getInitConfiguration?.()) || configuration
    },

    /** The session and user of a call that is made now. A text says why there is none. */
    identify(withUser: boolean): Identity | NoSession {
      const identity = identify(api, { withUser, hasStarted, hasConsent: hasConsent() })
      waits.onSession(typeof identity !== 'string')
      return identity
    },

    ...urlRules(() => configuration, majorVersion),
  }
}

/** What RUM does to calls, by their URL. Its configuration may be complete only when it has started. */
function urlRules(configuration: () => InitConfiguration, majorVersion: number) {
  return {
    isOwnUrl: createRumUrlTest(configuration()),

    /** The headers that RUM itself will add to a call. */
    headersFor: (url: string, sessionId: string): RumHeaders =>
      rumHeadersOf(configuration(), majorVersion, url, sessionId),

    lostPattern: (url: NetworkUrl, changedUrl: string) => lostPattern(configuration(), url, changedUrl),

    tracesWithoutIds: (url: string) => tracesWithoutIds(configuration(), majorVersion, url),
  }
}

interface Situation {
  readonly withUser: boolean
  readonly hasStarted: boolean
  readonly hasConsent: boolean
}

function identify(api: RumApi, { withUser, hasStarted, hasConsent }: Situation): Identity | NoSession {
  const { session_id: sessionId, application_id } = api.getInternalContext() ?? NO_CONTEXT
  if (!sessionId || typeof sessionId !== 'string') {
    if (hasStarted) {
      return 'no tracked session (not sampled, or expired)'
    }
    return hasConsent ? 'RUM has not started' : 'RUM waits for consent'
  }
  if (application_id === BRIDGED_APPLICATION) {
    return "the session is that of the WebView's app"
  }
  return { sessionId, others: withUser ? userOf(api) : [] }
}

function userOf(api: RumApi): Identity['others'] {
  return [
    ['user.id', api.getUser().id],
    ['account.id', api.getAccount?.().id],
  ]
}

function majorVersionOf(version: unknown): number {
  const [major = ''] = /^\d+/.exec(`${version}`) ?? []
  return +major || NEWEST_MAJOR_VERSION
}
