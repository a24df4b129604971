/** A source of random choices that one number determines. */
export type Random = ReturnType<typeof randomOf>

export function randomOf(seed: number, index: number) {
  // Mulberry32, from a state that mixes both numbers.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  /** From 0 to below `limit`. */
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <T>(values: readonly T[]): T => values[below(values.length)] as T
  const chance = (share: number) => next() < share
  const many = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make)

  /** A text with some of its characters dropped, doubled, swapped or replaced. */
  function mutate(text: string, alphabet: readonly string[]): string {
    let mutated = text
    for (let count = below(3) + 1; count > 0; count -= 1) {
      const at = below(mutated.length + 1)
      const end = at + below(4)
      const edits = [
        () => mutated.slice(0, at) + mutated.slice(end),
        () => mutated.slice(0, at) + pick(alphabet) + mutated.slice(at),
        () => mutated.slice(0, at) + pick(alphabet) + mutated.slice(end),
        () => mutated.slice(0, end) + mutated.slice(at),
        () => mutated.slice(0, at),
        () => mutated.slice(at),
      ]
      mutated = pick(edits)()
    }
    return mutated
  }

  return { below, pick, chance, many, mutate }
}
