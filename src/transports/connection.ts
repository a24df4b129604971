import { createPatch, type Patch } from '../patch.js'
import type { Targets } from '../targets.js'
import { changesOf } from './headerless.js'

/** Patches `EventSource` or `WebSocket`, whose constructors can carry the query parameter alone. */
export function patchConnection(name: 'EventSource' | 'WebSocket', targets: Targets): Patch {
  return createPatch(
    globalThis,
    name,
    (forward, args) => {
      const [url, ...others] = args
      let changed = args
      try {
        const changes = changesOf(targets, url, { method: 'GET', limit: 'url', body: undefined })
        changed = changes?.url ? [changes.url, ...others] : args
      } catch {
        // The connection is made as the page asked for it.
      }
      return forward(changed)
    },
    true,
  )
}
