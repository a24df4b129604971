import { globalObject, Symbol, WeakMap } from '../lib/globals.js'
import type { Correlator } from './correlator.js'
import type { Patch } from './patch.js'
import type { SentXhrs } from './rum/annotation.js'
import { createTargets, type Targets } from './targets.js'
import { patchBeacon } from './transports/beacon.js'
import { patchConnection } from './transports/connection.js'
import { patchFetch } from './transports/fetch.js'
import { patchXhr } from './transports/xhr.js'

/** What all plugin instances of a page share, from however many copies of this package they come. */
interface Page {
  readonly targets: Targets
  readonly sentXhrs: SentXhrs
  readonly patches: readonly Patch[]
}

// The number goes up when copies of this package can no longer share one.
const KEY: unique symbol = Symbol.for('rum-llm-correlation.page.1') as never

function getPage(): Page {
  const holder = globalObject as { [KEY]?: Page }
  if (!holder[KEY]) {
    const targets = createTargets()
    const sentXhrs: SentXhrs = new WeakMap()
    const patches = [
      patchFetch(targets),
      ...patchXhr(targets, sentXhrs),
      patchBeacon(targets),
      patchConnection('EventSource', targets),
      patchConnection('WebSocket', targets),
    ]
    holder[KEY] = { targets, sentXhrs, patches }
  }
  return holder[KEY]
}

/** Has the calls of the page that a correlator's entries take go through it; called again, it makes sure of that. */
export function connect(correlator: Correlator): void {
  getPage().targets.add(correlator)
  forEachPatch('install')
}

/** Puts the patches outside of those that the RUM SDK has put over them. */
export function moveOutermost(): void {
  forEachPatch('installOutermost')
}

export function disconnect(correlator: Correlator): void {
  if (!getPage().targets.remove(correlator)) {
    forEachPatch('remove')
  }
}

export function sentXhrs(): SentXhrs {
  return getPage().sentXhrs
}

function forEachPatch(action: keyof Patch) {
  for (const patch of getPage().patches) {
    patch[action]()
  }
}
