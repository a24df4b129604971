import * as natives from '../../defence/natives.js'
import { createPatch } from '../patch.js'

/** Under this key an API of the RUM SDK has what the page has last told it. All copies of the package share it. */
const KEY: unique symbol = natives.Symbol.for('rum-llm-correlation.consent') as never

/** The part of the RUM SDK's public API that is about consent. */
export interface ConsentApi {
  setTrackingConsent?(consent: unknown): void
  [KEY]?: { consent: unknown }
}

/**
 * Watches `setTrackingConsent`, because the SDK does not tell what the page has set. That counts
 * more than the `trackingConsent` of `init`, even if it was set before.
 */
export function watchConsent(api: ConsentApi | undefined): void {
  if (api?.setTrackingConsent && !api[KEY]) {
    const state = { consent: undefined as unknown }
    natives.Reflect.set(api, KEY, state)
    createPatch(api, 'setTrackingConsent', (args) => {
      state.consent = args[0]
      return undefined
    }).install()
  }
}

/** What the page has set, if it has. */
export function consentOf(api: ConsentApi): unknown {
  return api[KEY]?.consent
}

try {
  // The page may set it before `init`.
  watchConsent((natives.globalObject as { DD_RUM?: ConsentApi }).DD_RUM)
} catch {
  // Something else has this name.
}
