import { type Changes, READ_BODY } from '../correlate.js'
import type { OutgoingRequest } from '../outgoingRequest.js'
import type { Targets } from '../targets.js'
import { urlOf } from './urlOf.js'

/** What to change in a call that has no headers and cannot wait: a beacon, an EventSource, a WebSocket. */
export function changesOf(
  targets: Targets,
  input: unknown,
  request: Pick<OutgoingRequest, 'method' | 'limit' | 'keepalive' | 'body' | 'bodyType'>,
): Changes | undefined {
  const url = urlOf(input)
  const target = url === undefined ? undefined : targets.find(url)
  if (!target) {
    return undefined
  }
  const { correlator, entry } = target
  const identity = correlator.identify(entry)
  if (!identity) {
    correlator.skip(target.url, () => request.method)
    return undefined
  }
  const decision = correlator.decide({ ...request, url: target.url, header: () => null }, entry, identity)
  return decision !== READ_BODY && decision.carrier !== 'none' ? decision.changes : undefined
}
