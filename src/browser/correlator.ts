import { display } from '@datadog/browser-core'
import { TRACE_ID } from '../carriers/traceTags.js'
import { Object, Set } from '../lib/globals.js'
import { type Changes, correlate, type Decision, READ_BODY, type Reason } from './correlate.js'
import { takeRoom } from './keepalive.js'
import { type NetworkUrl, originOf, pageOrigin } from './networkUrl.js'
import type { Entry, Settings } from './options.js'
import type { OutgoingRequest } from './outgoingRequest.js'
import type { Sent } from './rum/annotation.js'
import type { RumSdk } from './rum/rumSdk.js'
import { NO_HEADERS } from './rum/tracing.js'
import type { Target } from './targets.js'
import { VERSION } from './version.js'

/** The call goes out with these changes; what is `sent` goes with it to its RUM event. */
export interface Outcome {
  readonly next: 'send'
  readonly changes: Changes
  readonly sent: Sent | undefined
}

/** What is to be done with a call. */
export type Answer =
  | Outcome
  /** RUM is starting: the call is to be asked about again after `until`. */
  | { readonly next: 'wait'; readonly until: Promise<void> }
  /** The call is to be asked about again with the body that was {@link UNREAD}. */
  | { readonly next: 'read' }

/** What transports know of a plugin instance. */
export interface Correlator {
  readonly entries: readonly Entry[]
  /**
   * Decides on a call that one of its entries takes, for good where nothing more is to come of it: then it tells the page's
   * developer, so that a call is to be asked about once. `undefined`: without a session, the call goes out as it is.
   *
   * @param describe - Called only where the call may change.
   */
  decide(target: Target, describe: (target: Target) => OutgoingRequest): Answer | undefined
  /** To be told of URLs that no entry takes, where that is of interest. */
  readonly onMiss: ((url: NetworkUrl) => void) | undefined
  /** Whether the RUM SDK makes calls of its own to this URL: through a proxy, or for its remote configuration. */
  isRumUrl(url: NetworkUrl): boolean
}

/** @param rumSdk - Gives the RUM SDK, once an `init` has brought it. */
export function createCorrelator({ entries, debug }: Settings, rumSdk: () => RumSdk | undefined) {
  const warned = new Set<string>()
  const missed = new Set<string>()

  /** Each warning names its entry and its reason, and comes once. */
  function warn(text: string) {
    if (!warned.has(text)) {
      warned.add(text)
      say(display.warn, text)
    }
  }

  function explain({ method, url }: OutgoingRequest, { carrier, path }: Entry, decision: Decision | string) {
    if (debug) {
      const { carrier: used, reason } = typeof decision === 'string' ? { carrier: 'none', reason: decision } : decision
      const field = used === 'body' || used === 'query' ? ` ${path.join('.')}` : ''
      const what = used === 'none' ? 'nothing done' : used + field + (reason ? `, not ${carrier}` : '')
      say(display.log, `${method} ${endpointOf(url)}: ${what}${reason ? `: ${reason}` : ''}`)
    }
  }

  function sentOf({ entry, url }: Target, { carrier, reason, changes }: Decision): Sent {
    const headers = Object.keys(changes.headers ?? {}).join(', ')
    return {
      annotation: {
        carrier,
        reason: carrier === 'none' ? (reason as Reason) : undefined,
        trace_id: changes.headers?.[TRACE_ID],
      },
      onFailure:
        headers && originOf(url) !== pageOrigin()
          ? () =>
              warn(
                `a call to ${entry.label} has failed. If the console speaks of CORS, the server must allow its ${headers} header(s)`,
              )
          : undefined,
    }
  }

  return {
    entries,
    warn,

    /** To be called at `init`. */
    announce() {
      if (debug) {
        const list = entries.map(({ label, carrier, path }) => `${label} (${carrier}, ${path.join('.')})`).join(', ')
        say(display.log, `${VERSION}, debug is on. Entries: ${list}`)
      }
    },

    isRumUrl: (url) => !!rumSdk()?.isOwnUrl(url),
    onMiss: debug
      ? (url) => {
          const endpoint = endpointOf(url)
          if (!missed.has(endpoint)) {
            missed.add(endpoint)
            say(display.log, `${endpoint}: no entry takes it`)
          }
        }
      : undefined,

    decide(target, describe) {
      const { entry, url } = target
      const rum = rumSdk() as RumSdk
      const identity = rum.identify(entry.propagateUser)
      if (typeof identity === 'string') {
        const until = rum.startup.pending()
        if (until || debug) {
          const request = describe(target)
          if (until && request.canWait) {
            return { next: 'wait', until }
          }
          if (!request.isPartial) {
            explain(request, entry, identity)
          }
        }
        return undefined
      }
      const request = describe(target)
      const setsHeaders = entry.carrier === 'baggage' || entry.carrier === 'trace-tags'
      const rumHeaders = setsHeaders ? rum.headersFor(url.href, identity.sessionId) : NO_HEADERS
      const decision = correlate(request, entry, identity, rumHeaders)
      if (decision === READ_BODY) {
        return { next: 'read' }
      }
      if (!request.isPartial) {
        if (decision.warning) {
          warn(`calls to ${entry.label} are not correlated: ${decision.warning}`)
        }
        explain(request, entry, decision)
        const body = decision.changes.body ?? request.body
        if (request.keepalive && body !== undefined) {
          takeRoom(body)
        }
      }
      return { next: 'send', changes: decision.changes, sent: rum.hasEventHook ? sentOf(target, decision) : undefined }
    },
  } satisfies Correlator & Record<string, unknown>
}

function endpointOf(url: NetworkUrl) {
  return originOf(url) + url.pathname
}

/** A console that throws decides on no call. */
function say(how: (text: string) => void, text: string) {
  try {
    how(`llmCorrelation: ${text}.`)
  } catch {
    // There is nobody to tell.
  }
}
