import * as natives from '../defence/natives.js'
import type { Patch } from './patch.js'
import { createRouter, type Instance, type Router } from './router.js'
import { createSentCalls, type SentCalls } from './rum/sentCalls.js'
import { patchBeacon } from './transports/beacon.js'
import { patchEventSource, patchWebSocket } from './transports/connection.js'
import { patchFetch } from './transports/fetch/patch.js'
import type { Transport } from './transports/transport.js'
import { patchXhr } from './transports/xhr.js'

/** All transports. Each patches the browser functions that it is named after. */
const TRANSPORTS: readonly Transport[] = [patchFetch, patchXhr, patchBeacon, patchEventSource, patchWebSocket]

/** What all plugin instances of a page share, even if they come from several copies of the package. */
interface Page {
  readonly router: Router
  readonly sentCalls: SentCalls
  readonly patches: readonly Patch[]
}

/**
 * The copies find each other under this key. Raise the number if the shape of `Page` changes, or of
 * anything that its members take or return. Copies with different numbers do not know each other:
 * each patches the page, and the inner one finds the id of the outer one and leaves it alone.
 */
const KEY: unique symbol = natives.Symbol.for('rum-llm-correlation.page.4') as never

function getPage(): Page {
  const holder = natives.globalObject as { [KEY]?: Page }
  holder[KEY] ??= createPage()
  return holder[KEY]
}

function createPage(): Page {
  const router = createRouter()
  const sentCalls = createSentCalls()
  const patches = TRANSPORTS.flatMap((patch) => patch({ router, notes: sentCalls }))
  return { router, sentCalls, patches }
}

/** Makes the page's calls go through an instance. A second call makes sure that they still do. */
export function connect(instance: Instance): void {
  getPage().router.add(instance)
  forEachPatch('install')
}

/** Puts the patches outside of those that the RUM SDK has put over them. */
export function moveOutermost(): void {
  forEachPatch('installOutermost')
}

/** Takes the page's calls away from an instance. If it was the last one, removes the patches. */
export function disconnect(instance: Instance): void {
  if (!getPage().router.remove(instance)) {
    forEachPatch('remove')
  }
}

/** What was done with each call, for RUM's events. */
export function sentCalls(): SentCalls {
  return getPage().sentCalls
}

function forEachPatch(action: keyof Patch) {
  for (const patch of getPage().patches) {
    patch[action]()
  }
}
