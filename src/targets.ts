import { isIntakeUrl } from '@datadog/js-core/transport'
import type { Decision, Identity, READ_BODY } from './correlate.js'
import type { Entry } from './options.js'
import type { OutgoingRequest } from './outgoingRequest.js'

/** What the transports know of a plugin instance. */
export interface Correlator {
  readonly entries: readonly Entry[]
  /** Whom a call is made for; `undefined` without a tracked session. */
  identify(entry: Entry): Identity | undefined
  /**
   * Decides on a call. To be asked once per call, twice when the body has to be read first, because it tells the page's
   * developer what was decided.
   */
  decide(request: OutgoingRequest, entry: Entry, identity: Identity): Decision | typeof READ_BODY
  /** To be told of a call that goes out as it is, for want of a session. The method is asked for only where it is told. */
  skip(url: URL, method: () => unknown): void
  /** While RUM starts: resolves when it has started or when there is no more time to wait. */
  startup(): Promise<void> | undefined
  /** Whether the RUM SDK makes calls of its own to this URL: through a proxy, or for its remote configuration. */
  isRumUrl(url: URL): boolean
  /** Whether RUM resource events are to tell what was decided. */
  annotates(): boolean
}

export interface Target {
  readonly url: URL
  readonly entry: Entry
  readonly correlator: Correlator
}

const MAX_REMEMBERED = 500
const MAX_REMEMBERED_LENGTH = 500

export type Targets = ReturnType<typeof createTargets>

/** The plugin instances of a page and the calls that they take. */
export function createTargets() {
  const correlators: Correlator[] = []
  // URLs as the page wrote them that no entry takes. Most calls of a page are such, and parsing a URL costs more than all else.
  const unmatched = new Set<string>()
  let base = ''

  return {
    add(correlator: Correlator) {
      if (!correlators.includes(correlator)) {
        correlators.push(correlator)
        unmatched.clear()
      }
    },

    /** Returns whether others are left. */
    remove(correlator: Correlator): boolean {
      const index = correlators.indexOf(correlator)
      if (index >= 0) {
        correlators.splice(index, 1)
      }
      return correlators.length > 0
    },

    /** Finds the first entry that takes a URL, which may be relative to the document. */
    find(input: string): Target | undefined {
      const { baseURI } = document
      if (baseURI !== base) {
        base = baseURI
        unmatched.clear()
      }
      if (unmatched.has(input)) {
        return undefined
      }
      const url = parseNetworkUrl(input, baseURI)
      if (url) {
        for (const correlator of correlators) {
          const entry = correlator.entries.find(({ matches }) => matches(url))
          if (entry) {
            return isIntakeUrl(url.href) || correlator.isRumUrl(url) ? undefined : { url, entry, correlator }
          }
        }
      }
      if (
        input.length <= MAX_REMEMBERED_LENGTH &&
        correlators.every(({ entries }) => entries.every(({ stable }) => stable))
      ) {
        if (unmatched.size >= MAX_REMEMBERED) {
          unmatched.clear()
        }
        unmatched.add(input)
      }
      return undefined
    },
  }
}

function parseNetworkUrl(input: string, base: string): URL | undefined {
  if (/^(data|blob):/i.test(input)) {
    return undefined
  }
  try {
    const url = new URL(input, base)
    return /^(https?|wss?):$/.test(url.protocol) ? url : undefined
  } catch {
    return undefined
  }
}
