import { TRACE_ID } from '../carriers/traceTags.js'
import { Object } from '../lib/globals.js'
import { type Changes, correlate, type Decision, none, type Reason } from './correlate.js'
import { endpointOf, type NetworkUrl, pageOrigin } from './networkUrl.js'
import type { Entry, Settings } from './options.js'
import { type OutgoingRequest, UNREAD } from './outgoingRequest.js'
import type { Sent } from './rum/annotation.js'
import type { RumSdk } from './rum/rumSdk.js'
import { log, warn as printWarning, say } from './say.js'
import type { Target } from './targets.js'
import { VERSION } from './version.js'

/** What is to be done with a call. */
export interface Answer {
  /** The call is to be asked about again: when RUM has started, or with the body that was {@link UNREAD}. */
  readonly pending: Promise<void> | typeof UNREAD | undefined
  readonly changes: Changes
  /** What goes with the call to its RUM event. */
  readonly sent: Sent | undefined
}

/** The call goes out as the page made it. */
export const UNCHANGED: Answer = {
  pending: undefined,
  changes: { url: undefined, body: undefined, headers: undefined },
  sent: undefined,
}

/** What transports know of a plugin instance. */
export interface Correlator {
  readonly entries: readonly Entry[]
  /**
   * Decides on a call that one of its entries takes, for good where nothing more is to come of it: then it tells the page's
   * developer, so that a call is to be asked about once. `undefined`: without a session, it has nothing to say.
   *
   * @param describe - Called only where the call may change.
   */
  decide(target: Target, describe: (target: Target) => OutgoingRequest): Answer | undefined
  /** To be told of URLs that no entry takes, where that is of interest. */
  readonly onMiss: ((url: NetworkUrl) => void) | undefined
  /** Whether the RUM SDK makes calls of its own to this URL: through a proxy, or for its remote configuration. */
  isRumUrl(url: NetworkUrl): boolean | undefined
}

/** @param rumSdk - Gives the RUM SDK, once an `init` has brought it. */
export function createCorrelator({ entries, debug }: Settings, rumSdk: () => RumSdk | undefined) {
  const said: string[] = []

  function sayOnce(how: typeof log, text: string) {
    if (!said.includes(text)) {
      said.push(text)
      say(how, text)
    }
  }

  /** Each warning names its entry and its reason, and comes once. */
  const warn = (text: string) => sayOnce(printWarning, text)

  function explain({ method, url, isPartial }: OutgoingRequest, { field, label }: Entry, decision: Decision) {
    const { carrier, reason, warning } = decision
    if (isPartial) {
      return
    }
    if (warning) {
      warn(`calls to ${label} are not correlated: ${warning}`)
    }
    if (debug) {
      const place = carrier === 'body' || carrier === 'query' ? `${carrier} ${field}` : carrier
      say(log, `${method.toUpperCase()} ${endpointOf(url.href)}: ${place}${reason ? ` (${reason})` : ''}`)
    }
  }

  function sentOf({ entry, url }: Target, { carrier, reason, headers }: Decision): Sent {
    return {
      annotation: {
        carrier,
        reason: carrier === 'none' ? (reason as Reason) : undefined,
        trace_id: headers?.[TRACE_ID],
      },
      onFailure() {
        if (headers && !url.href.startsWith(`${pageOrigin()}/`)) {
          warn(`a call to ${entry.label} failed. If for CORS, its server must allow ${Object.keys(headers)}`)
        }
      },
    }
  }

  return {
    entries,
    warn,

    /** To be called at `init`. */
    announce() {
      if (debug) {
        const list = entries.map(({ label, carrier, field }) => ` ${label} (${carrier}, ${field})`)
        say(log, `${VERSION}, debug is on. Entries:${list}`)
      }
    },

    isRumUrl: (url) => rumSdk()?.isOwnUrl(url),
    onMiss: debug ? (url) => sayOnce(log, `${endpointOf(url.href)}: no entry takes it`) : undefined,

    decide(target, describe) {
      const { entry, url } = target
      const rum = rumSdk() as RumSdk
      const identity = rum.identify(entry.propagateUser)
      if (typeof identity === 'string') {
        const start = rum.startup.pending()
        if (start || debug) {
          const request = describe(target)
          if (start && request.keepalive === false) {
            return { ...UNCHANGED, pending: start }
          }
          explain(request, entry, none(identity))
        }
        return undefined
      }
      const request = describe(target)
      const decision = correlate(request, entry, identity, () => rum.headersFor(url.href, identity.sessionId))
      if (decision === UNREAD) {
        return { ...UNCHANGED, pending: UNREAD }
      }
      explain(request, entry, decision)
      return { pending: undefined, changes: decision, sent: rum.hasEventHook ? sentOf(target, decision) : undefined }
    },
  } satisfies Correlator & Record<string, unknown>
}
