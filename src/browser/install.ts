import * as natives from '../defence/natives.js'
import type { Patch } from './patch.js'
import { createRouter, type Instance, type Router } from './router.js'
import { createSentCalls, type SentCalls } from './rum/sentCalls.js'
import { patchBeacon } from './transports/beacon.js'
import { patchEventSource, patchWebSocket } from './transports/connection.js'
import { patchFetch } from './transports/fetch/patch.js'
import type { Transport } from './transports/transport.js'
import { patchXhr } from './transports/xhr.js'

/** All transports. Each one patches the functions of the browser that it is named after. */
const TRANSPORTS: readonly Transport[] = [patchFetch, patchXhr, patchBeacon, patchEventSource, patchWebSocket]

/** What all plugin instances of a page share, even if they come from several copies of the package. */
interface Page {
  readonly router: Router
  readonly sentCalls: SentCalls
  readonly patches: readonly Patch[]
}

/**
 * Under this key the copies find each other. The number must go up when the shape of `Page`, or of
 * what its members pass on, changes. Copies with another number then patch the page besides, and
 * leave an id alone that is already there.
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

/** Makes the calls of the page go through an instance. Called again, makes sure that they still do. */
export function connect(instance: Instance): void {
  getPage().router.add(instance)
  forEachPatch('install')
}

/** Puts the patches outside of those that the RUM SDK has put over them. */
export function moveOutermost(): void {
  forEachPatch('installOutermost')
}

/** Takes the calls of the page away from an instance. Without any instance, removes the patches. */
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
