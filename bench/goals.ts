import { CALLS, type Call, type Variant } from './call.js'
import { count, label, micros, percent, percentSpread, spread } from './format.js'
import { GROWTH_SIZES, type Growth } from './growth.js'
import type { Content, Form } from './pages/bodies.js'
import { serverGoals } from './serverGoals.js'
import { SIZE_LIMITS, type Sizes } from './size.js'
import type { Summary } from './statistics.js'
import type { Measurements, Summaries } from './summaries.js'

/** A limit from which on a user could notice something, and whether it is met. */
export interface Goal {
  readonly goal: string
  readonly measured: string
  readonly isMet: boolean
}

export const PLUGIN = ['plugin-body', 'plugin-query', 'plugin-baggage', 'plugin-trace-tags'] as const
export const PEERS = ['posthog', 'opentelemetry', 'sentry', 'rum-tracer'] as const satisfies Variant[]
export const UNMATCHED = CALLS.filter((call) => !call.includes('matching'))
export const MATCHED = CALLS.filter((call) => call.includes('matching'))

export function goalsOf(measurements: Measurements, summaries: Summaries): Goal[] {
  return [
    ...UNMATCHED.map((call) => unmatchedGoal(call, summaries)),
    ...MATCHED.flatMap((call) => PLUGIN.map((variant) => matchedGoal(call, variant, summaries))),
    ...startGoals(summaries),
    ...bodyGoals(summaries),
    ...streamGoals(summaries),
    ...serverGoals(summaries.requests),
    memoryGoal(measurements, summaries),
    growthGoal(measurements.growths),
    ...sizeGoals(measurements.sizes),
  ]
}

function unmatchedGoal(call: Call, { added }: Summaries): Goal {
  const limit = Math.max(3 * added[call].identity.median, 0.5)
  const plugin = added[call]['plugin-body'].median
  const peers = Math.min(...PEERS.map((peer) => added[call][peer].median))
  return {
    goal: `${label(call)}: at most 3 × identity wrapper or 0.5 µs, and below every peer`,
    measured: `${micros(plugin)}; the fastest peer ${micros(peers)}`,
    isMet: plugin <= limit && plugin < peers,
  }
}

function matchedGoal(call: Call, variant: (typeof PLUGIN)[number], { added, ratio }: Summaries): Goal {
  const share = ratio(call, variant, 'posthog')
  const isXhr = call.startsWith('xhr')
  const limit = isXhr ? "below PostHog's" : "at most half of PostHog's"
  const times = `${micros(added[call][variant].median)} of ${micros(added[call].posthog.median)}`
  return {
    goal: `${label(call)}, ${variant.slice('plugin-'.length)}: ${limit}`,
    measured: `${percentSpread(share)} (${times})`,
    isMet: isXhr ? share.median < 1 : share.median <= 0.5,
  }
}

function startGoals({ evaluation, cold }: Summaries): Goal[] {
  const first = cold['plugin-body'].matching
  return [
    atMost("start of a page: evaluation at most a tenth of the RUM SDK's", evaluation.share, 0.1),
    {
      goal: 'first matching call of a page: at most 2 ms',
      measured: first ? `${spread(first, 0)} µs` : 'not measured',
      isMet: first !== undefined && first.median <= 2000,
    },
  ]
}

function bodyGoals({ bodies }: Summaries): Goal[] {
  const largest = (content: Content, form: Form) => {
    const body = bodies.filter((one) => one.content === content && one.form === form).at(-1)
    if (!body) {
      throw new Error(`No body was measured for ${content} as ${form}.`)
    }
    return body.toParse
  }
  return [
    atMost('10 MB of chat as string: at most half of parse + stringify', largest('chat', 'string'), 0.5),
    atMost('10 MB of chat as bytes: below parse + stringify', largest('chat', 'bytes'), 1),
  ]
}

function streamGoals({ streams }: Summaries): Goal[] {
  return streams.map(({ delay, first, firstLater }) => {
    const later = firstLater.median / first.without.median
    return {
      goal: `first chunk, agent answers ${delay ? `after ${delay} ms` : 'at once'}: at most 2 % later`,
      measured: `${percent(later)} (${spread(firstLater, 2)} ms)`,
      isMet: later <= 0.02,
    }
  })
}

function memoryGoal({ heap }: Measurements, { bytesPerCall }: Summaries): Goal {
  return {
    goal: `memory after ${count(heap.calls.at(-1) ?? 0)} calls: flat`,
    measured: `${bytesPerCall.toFixed(2)} bytes more per call than without the plugin`,
    isMet: bytesPerCall < 1,
  }
}

function growthGoal(growths: readonly Growth[]): Goal {
  const linear = growths.filter(({ isLinear }) => isLinear).length
  return {
    goal: `each parser and RegExp: linear from ${GROWTH_SIZES.map(count).join(' to ')} hostile characters`,
    measured: `${linear} of ${growths.length}`,
    isMet: linear === growths.length,
  }
}

function sizeGoals(sizes: Sizes): Goal[] {
  return Object.entries(SIZE_LIMITS).map(([name, limit]) => {
    const { gzip = Number.NaN } = sizes[name] ?? {}
    return {
      goal: `${name}: at most ${count(limit)} bytes gzip`,
      measured: `${count(gzip)} bytes`,
      isMet: gzip <= limit,
    }
  })
}

function atMost(goal: string, share: Summary, limit: number): Goal {
  return { goal, measured: percentSpread(share), isMet: share.median <= limit }
}
