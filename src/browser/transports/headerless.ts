import { READ_BODY } from '../correlate.js'
import type { OutgoingRequest } from '../outgoingRequest.js'
import type { Targets } from '../targets.js'
import { urlOf } from './urlOf.js'

/**
 * The arguments for a call that has no headers and cannot wait (a beacon, an EventSource, a WebSocket): its URL, and maybe
 * a body. They are those of the page where nothing is to be changed, or where that fails.
 */
export function correlateHeaderless(
  targets: Targets,
  args: unknown[],
  describe: () => Pick<OutgoingRequest, 'method' | 'limit' | 'keepalive' | 'body' | 'bodyType'>,
): unknown[] {
  try {
    const url = urlOf(args[0])
    const target = url === undefined ? undefined : targets.find(url)
    if (!target) {
      return args
    }
    const { correlator, entry } = target
    const identity = correlator.identify(entry)
    const request = describe()
    if (!identity) {
      correlator.skip(target.url, () => request.method)
      return args
    }
    const decision = correlator.decide({ ...request, url: target.url, header: () => null }, entry, identity)
    if (decision === READ_BODY || decision.carrier === 'none') {
      return args
    }
    const { url: changedUrl = args[0], body } = decision.changes
    return body === undefined ? [changedUrl, ...args.slice(1)] : [changedUrl, body]
  } catch {
    return args
  }
}
