import type { PageDefinition, Source } from './page.js'
import { STUB_SESSION_ID } from './stubRum.js'

export { withoutId } from './withoutId.js'

/** The session id that {@link alone} pages have. */
export const ALONE_ID = STUB_SESSION_ID

/** What the page's RUM answers, where a test needs something else than a session and no user. */
export interface AloneRum {
  initConfiguration?: Source
  internalContext?: Source
  user?: Source
}

/** Script that starts a plugin whose RUM is only what it asks RUM for, with these options (`"origins: ['/agent']"`). */
export function startAlone(options: Source, rum: AloneRum = {}): Source {
  const { initConfiguration = '{}', internalContext = `{ session_id: '${ALONE_ID}' }`, user = '{}' } = rum
  return `
    window.plugin = DD_LLM_CORRELATION.llmCorrelation({ ${options} })
    plugin.onInit({
      initConfiguration: ${initConfiguration},
      publicApi: { getInternalContext: () => (${internalContext}), getUser: () => (${user}), getAccount: () => ({}) },
    })
    plugin.onRumStart()`
}

/** A page where nothing but the plugin stands between page and browser. */
export function alone(options: Source, rum?: AloneRum): PageDefinition {
  return { rum: false, between: startAlone(options, rum) }
}

/** The same page as the browser alone has it. */
export const NATIVE: PageDefinition = { rum: false, plugin: false }
