import { isIntakeUrl } from '@datadog/js-core/transport'
import { type Answer, type Correlator, UNCHANGED } from './correlator.js'
import { createUrlParser, type NetworkUrl } from './networkUrl.js'
import type { Entry } from './options.js'
import type { OutgoingRequest } from './outgoingRequest.js'

/** An entry that takes a call. */
export interface Target {
  readonly url: NetworkUrl
  readonly entry: Entry
  readonly correlator: Correlator
  /** The entry of another plugin instance that takes the call where this one's has no session. */
  readonly next: Target | undefined
}

export type Targets = ReturnType<typeof createTargets>

/** The plugin instances of a page and the calls that they take. */
export function createTargets() {
  // The newest first.
  let correlators: Correlator[] = []
  const parse = createUrlParser()

  return {
    add(correlator: Correlator) {
      if (!correlators.includes(correlator)) {
        correlators = [correlator, ...correlators]
      }
    },

    /** Returns whether others are left. */
    remove(correlator: Correlator): boolean {
      correlators = correlators.filter((other) => other !== correlator)
      return correlators.length > 0
    },

    /** Finds the first entry that takes a URL, where one is known; it may be relative to the document. */
    find(input: string | undefined): Target | undefined {
      const url = input === undefined ? undefined : parse(input)
      if (!url) {
        return undefined
      }
      const isRums = () => isIntakeUrl(url.href) || correlators.some((correlator) => correlator.isRumUrl(url))
      let target: Target | undefined
      for (const correlator of correlators) {
        const entry = correlator.entries.find(({ matches }) => matches(url))
        if (entry) {
          target = { url, entry, correlator, next: target }
        } else if (correlator.onMiss && !isRums()) {
          correlator.onMiss(url)
        }
      }
      return target && !isRums() ? target : undefined
    },
  }
}

/** What is to be done with a call: as the first plugin instance says that takes it and has a session, or for which the call can wait. */
export function ask(target: Target, describe: (target: Target) => OutgoingRequest): Answer {
  let waiting: Answer | undefined
  for (let asked: Target | undefined = target; asked; asked = asked.next) {
    const answer = asked.correlator.decide(asked, describe)
    if (answer && typeof answer.pending !== 'object') {
      return answer
    }
    waiting ??= answer
  }
  return waiting ?? UNCHANGED
}
