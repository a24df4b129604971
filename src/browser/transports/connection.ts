import { globalObject } from '../../lib/globals.js'
import { createPatch, type Patch } from '../patch.js'
import type { Targets } from '../targets.js'
import { correlateHeaderless } from './headerless.js'

/** Patches `EventSource` or `WebSocket`, whose constructors can carry the query parameter alone. */
export function patchConnection(name: 'EventSource' | 'WebSocket', targets: Targets): Patch {
  return createPatch(globalObject, name, (forward, args) => forward(correlateHeaderless(targets, args, 'GET', 'query')))
}
