import { isIntakeUrl } from '@datadog/js-core/transport'
import { memoize } from '../lib/memoize.js'
import type { Decision, Identity, READ_BODY } from './correlate.js'
import type { Entry } from './options.js'
import type { OutgoingRequest, RequestUrl } from './outgoingRequest.js'

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
  skip(url: RequestUrl, method: () => unknown): void
  /** While RUM starts: resolves when it has started or when there is no more time to wait. */
  startup(): Promise<void> | undefined
  /** Whether the RUM SDK makes calls of its own to this URL: through a proxy, or for its remote configuration. */
  isRumUrl(url: URL): boolean
  /** Whether RUM resource events are to tell what was decided. */
  annotates(): boolean
}

export interface Target {
  readonly url: RequestUrl
  readonly entry: Entry
  readonly correlator: Correlator
}

/**
 * An http(s) URL, or a path on the document's origin, that the URL parser returns as it is written, up to its query: host
 * in lower case, not numeric, without a port; path without dot segments and without anything to encode.
 */
const PLAIN_URL =
  /^(?:https?:\/\/(?:[a-z\d-]+\.)*[a-z][a-z\d-]*|(?=\/[^/]))(?:\/(?!\.)[\w.~!$&'()*+,;=:@-]*)*(?:[?#]|$)/

export type Targets = ReturnType<typeof createTargets>

/** The plugin instances of a page and the calls that they take. */
export function createTargets() {
  const correlators = new Set<Correlator>()
  let base = ''
  let isStable = true
  // What is found for a URL as the page wrote it is remembered: parsing a URL costs more than all else.
  let lookUp = search
  // What the URLs that match start with, as the page may write them; `undefined` where an entry does not tell.
  let prefixes: string[] | undefined
  // The last URL that matched, as the page wrote it: most pages call one agent, and have one constant for its URL.
  let lastInput: string | undefined
  let lastTarget: Target | undefined

  /** To be called when the entries change, or what relative URLs are relative to. */
  function reset() {
    lastInput = undefined
    base = document.baseURI
    const entries = [...correlators].flatMap((correlator) => correlator.entries)
    isStable = entries.every((entry) => entry.stable)
    lookUp = isStable ? memoize(search) : search
    prefixes = undefined
    if (entries.every(({ prefix }) => prefix !== undefined)) {
      const origin = parseNetworkUrl('/', base)?.origin
      prefixes = entries.flatMap(({ prefix = '' }) => {
        const start = prefix.replace(/\/$/, '')
        return origin && start.startsWith(origin) ? [start, start.slice(origin.length) || '/'] : [start]
      })
    }
  }

  /** Whether it is plain to see that no entry takes a URL. Most URLs that a page calls are such. */
  function isElsewhere(input: string) {
    if (!prefixes) {
      return false
    }
    for (const prefix of prefixes) {
      if (input.startsWith(prefix)) {
        return false
      }
    }
    return PLAIN_URL.test(input)
  }

  function search(input: string): Target | undefined {
    const url = parseNetworkUrl(input, base)
    if (!url) {
      return undefined
    }
    for (const correlator of correlators) {
      const entry = correlator.entries.find(({ matches }) => matches(url))
      if (entry) {
        const { href, hostname, search } = url
        return isIntakeUrl(href) || correlator.isRumUrl(url)
          ? undefined
          : { url: { href, hostname, search }, entry, correlator }
      }
    }
    return undefined
  }

  return {
    add(correlator: Correlator) {
      correlators.add(correlator)
      reset()
    },

    /** Returns whether others are left. */
    remove(correlator: Correlator): boolean {
      correlators.delete(correlator)
      reset()
      return correlators.size > 0
    },

    /** Finds the first entry that takes a URL, which may be relative to the document. */
    find(input: string): Target | undefined {
      if (document.baseURI !== base) {
        reset()
      }
      if (input === lastInput) {
        return lastTarget
      }
      if (isElsewhere(input)) {
        return undefined
      }
      const target = lookUp(input)
      if (isStable && target) {
        lastInput = input
        lastTarget = target
      }
      return target
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
