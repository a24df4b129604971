/** The median and the quartiles of repeated measurements. */
export interface Summary {
  readonly median: number
  /** The first and the third quartile. */
  readonly low: number
  readonly high: number
  readonly count: number
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    count: sorted.length,
  }
}

/** Subtracts two measurements round by round. What slows a round down then slows both. */
export function pairwise(
  values: readonly number[],
  others: readonly number[],
  combine: (value: number, other: number) => number,
): number[] {
  return values.map((value, round) => combine(value, others[round] as number))
}

function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const low = sorted[below] as number
  const high = sorted[Math.ceil(place)] as number
  return low + (high - low) * (place - below)
}
