import { correctedChildSampleRate, isSampled, type MatchOption } from '@datadog/browser-core'
import { isObject } from '../../lib/isObject.js'
import type { RumHeaders } from '../correlate.js'
import { matchesUrl } from '../matchesUrl.js'

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

export const NO_HEADERS: RumHeaders = { baggage: false, traceIds: false, foreignTrace: false }

/** The headers that the RUM SDK itself will add to a call, computed as the SDK does (`tracer.ts`). */
export function rumHeadersOf(
  configuration: RumTracingConfiguration,
  majorVersion: number,
  url: string,
  sessionId: string,
): RumHeaders {
  const propagators = propagatorsFor(configuration, url)
  const { propagateTraceBaggage = majorVersion >= 7 } = configuration
  if (
    !propagators ||
    !(injectsAll(configuration, majorVersion) || isTraceSampled(configuration, majorVersion, sessionId))
  ) {
    return NO_HEADERS
  }
  const traceIds = propagators.includes('datadog')
  return {
    baggage: majorVersion >= 6 && propagateTraceBaggage,
    traceIds,
    foreignTrace: !traceIds && propagators.length > 0,
  }
}

/** Whether RUM traces calls to a URL but not each of them with the trace ids, without which `trace-tags` count for nothing. */
export function tracesWithoutIds(configuration: RumTracingConfiguration, majorVersion: number, url: string): boolean {
  const propagators = propagatorsFor(configuration, url)
  const { traceSampleRate = 100 } = configuration
  return (
    !!propagators &&
    (!propagators.includes('datadog') || (!injectsAll(configuration, majorVersion) && traceSampleRate < 100))
  )
}

function injectsAll({ traceContextInjection }: RumTracingConfiguration, majorVersion: number) {
  return (traceContextInjection ?? (majorVersion < 6 ? 'all' : 'sampled')) === 'all'
}

function isTraceSampled(
  { sessionSampleRate = 100, traceSampleRate = 100 }: RumTracingConfiguration,
  majorVersion: number,
  sessionId: string,
) {
  // SDK 5 draws per call, which nobody can foresee; SDK 7 takes the rate as one of all sessions, tracked or not.
  return majorVersion < 6
    ? traceSampleRate > 0
    : isSampled(
        sessionId,
        majorVersion < 7 ? traceSampleRate : correctedChildSampleRate(sessionSampleRate, traceSampleRate),
      )
}

/** The headers by which the RUM SDK propagates its trace to a URL, by the names of the SDK; `undefined`: it does not. */
function propagatorsFor({ allowedTracingUrls }: RumTracingConfiguration, url: string): string[] | undefined {
  for (const option of allowedTracingUrls ?? []) {
    // A RegExp is an object as well.
    const { match = option as MatchOption, propagatorTypes } = (
      isObject(option) ? option : {}
    ) as Partial<TracingOption>
    if (matchesUrl(match, url)) {
      return propagatorTypes ?? ['tracecontext', 'datadog']
    }
  }
  return undefined
}
