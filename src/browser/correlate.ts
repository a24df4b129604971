import { TRACE_ID } from '../carriers/traceTags.js'
import type { Call } from './call.js'
import { decide, isDecidedByUrl } from './decide/chains.js'
import { type Answer, NO_CHANGES, type Outcome, type Sent } from './outcome.js'
import type { Report } from './report.js'
import type { Instance, Route } from './router.js'
import type { RumSdk } from './rum/rumSdk.js'
import type { Settings } from './settings.js'

/** What a plugin instance is made of. */
export interface Parts {
  readonly settings: Settings
  readonly report: Report
  /** The RUM SDK, once an `init` has brought it. */
  readonly rumSdk: () => RumSdk | undefined
}

/** Creates what the transports ask about the calls that the entries take. */
export function createInstance({ settings, report, rumSdk }: Parts): Instance {
  return {
    entries: settings.entries,
    isDecidedByUrl: ({ carrier }, hasBody) => isDecidedByUrl(carrier, hasBody),
    isRumUrl: (url) => rumSdk()?.isOwnUrl(url),
    onMiss: report.onMiss,
    onFailure: report.onFailure,

    correlate(route, describe) {
      const { entry, url } = route
      const rum = rumSdk() as RumSdk
      const identity = rum.identify(entry.propagateUser)
      if (typeof identity === 'string') {
        return withoutSession({ rum, settings, report, why: identity }, describe)
      }
      const call = describe()
      const rumHeaders = () => rum.headersFor(url.href, identity.sessionId)
      const outcome = decide(call, entry, { ...identity, rumHeaders })
      if (outcome.kind === 'read-body') {
        return outcome
      }
      if (!call.isPartial) {
        report.onOutcome(call, entry, outcome)
      }
      return {
        kind: 'send',
        changes: outcome.kind === 'carried' ? outcome.changes : NO_CHANGES,
        sent: rum.hasEventHook ? sentOf(route, outcome, report) : undefined,
      }
    },
  }
}

interface NoSession {
  readonly rum: RumSdk
  readonly settings: Settings
  readonly report: Report
  readonly why: string
}

/** Without a session the call may wait for RUM to start. Otherwise there is nothing to do with it. */
function withoutSession({ rum, settings, report, why }: NoSession, describe: () => Call): Answer | undefined {
  const start = rum.startup.pending()
  if (!start && !settings.debug) {
    return undefined
  }
  const call = describe()
  if (start && call.keepalive === false) {
    return { kind: 'wait', until: start }
  }
  if (!call.isPartial) {
    report.onNoSession(call, why)
  }
  return undefined
}

/** What RUM's event of the call is to say. */
function sentOf({ entry, url }: Route, outcome: Outcome, report: Report): Sent {
  const headers = outcome.kind === 'carried' ? outcome.changes.headers : []
  return {
    annotation: {
      carrier: outcome.kind === 'carried' ? outcome.carrier : 'none',
      reason: outcome.kind === 'left' ? outcome.reason : undefined,
      trace_id: headers.find(({ name }) => name === TRACE_ID)?.value,
    },
    onFailure() {
      const names = headers.map(({ name }) => name)
      report.onFailedCall(entry, url, names)
    },
  }
}
