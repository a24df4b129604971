import type { BodyCost } from './bodyGrowth.js'
import { CALLS, type Call, type Variant } from './call.js'
import type { CallCosts } from './callCost.js'
import type { EvaluationTimes } from './evaluation.js'
import { mapValues } from './format.js'
import type { Growth } from './growth.js'
import type { Preflights } from './preflights.js'
import type { ServerCosts } from './serverCost.js'
import type { Sizes } from './size.js'
import type { ColdCosts, HeapGrowth, StartTimes } from './startup.js'
import { pairwise, type Summary, summarize } from './statistics.js'
import type { StreamTimes } from './streaming.js'

export interface Measurements {
  readonly environment: Record<string, string>
  readonly callCosts: CallCosts
  readonly bodyCosts: BodyCost[]
  readonly growths: Growth[]
  readonly streams: StreamTimes[]
  readonly preflights: Preflights
  readonly evaluation: EvaluationTimes
  readonly start: StartTimes
  readonly cold: ColdCosts
  readonly heap: HeapGrowth
  readonly sizes: Sizes
  readonly serverCosts: ServerCosts
}

export type Summaries = ReturnType<typeof summarizeAll>

type ByCall<T> = Record<Call, Record<Variant, T>>

/** The summaries of the repeated measurements. */
export function summarizeAll(measurements: Measurements) {
  const { callCosts, bodyCosts, streams, evaluation, start, cold, serverCosts } = measurements
  const rounds = addedPerRound(callCosts)
  return {
    added: mapValues(rounds, (variants) => mapValues(variants, summarize)) as ByCall<Summary>,
    /** The cost that one variant adds to a call, divided by the cost of another. */
    ratio: (call: Call, variant: Variant, other: Variant) =>
      summarize(pairwise(rounds[call][variant], rounds[call][other], (value, to) => value / to)),
    nativeFetch: summarize(callCosts.nativeFetch),
    bodies: bodyCosts.map((cost) => ({
      ...cost,
      millis: mapValues(cost.taken, summarize),
      toParse: summarize(pairwise(cost.taken.plugin, cost.taken['parse and stringify'], (a, b) => a / b)),
      toBrowser: summarize(pairwise(cost.taken.plugin, cost.taken.browser, (a, b) => a / b)),
    })),
    streams: streams.map(({ delay, first, last, correlated }) => ({
      delay,
      correlated,
      first: mapValues(first, summarize),
      last: mapValues(last, summarize),
      firstLater: summarize(pairwise(first.with, first.without, (a, b) => a - b)),
    })),
    evaluation: {
      millis: mapValues(evaluation, summarize),
      share: summarize(pairwise(evaluation['this plugin'], evaluation['RUM SDK'], (a, b) => a / b)),
    },
    start: mapValues(start, summarize),
    cold: mapValues(cold, (calls) => mapValues(calls, summarize)),
    requests: mapValues(serverCosts, ({ nothing, register, tracer }) => ({
      nothing: summarize(nothing),
      register: summarize(pairwise(register, nothing, (value, without) => value - without)),
      tracer: summarize(pairwise(tracer, nothing, (value, without) => value - without)),
    })),
    bytesPerCall: bytesPerCall(measurements),
  }
}

/** The microseconds that a variant adds to the same call without a library, round by round. */
function addedPerRound({ calls }: CallCosts): ByCall<number[]> {
  const rounds = {} as ByCall<number[]>
  for (const call of CALLS) {
    const own = calls[call]
    rounds[call] = mapValues(own, (values) =>
      values === own.none ? values : pairwise(values, own.none, (value, none) => value - none),
    )
  }
  return rounds
}

/** Compares with a page without the plugin, because the size of its heap varies too. */
function bytesPerCall({ heap }: Measurements): number {
  const growth = ([first = 0, ...others]: number[]) => (others.at(-1) ?? first) - first
  return (growth(heap.bytes['plugin-body']) - growth(heap.bytes.none)) / (heap.calls.at(-1) ?? 1)
}
