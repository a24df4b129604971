import { type Changes, READ_BODY } from '../correlate.js'
import type { OutgoingRequest } from '../outgoingRequest.js'
import type { Targets } from '../targets.js'
import { urlOf } from './isInstance.js'

/** What to change in a call that has no headers and cannot wait: a beacon, an EventSource, a WebSocket. */
export function changesOf(
  targets: Targets,
  input: unknown,
  request: Pick<OutgoingRequest, 'method' | 'limit' | 'keepalive' | 'body' | 'bodyType'>,
): Changes | undefined {
  const url = urlOf(input)
  const target = url === undefined ? undefined : targets.find(url)
  const identity = target?.correlator.identify(target.entry)
  const decision =
    identity && target?.correlator.decide({ ...request, url: target.url, header: () => null }, target.entry, identity)
  return decision && decision !== READ_BODY && decision.carrier !== 'none' ? decision.changes : undefined
}
