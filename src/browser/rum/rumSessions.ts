import type { Identity, NoSession } from '../session.js'
import { type ConsentApi, consentOf, watchConsent } from './consent.js'
import { isRefused, type RefusableConfiguration } from './refusal.js'
import { createRenewal } from './renewal.js'
import { createSessionWait, type SessionWait } from './sessionWait.js'

/**
 * The application id of the RUM SDK in a WebView, if the app sends the page's events. The session is
 * the app's then; the page has a placeholder for it.
 */
const BRIDGED_APPLICATION = '00000000-aaaa-0000-aaaa-000000000000'

const NO_CONTEXT = { session_id: undefined, application_id: undefined }

/** The parts of the RUM SDK's public API that tell the session and the user. */
export interface SessionApi extends ConsentApi {
  getInternalContext(): { session_id?: string | undefined; application_id?: string | undefined } | undefined
  getUser(): { id?: unknown }
  getAccount?(): { id?: unknown }
}

interface Given {
  readonly api: SessionApi
  readonly configuration: RefusableConfiguration & { trackingConsent?: string | undefined }
  readonly version: number
  readonly startupTimeout: number
}

/** The sessions of RUM since an `init`, and how calls can wait for them. */
export function createRumSessions({ api, configuration, version, startupTimeout }: Given) {
  watchConsent(api)
  const hasConsent = () => (consentOf(api) ?? configuration.trackingConsent) !== 'not-granted'
  const startup = createSessionWait(isRefused(configuration) ? 0 : startupTimeout, () => !hasConsent())
  const renewal = createRenewal(startupTimeout > 0, () => hasSession(api))
  // SDK 5 does not say when it has started.
  let hasStarted = version < 6

  return {
    /** How a call can wait for a session. `undefined`: not at all. */
    sessionWait(): SessionWait | undefined {
      const wait = hasStarted ? renewal.wait() : startup
      return wait?.isOver() || !hasConsent() ? undefined : wait
    },

    /** Lets the calls that wait go out. */
    endWaits() {
      startup.end()
      renewal.end()
    },

    /** Whether another `init` is refused. SDK 5 does not say when it has started. */
    hasStarted: () => hasStarted && (version >= 6 || api.getInternalContext() !== undefined),

    onStart() {
      hasStarted = true
      startup.end()
      renewal.onLook(hasSession(api))
    },

    /** The session and user of a call that is made now. A text says why there is none. */
    identify(withUser: boolean): Identity | NoSession {
      const identity = identityOf(api, withUser) ?? whyNoSession(hasStarted, hasConsent())
      renewal.onLook(typeof identity === 'object')
      return identity
    },
  }
}

/** A timer asks for this, too. An error there would be one of the page. */
function hasSession(api: SessionApi): boolean {
  try {
    return !!api.getInternalContext()?.session_id
  } catch {
    return false
  }
}

/** The session and user as RUM has them now; `undefined` without a session. */
function identityOf(api: SessionApi, withUser: boolean): Identity | NoSession | undefined {
  const { session_id: sessionId, application_id } = api.getInternalContext() ?? NO_CONTEXT
  if (application_id === BRIDGED_APPLICATION) {
    return "the session is that of the WebView's app"
  }
  return sessionId && typeof sessionId === 'string' ? { sessionId, others: withUser ? userOf(api) : [] } : undefined
}

function whyNoSession(hasStarted: boolean, hasConsent: boolean): NoSession {
  if (hasStarted) {
    return 'no tracked session (not sampled, or expired)'
  }
  return hasConsent ? 'RUM has not started' : 'RUM waits for consent'
}

function userOf(api: SessionApi): Identity['others'] {
  return [
    ['user.id', api.getUser().id],
    ['account.id', api.getAccount?.().id],
  ]
}
