import type { Summary } from './statistics.js'

/**
 * The most that `register` may add to a request, in microseconds, by the first words of its kind.
 */
const LIMITS: ReadonlyArray<[kind: string, limit: number]> = [
  ['without an id', 2],
  ['held for its body, without', 15],
  ['held for its body, with ', 40],
]

/** The goals for the server's requests. Not each kind of request has one. */
export function serverGoals(requests: Record<string, { register: Summary; tracer: Summary }>) {
  return Object.entries(requests).flatMap(([kind, { register, tracer }]) => {
    const limit = LIMITS.find(([start]) => kind.startsWith(start))?.[1]
    const goal = `a request ${kind}: register adds less than ${limit} µs`
    const measured = `${register.median.toFixed(2)} µs; the tracer ${tracer.median.toFixed(2)} µs`
    return limit === undefined ? [] : [{ goal, measured, isMet: register.median < limit }]
  })
}
