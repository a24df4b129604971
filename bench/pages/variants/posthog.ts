import 'posthog-js/dist/tracing-headers'
import { SESSION_ID } from './session.js'

// The patches of `addTracingHeaders`. The session manager costs nothing, as the plugin's session
// does.
type PatchFunction = (
  hostnames: string[],
  distinctId: string,
  sessionManager: { checkAndGetSessionAndWindowId(): { sessionId: string; windowId: string } },
) => void
const { _patchFetch, _patchXHR } = (
  globalThis as unknown as {
    __PosthogExtensions__: { tracingHeadersPatchFns: { _patchFetch: PatchFunction; _patchXHR: PatchFunction } }
  }
).__PosthogExtensions__.tracingHeadersPatchFns
for (const patch of [_patchFetch, _patchXHR]) {
  patch(['agent.example.com'], 'user-1', {
    checkAndGetSessionAndWindowId: () => ({ sessionId: SESSION_ID, windowId: SESSION_ID }),
  })
}
