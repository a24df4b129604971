import { TRACE_ID } from '../carriers/traceTags.js'
import { decide, isDecidedByUrl } from './decide/chains.js'
import { type Decided, left, NO_CHANGES, type Sent } from './outcome.js'
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
    isDecidedByUrl,
    isRumUrl: (url) => rumSdk()?.isOwnUrl(url),
    onMiss: report.onMiss,
    onFailure: report.onFailure,

    correlate(route, describe) {
      const { entry, url } = route
      const rum = rumSdk() as RumSdk
      const identity = rum.identify(entry.propagateUser)
      if (typeof identity === 'string') {
        const wait = rum.sessionWait()
        const call = wait || settings.debug ? describe() : undefined
        if (wait && call?.keepalive === false) {
          return { kind: 'wait', until: wait.until }
        }
        if (call) {
          report.onOutcome(call, entry, left(identity))
        }
        return undefined
      }
      const call = describe()
      const rumHeaders = () => rum.headersFor(url.href, identity.sessionId)
      const outcome = decide(call, entry, { ...identity, rumHeaders })
      if (outcome.kind === 'read-body') {
        return outcome
      }
      report.onOutcome(call, entry, outcome)
      return {
        kind: 'send',
        changes: outcome.kind === 'carried' ? outcome.changes : NO_CHANGES,
        sent: rum.hasEventHook ? sentOf(route, outcome, report) : undefined,
      }
    },
  }
}

const NOT_CARRIED = { carrier: 'none', changes: NO_CHANGES } as const

/** What RUM's event of the call is to say. */
function sentOf({ entry, url }: Route, outcome: Decided, report: Report): Sent {
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
      report.onFailedCall(entry, url, names)
    },
  }
}
