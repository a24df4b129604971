import { correctedChildSampleRate, isSampled, type MatchOption } from '@datadog/browser-core'
import { isObject } from '../../lib/isObject.js'
import { matchesUrl, patternOf } from '../match.js'
import type { RumHeaders } from '../session.js'

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

/** The first version of the RUM SDK that knows `propagateTraceBaggage`. */
const FIRST_WITH_BAGGAGE = 6.08

/** The first version whose sessions decide which traces are sampled. */
const FIRST_SAMPLED_BY_SESSION = 6.05

export const NO_HEADERS: RumHeaders = { baggage: false, traceIds: false, foreignTrace: false }

/**
 * The headers that the RUM SDK itself will add to a call, computed as the SDK does (`tracer.ts`).
 *
 * @param version - Of the SDK: 6.08 is 6.8.
 */
export function rumHeadersOf(
  configuration: RumTracingConfiguration,
  version: number,
  url: string,
  sessionId: string,
): RumHeaders {
  const propagators = propagatorsFor(configuration, url)
  const { propagateTraceBaggage = version >= 7 } = configuration
  if (!propagators || !(injectsAll(configuration, version) || isTraceSampled(configuration, version, sessionId))) {
    return NO_HEADERS
  }
  const traceIds = propagators.includes('datadog')
  return {
    baggage: version >= FIRST_WITH_BAGGAGE && propagateTraceBaggage,
    traceIds,
    foreignTrace: !traceIds && propagators.length > 0,
  }
}

/** Whether RUM traces calls to a URL, but not all of them with trace ids. `trace-tags` needs the ids. */
export function tracesWithoutIds(configuration: RumTracingConfiguration, version: number, url: string): boolean {
  const propagators = propagatorsFor(configuration, url)
  const { traceSampleRate = 100 } = configuration
  return (
    !!propagators &&
    (!propagators.includes('datadog') || (!injectsAll(configuration, version) && traceSampleRate < 100))
  )
}

function injectsAll({ traceContextInjection }: RumTracingConfiguration, version: number) {
  return (traceContextInjection ?? (version < 6 ? 'all' : 'sampled')) === 'all'
}

function isTraceSampled(
  { sessionSampleRate = 100, traceSampleRate = 100 }: RumTracingConfiguration,
  version: number,
  sessionId: string,
) {
  // Older SDKs draw a number for each call, so nobody can know.
  if (version < FIRST_SAMPLED_BY_SESSION) {
    return traceSampleRate > 0
  }
  // SDK 7 understands the rate as a share of all sessions, tracked or not.
  const rate = version < 7 ? traceSampleRate : correctedChildSampleRate(sessionSampleRate, traceSampleRate)
  return isSampled(sessionId, rate)
}

/** The RUM SDK's propagators for a URL. `undefined`: it does not trace calls to it. */
function propagatorsFor({ allowedTracingUrls }: RumTracingConfiguration, url: string): string[] | undefined {
  for (const option of allowedTracingUrls ?? []) {
    if (matchesUrl(patternOf(option), url)) {
      const { propagatorTypes } = (isObject(option) ? option : {}) as Partial<TracingOption>
      return propagatorTypes ?? ['tracecontext', 'datadog']
    }
  }
  return undefined
}
