import { correctedChildSampleRate, isSampled, type MatchOption, matchList } from '@datadog/browser-core'
import type { RumHeaders } from './correlate.js'

/** The options of the RUM SDK that decide which headers it adds to a call. */
export interface RumTracingConfiguration {
  sessionSampleRate?: number | undefined
  traceSampleRate?: number | undefined
  traceContextInjection?: string | undefined
  propagateTraceBaggage?: boolean | undefined
  allowedTracingUrls?:
    | Array<MatchOption | { match: MatchOption; propagatorTypes?: string[] | null | undefined }>
    | undefined
}

/** The headers that the RUM SDK itself will add to a call, computed as the SDK does (`tracer.ts`). */
export function rumHeadersOf(
  configuration: RumTracingConfiguration,
  majorVersion: number,
  url: string,
  sessionId: string,
): RumHeaders {
  const option = tracingOptions(configuration).find(({ match }) => matchList([match], url, true))
  if (!option) {
    return {}
  }
  const { traceContextInjection = 'sampled', propagateTraceBaggage = majorVersion >= 7 } = configuration
  if (traceContextInjection !== 'all' && !isTraceSampled(configuration, majorVersion, sessionId)) {
    return {}
  }
  return {
    baggage: majorVersion >= 6 && propagateTraceBaggage,
    traceIds: option.propagatorTypes.includes('datadog'),
  }
}

function isTraceSampled(
  { sessionSampleRate = 100, traceSampleRate = 100 }: RumTracingConfiguration,
  majorVersion: number,
  sessionId: string,
) {
  // SDK 5 draws per call, which nobody can foresee; SDK 7 takes the rate as one of all sessions, tracked or not.
  return (
    majorVersion < 6 ||
    isSampled(
      sessionId,
      majorVersion < 7 ? traceSampleRate : correctedChildSampleRate(sessionSampleRate, traceSampleRate),
    )
  )
}

const DEFAULT_PROPAGATOR_TYPES = ['tracecontext', 'datadog']

export function tracingOptions({ allowedTracingUrls }: RumTracingConfiguration) {
  return (Array.isArray(allowedTracingUrls) ? allowedTracingUrls : []).map((option) =>
    typeof option === 'object' && 'match' in option
      ? { match: option.match, propagatorTypes: option.propagatorTypes ?? DEFAULT_PROPAGATOR_TYPES }
      : { match: option, propagatorTypes: DEFAULT_PROPAGATOR_TYPES },
  )
}
