import { CASES } from './hostile.js'

/** A size that took longer than this is the last one: a larger one may take hours. */
const MAX_MILLIS = 500
/** Each size is repeated for so long that the clock's steps do not count. */
const MIN_MILLIS = 2

/** Milliseconds for one input of this many characters. */
function time(run: (text: string) => unknown, text: string): number {
  let best = Number.POSITIVE_INFINITY
  const start = performance.now()
  do {
    const before = performance.now()
    let count = 0
    do {
      run(text)
      count += 1
    } while (performance.now() - before < MIN_MILLIS)
    best = Math.min(best, (performance.now() - before) / count)
  } while (performance.now() - start < 5 * MIN_MILLIS)
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
    // Flat, as a text from a page is.
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
