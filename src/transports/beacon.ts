import { createPatch, type Patch } from '../patch.js'
import type { Targets } from '../targets.js'
import { describeBody } from './body.js'
import { changesOf } from './headerless.js'

/** Patches `navigator.sendBeacon`, which can carry a body and a URL and must answer at once. */
export function patchBeacon(targets: Targets): Patch {
  return createPatch(Navigator.prototype, 'sendBeacon', (forward, args) => {
    const [url, data] = args
    let changed: unknown[] | undefined
    try {
      const changes = changesOf(targets, url, { method: 'POST', limit: 'body', keepalive: true, ...describeBody(data) })
      changed = changes && [changes.url ?? url, changes.body ?? data]
    } catch {
      // The beacon goes out as the page made it.
    }
    // A beacon that is refused for its size has not been sent.
    return (changed && forward(changed)) || forward(args)
  })
}
