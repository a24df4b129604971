import { READ_BODY } from '../correlate.js'
import { createPatch, type Patch } from '../patch.js'
import type { Targets } from '../targets.js'
import { urlOf } from './isInstance.js'

/** Patches `EventSource` or `WebSocket`, whose constructors can carry the query parameter alone. */
export function patchConnection(name: 'EventSource' | 'WebSocket', targets: Targets): Patch {
  return createPatch(
    globalThis,
    name,
    (forward, args) => {
      let changed = args
      try {
        changed = correlateUrl(args, targets)
      } catch {
        // The connection is made as the page asked for it.
      }
      return forward(changed)
    },
    true,
  )
}

function correlateUrl(args: unknown[], targets: Targets): unknown[] {
  const [input, ...others] = args
  const url = urlOf(input)
  const target = url === undefined ? undefined : targets.find(url)
  const identity = target?.correlator.identify(target.entry)
  if (!target || !identity) {
    return args
  }
  const decision = target.correlator.decide(
    { method: 'GET', url: target.url, header: () => null, limit: 'url', body: undefined },
    target.entry,
    identity,
  )
  return decision === READ_BODY || decision.carrier === 'none' ? args : [decision.changes.url ?? input, ...others]
}
