import type { MatchOption } from '@datadog/browser-core'
import * as natives from '../../defence/natives.js'
import { pageOrigin } from '../../defence/pageOrigin.js'
import { matchesUrl } from '../match.js'

/** The options of the RUM SDK for which it may refuse an `init`. */
export interface RefusableConfiguration {
  applicationId?: unknown
  clientToken?: unknown
  allowedTrackingOrigins?: readonly MatchOption[] | undefined
  remoteConfiguration?: unknown
  remoteConfigurationId?: unknown
}

const IDS = ['applicationId', 'clientToken'] as const

/**
 * Whether RUM surely refuses a configuration, and so never starts: an id is missing, or the page's
 * origin is not allowed. If RUM refuses it for another reason, calls wait for the whole timeout.
 */
export function isRefused(configuration: RefusableConfiguration): boolean {
  const { allowedTrackingOrigins: origins } = configuration
  return (
    !isRemote(configuration) &&
    ((IDS.some((name) => name in configuration) && !IDS.every((name) => configuration[name])) ||
      (natives.Array.isArray(origins) && !origins.some(isPageOrigin)))
  )
}

/** Whether a server completes the configuration. */
export function isRemote({ remoteConfiguration, remoteConfigurationId }: RefusableConfiguration): boolean {
  return !!(remoteConfiguration ?? remoteConfigurationId)
}

function isPageOrigin(option: MatchOption): boolean {
  const origin = pageOrigin() as string
  return typeof option === 'string' ? option === origin : matchesUrl(option, origin)
}
