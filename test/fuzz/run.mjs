// Random input by the million against other implementations of the same formats: `npm run fuzz`.
//
//   npm run fuzz                                      a million of each kind
//   npm run fuzz -- --quick                           100,000 of each
//   npm run fuzz -- --count 5000 --seed 7             other numbers; the same seed makes the same input
//   npm run fuzz -- --kind bodies --seed 7 --only 42  one input again
import { parseArgs } from 'node:util'
import { importTypeScript } from '../support/importTypeScript.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    count: { type: 'string' },
    seed: { type: 'string' },
    kind: { type: 'string' },
    only: { type: 'string' },
  },
})
const count = Number(values.count ?? (values.quick ? 100_000 : 1_000_000))
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))

// A page, as far as what is tested looks at one.
Object.assign(globalThis, {
  document: { baseURI: 'https://page.test/app/' },
  location: { origin: 'https://page.test' },
})
const { KINDS, randomOf } = await importTypeScript(new URL('kinds.ts', import.meta.url), ['@datadog/'])

const kinds = Object.entries(KINDS).filter(([name]) => !values.kind || name === values.kind)
const from = Number(values.only ?? 0)
const to = values.only ? from + 1 : count
let passed = 0
let failed = 0
console.log(`seed ${seed}`)
for (const [name, { make, check }] of kinds) {
  const start = performance.now()
  const outcomes = {}
  let failures = 0
  for (let index = from; index < to && failures < 5; index += 1) {
    // Each input has a seed of its own, so that it can be made without those before it.
    const input = make(randomOf(seed, index))
    try {
      const outcome = check(input)
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    } catch (error) {
      failures += 1
      console.log(`FAILED: ${name}: --kind ${name} --seed ${seed} --only ${index}`)
      console.log(`  input: ${JSON.stringify(input)}`)
      console.log(`  ${error.stack.split('\n').slice(0, 12).join('\n  ')}`)
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const list = Object.entries(outcomes).map(([outcome, times]) => `${times} ${outcome}`)
  console.log(`${failures ? 'FAILED' : 'ok'}: ${name}: ${to - from} in ${seconds} s (${list.join(', ')})`)
  passed += failures ? 0 : 1
  failed += failures ? 1 : 0
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed || !passed ? 1 : 0
