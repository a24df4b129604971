import type { Patch } from './patch.js'
import { ANNOTATION, type Annotation } from './rum/annotation.js'
import { type Correlator, createTargets, type Targets } from './targets.js'
import { patchBeacon } from './transports/beacon.js'
import { patchConnection } from './transports/connection.js'
import { patchFetch } from './transports/fetch.js'
import { patchXhr, type XhrCall } from './transports/xhr.js'

/** What all plugin instances of a page share, from however many copies of this package they come. */
interface Page {
  readonly targets: Targets
  readonly xhrCalls: WeakMap<object, XhrCall>
  readonly patches: readonly Patch[]
}

// The number goes up when copies of this package can no longer share one.
const KEY = Symbol.for('rum-llm-correlation.page.1')

function getPage(): Page {
  const holder = globalThis as { [KEY]?: Page }
  if (!holder[KEY]) {
    const targets = createTargets()
    const xhrCalls: Page['xhrCalls'] = new WeakMap()
    const patches = [
      patchFetch(targets),
      ...patchXhr(targets, xhrCalls),
      patchBeacon(targets),
      patchConnection('EventSource', targets),
      patchConnection('WebSocket', targets),
    ]
    Object.defineProperty(holder, KEY, { value: { targets, xhrCalls, patches } satisfies Page })
  }
  return holder[KEY] as Page
}

/** Has the calls of the page that a correlator's entries take go through it; called again, it makes sure of that. */
export function connect(correlator: Correlator): void {
  const { targets, patches } = getPage()
  targets.add(correlator)
  for (const patch of patches) {
    patch.install()
  }
}

/** Puts the patches outside of those that the RUM SDK has put over them. */
export function moveOutermost(): void {
  for (const patch of getPage().patches) {
    patch.installOutermost()
  }
}

export function disconnect(correlator: Correlator): void {
  const { targets, patches } = getPage()
  if (!targets.remove(correlator)) {
    for (const patch of patches) {
      patch.remove()
    }
  }
}

/** What was decided on the request of a RUM resource event. */
export function annotationOfResource(domainContext: { requestInit?: unknown; xhr?: unknown }): Annotation | undefined {
  const { requestInit, xhr } = domainContext
  return (
    (requestInit as { [ANNOTATION]?: Annotation } | undefined)?.[ANNOTATION] ??
    (xhr ? getPage().xhrCalls.get(xhr as object)?.annotation : undefined)
  )
}
