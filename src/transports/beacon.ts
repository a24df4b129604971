import { READ_BODY } from '../correlate.js'
import { createPatch, type Patch } from '../patch.js'
import type { Targets } from '../targets.js'
import { describeBody } from './body.js'
import { urlOf } from './isInstance.js'

/** Patches `navigator.sendBeacon`, which can carry a body and a URL and must answer at once. */
export function patchBeacon(targets: Targets): Patch {
  return createPatch(Navigator.prototype, 'sendBeacon', (forward, args) => {
    let changed: unknown[] | undefined
    try {
      changed = correlateBeacon(args, targets)
    } catch {
      // The beacon goes out as the page made it.
    }
    // A beacon that is refused for its size has not been sent.
    return (changed && forward(changed)) || forward(args)
  })
}

function correlateBeacon([input, data]: unknown[], targets: Targets): unknown[] | undefined {
  const url = urlOf(input)
  const target = url === undefined ? undefined : targets.find(url)
  const identity = target?.correlator.identify(target.entry)
  if (!target || !identity) {
    return undefined
  }
  const decision = target.correlator.decide(
    { method: 'POST', url: target.url, header: () => null, limit: 'body', keepalive: true, ...describeBody(data) },
    target.entry,
    identity,
  )
  if (decision === READ_BODY || decision.carrier === 'none') {
    return undefined
  }
  return [decision.changes.url ?? input, decision.changes.body ?? data]
}
