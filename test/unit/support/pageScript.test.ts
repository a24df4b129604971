// @vitest-environment node
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { inPage, sourceOf } from '../../support/pageScript.js'

/** Runs the source where nothing of this file is there, as in a page. */
const run = (source: string) => runInNewContext(source, { structuredClone })

describe('a value is the same in the page', () => {
  it.each<[name: string, value: unknown]>([
    ['text', 'a "b" </script> \u2028'],
    ['numbers', [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 12345678901234567890n]],
    ['nothing', [null, undefined]],
    ['a RegExp', /a\/b/gi],
    ['a date', new Date(0)],
    ['nested members', { a: [{ b: { 'c d': true } }] }],
    ['a member named __proto__', JSON.parse('{"__proto__":{"a":1}}')],
  ])('%s', (_, value) => {
    expect(structuredClone(run(sourceOf(value)))).toEqual(value)
  })
})

describe('a function stays self-contained, whatever the transpiler makes of it:', () => {
  it.each<[name: string, script: () => unknown, expected: unknown]>([
    ['named functions', () => [function named() {}, () => {}].map(({ name }) => name), ['named', '']],
    [
      'classes with private, static and computed members',
      () => {
        class Box {
          static made = 1
          #content = 2
          readonly computed = 3
          get content() {
            return this.#content
          }
        }
        const box = new Box()
        return [Box.made, box.content, box.computed]
      },
      [1, 2, 3],
    ],
    [
      'spread, rest, defaults and optional chaining',
      () => {
        const { a = 1, ...others } = { b: 2, c: 3 } as { a?: number; b?: number; c?: number }
        return [a, ...Object.values(others), (others as { d?: { e: number } }).d?.e ?? 4]
      },
      [1, 2, 3, 4],
    ],
    [
      'generators',
      () => [
        ...(function* () {
          yield* [1, 2]
        })(),
      ],
      [1, 2],
    ],
  ])('%s', (_, script, expected) => {
    expect(structuredClone(run(inPage(script)))).toEqual(expected)
  })

  it('async functions, and those for await', async () => {
    const script = async (values: number[]) => {
      async function* generate() {
        yield* values
      }
      let sum = 0
      for await (const value of generate()) {
        sum += value
      }
      return sum
    }
    expect(await run(inPage(script, [1, 2]))).toBe(3)
  })

  it('methods, getters aside, as arguments', () => {
    const helpers = { double: (x: number) => 2 * x, async later() {}, *many() {} }
    expect(run(inPage((t: typeof helpers) => [t.double(2), typeof t.later, typeof t.many].join(), helpers))).toBe(
      '4,function,function',
    )
  })
})

it('a function that uses an import is refused, with the name of the import', () => {
  expect(() => sourceOf(() => inPage(() => 1))).toThrow(/'inPage'/)
})
