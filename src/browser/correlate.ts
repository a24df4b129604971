import { TRACE_ID } from '../carriers/traceTags.js'
import type { Call } from './call.js'
import { decide, isDecidedByUrl } from './decide/chains.js'
import { type Answer, type Decided, left, NO_CHANGES, type Sent } from './outcome.js'
import { printDebug, printMiss, reportOutcome, warnOfFailedCall, warnOfLostPattern } from './report.js'
import type { Instance, Route } from './router.js'
import type { RumSdk } from './rum/rumSdk.js'
import type { Identity } from './session.js'
import type { Settings } from './settings.js'
import { endedIds, noteWritten } from './writtenIds.js'

/** What a plugin instance needs. */
export interface Parts {
  readonly settings: Settings
  /** The RUM SDK, once an `init` has brought it. */
  readonly rumSdk: () => RumSdk | undefined
}

/** Creates a plugin instance, which the transports ask about the calls that its entries take. */
export function createInstance({ settings, rumSdk }: Parts): Instance {
  return {
    entries: settings.entries,
    isDecidedByUrl,
    isRumUrl: (url) => rumSdk()?.isOwnUrl(url),
    onMiss: settings.debug ? printMiss : undefined,
    onFailure: settings.debug ? printDebug : () => {},

    correlate(route, describe) {
      const { entry } = route
      const rum = rumSdk() as RumSdk
      const identity = rum.identify(entry.propagateUser)
      if (typeof identity === 'string') {
        const wait = rum.sessionWait()
        const call = wait || settings.debug ? describe() : undefined
        if (wait && call?.keepalive === false) {
          return { kind: 'wait', until: wait.until }
        }
        if (call) {
          reportOutcome(call, entry, left(identity), settings.debug)
        }
        return undefined
      }
      return answerFor({ route, call: describe(), identity, rum, debug: settings.debug })
    },
  }
}

interface CallOfSession {
  readonly route: Route
  readonly call: Call
  readonly identity: Identity
  readonly rum: RumSdk
  readonly debug: boolean
}

/** Decides about a call that has a session. */
function answerFor({ route, call, identity, rum, debug }: CallOfSession): Answer {
  const { entry, url } = route
  const { sessionId } = identity
  const rumHeaders = () => rum.headersFor(url.href, sessionId)
  const outcome = decide(call, entry, { ...identity, rumHeaders, endedIds: endedIds(sessionId) })
  if (outcome.kind === 'read-body') {
    return outcome
  }
  reportOutcome(call, entry, outcome, debug)
  const changes = outcome.kind === 'carried' ? outcome.changes : NO_CHANGES
  if (changes.url) {
    noteWritten(sessionId)
    const lost = rum.lostPattern(url, changes.url)
    if (lost) {
      warnOfLostPattern(entry, lost)
    }
  }
  return { kind: 'send', changes, sent: rum.hasEventHook ? sentOf(route, outcome) : undefined }
}

const NOT_CARRIED = { carrier: 'none', changes: NO_CHANGES } as const

/** What RUM's event of the call is to say. */
function sentOf({ entry, url }: Route, outcome: Decided): Sent {
  const { carrier, changes } = outcome.kind === 'carried' ? outcome : NOT_CARRIED
  const { headers } = changes
  return {
    annotation: {
      carrier,
      reason: outcome.kind === 'left' ? outcome.reason : undefined,
      trace_id: headers.find(({ name }) => name === TRACE_ID)?.value,
    },
    onFailure() {
      const names = headers.map(({ name }) => name)
      warnOfFailedCall(entry, url, names)
    },
  }
}
