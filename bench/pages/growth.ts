import { CASES } from './hostile.js'

/** If a size takes longer than this, it is the last one. A larger one may take hours. */
const MAX_MILLIS = 500
/** Each size repeats for so long that the clock's steps do not matter. */
const MIN_MILLIS = 2

/**
 * How often each size is timed. The fastest time counts: other work of the machine only adds time.
 */
const ROUNDS = 4

/** Milliseconds for one input of this many characters. */
function time(run: (text: string) => unknown, text: string): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS && (round === 0 || best < MAX_MILLIS); round += 1) {
    const start = performance.now()
    let count = 0
    do {
      run(text)
      count += 1
    } while (performance.now() - start < MIN_MILLIS)
    best = Math.min(best, (performance.now() - start) / count)
  }
  return best
}

/** Times a case at each size, until one takes too long. */
export function measureGrowth(name: string, sizes: readonly number[]): number[] {
  const one = CASES.find((other) => other.name === name)
  if (!one) {
    throw new Error(`There is no case '${name}'.`)
  }
  const { start = '', repeated, end = '' } = one.input
  const millis: number[] = []
  for (const size of sizes) {
    // A flat string, as a page has it.
    const text = JSON.parse(JSON.stringify(start + repeated.repeat(Math.ceil(size / repeated.length)) + end)) as string
    millis.push(time(one.run, text))
    if ((millis.at(-1) ?? 0) > MAX_MILLIS) {
      break
    }
  }
  return millis
}

export type GrowthApi = { names: string[]; measureGrowth: typeof measureGrowth }
Object.assign(globalThis, { bench: { names: CASES.map(({ name }) => name), measureGrowth } satisfies GrowthApi })
