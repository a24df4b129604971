import { createPatch, type Patch } from '../patch.js'
import type { Targets } from '../targets.js'
import { correlateHeaderless } from './headerless.js'

/** Patches `navigator.sendBeacon`, which can carry a body and a URL and must answer at once. */
export function patchBeacon(targets: Targets): Patch {
  return createPatch(Navigator.prototype, 'sendBeacon', (forward, args) => {
    const changed = correlateHeaderless(targets, args, 'POST', 'body', args[1])
    // A beacon that is refused for its size has not been sent.
    return forward(changed) || (changed !== args && forward(args))
  })
}
