import { correctedChildSampleRate, isSampled, type MatchOption, matchList } from '@datadog/browser-core'
import type { RumHeaders } from './correlate.js'

interface TracingOption {
  match: MatchOption
  propagatorTypes?: string[] | null | undefined
}
type AllowedTracingUrl = MatchOption | TracingOption

/** The options of the RUM SDK that decide which headers it adds to a call. */
export interface RumTracingConfiguration {
  sessionSampleRate?: number | undefined
  traceSampleRate?: number | undefined
  traceContextInjection?: string | undefined
  propagateTraceBaggage?: boolean | undefined
  allowedTracingUrls?: AllowedTracingUrl[] | undefined
}

/** The headers that the RUM SDK itself will add to a call, computed as the SDK does (`tracer.ts`). */
export function rumHeadersOf(
  configuration: RumTracingConfiguration,
  majorVersion: number,
  url: string,
  sessionId: string,
): RumHeaders {
  const option = optionFor(configuration, url)
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

/**
 * What keeps calls to a URL from carrying `trace-tags` reliably when RUM traces them, in words that end a sentence. The
 * tags count for nothing without the trace ids that come with them.
 */
export function tracingProblemOf(configuration: RumTracingConfiguration, url: string): string | undefined {
  const option = optionFor(configuration, url)
  if (!option) {
    return undefined
  }
  if (!option.propagatorTypes.includes('datadog')) {
    return "without 'datadog' in its propagatorTypes: add it"
  }
  const { traceContextInjection = 'sampled', traceSampleRate = 100 } = configuration
  return traceContextInjection !== 'all' && traceSampleRate < 100
    ? "with traceContextInjection: 'sampled' and a traceSampleRate below 100: set traceContextInjection: 'all'"
    : undefined
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

function optionFor({ allowedTracingUrls }: RumTracingConfiguration, url: string) {
  const option = allowedTracingUrls?.find((option) => matchList([matchOf(option)], url, true))
  return (
    option && {
      propagatorTypes: (isTracingOption(option) && option.propagatorTypes) || ['tracecontext', 'datadog'],
    }
  )
}

function matchOf(option: AllowedTracingUrl): MatchOption {
  return isTracingOption(option) ? option.match : option
}

function isTracingOption(option: AllowedTracingUrl): option is TracingOption {
  return typeof option === 'object' && option !== null && 'match' in option
}
