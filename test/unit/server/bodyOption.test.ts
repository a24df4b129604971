import { expect, it } from 'vitest'
import { bodyOptionIn, bodyPathsOf } from '../../../src/server/bodyOption.js'

it.each<[string | undefined, boolean | string[]]>([
  [undefined, true],
  ['', true],
  [' 1 ', true],
  ['true', true],
  ['0', false],
  [' 0 ', false],
  ['FALSE', false],
  ['/chat', ['/chat']],
  ['/chat, /agents', ['/chat', '/agents']],
])('RUM_LLM_BODY=%j asks for %j', (text, expected) => {
  expect(bodyOptionIn(text)).toEqual(expected)
})

it('passes over what is no prefix, and over a getter that throws', () => {
  expect(bodyPathsOf({ body: ['/chat', '', 5, 'agents'] })).toEqual(['/chat', '/agents'])
  expect(
    bodyPathsOf({
      get body() {
        throw new Error()
      },
    }),
  ).toBe('all')
})
