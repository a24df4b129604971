// What RUM's configuration and other libraries on the page do to the calls. The page's developer is warned of it.
import * as natives from '../defence/natives.js'
import { warnOnce } from './report.js'
import type { RumSdk } from './rum/rumSdk.js'
import type { Settings } from './settings.js'

/** Warns if RUM's tracing would keep the tracers from seeing the session. */
export function warnOfTracing(settings: Settings, sdk: RumSdk | undefined): void {
  for (const { carrier, prefix, label } of settings.entries) {
    if (carrier === 'trace-tags' && prefix && sdk?.tracesWithoutIds(prefix)) {
      warnOnce(
        `RUM traces calls to ${label} without ids: set traceContextInjection: 'all' or traceSampleRate: 100, 'datadog' in propagatorTypes`,
      )
    }
  }
}

/** Warns if OpenTelemetry was started before RUM. It runs below the plugin then, and may replace what the plugin adds. */
export function warnOfOpenTelemetry(settings: Settings): void {
  const entry = settings.entries.find(({ carrier }) => carrier === 'baggage' || carrier === 'trace-tags')
  if (entry && isOpenTelemetryBelow()) {
    warnOnce(
      `OpenTelemetry was started before RUM, and may drop the ${entry.carrier} of calls to ${entry.label}: start it after init`,
    )
  }
}

/**
 * Whether OpenTelemetry has patched `fetch` or XMLHttpRequest. Its wrappers have these two members. It is not found if
 * another library has patched over it.
 */
function isOpenTelemetryBelow(): boolean {
  const functions: unknown[] = [natives.globalObject.fetch, XMLHttpRequest.prototype?.open]
  return functions.some((patched) => {
    const { __original, __wrapped } = (patched ?? {}) as { __original?: unknown; __wrapped?: unknown }
    return !!__original && !!__wrapped
  })
}
