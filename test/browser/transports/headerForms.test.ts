import { beforeAll, describe, expect, it } from 'vitest'
import { openPage, type Page } from '../../support/openPage.js'
import type { TestPage } from '../../support/page.js'
import { CARRIERS, ENTRIES } from '../../support/rumSdks.js'
import { servers } from '../../support/servers.js'
import { times } from '../../support/times.js'
import { withoutId } from '../../support/withoutId.js'

/** In the page: headers as a page may hand them over, of whatever type. */
type Make = () => unknown

const REFUSED: Record<string, Make> = {
  'a list of texts': () => ['ab', 'cd'],
  'a list of texts that has a session_id': () => ['ab', 'session_id'],
  'a Set of texts': () => new Set(['ab']),
  'a text': () => 'ab',
  'a number': () => 5,
  true: () => true,
  'a symbol': () => Symbol(),
  null: () => null,
  'a list of one': () => [['a']],
  'a list of three': () => [['a', 'b', 'c']],
  'a list of none': () => [[]],
  'a list of numbers': () => [1, 2],
  'a list of null': () => [null],
  'array-likes': () => [{ length: 2, 0: 'a', 1: 'b' }],
  'names that are no tokens': () => ({ 'bad name': 'x' }),
  'values with a newline inside': () => ({ a: 'x\ny' }),
  'values that are no bytes': () => ({ a: '\u0100' }),
  'a value that is a symbol': () => ({ a: Symbol() }),
  'a name that is a symbol': () => ({ a: 'b', [Symbol()]: 'c' }),
  'a list with a symbol': () => [['a', Symbol()]],
  'an iterator that is no function': () => ({ a: 'b', [Symbol.iterator]: 5 }),
  'an iterator without next': () => ({ [Symbol.iterator]: () => ({}) }),
  'objects in a list, as names': () => [[{}, {}]],
  'a getter that throws': () => ({
    get a() {
      throw new RangeError('of the page')
    },
  }),
  'a value whose toString throws': () => ({
    a: {
      toString() {
        throw new RangeError('of the page')
      },
    },
  }),
  'an iterator that throws': () => ({
    *[Symbol.iterator]() {
      yield ['a', 'b']
      throw new RangeError('of the page')
    },
  }),
}
const TAKEN: Record<string, Make> = {
  nothing: () => undefined,
  'an object': () => ({ a: '1', b: '2' }),
  'a name that all objects have': () => JSON.parse('{ "__proto__": "1", "a": "2", "constructor": "3" }'),
  'an object without a prototype': () => Object.assign(Object.create(null), { a: '1' }),
  'a function with members': () => Object.assign(() => {}, { a: '1' }),
  'an object with members that are not enumerable': () => Object.defineProperty({ a: '1' }, 'b', { value: '2' }),
  'an object that inherits': () => Object.create({ a: '1' }),
  'values that are no texts': () => ({ a: 1, b: undefined, c: null, d: true, e: [1, 2], f: 10n }),
  'values with space around them': () => ({ a: ' 1\t', b: '2\r\n' }),
  'values in Latin-1': () => ({ a: '\u00e4' }),
  'a list': () => [
    ['a', '1'],
    ['a', '2'],
    ['b', '3'],
  ],
  'a list of lists of another kind': () => [new Set(['a', '1']), new String('b2')],
  'a Map': () => new Map([['a', '1']]),
  Headers: () => new Headers({ a: '1' }),
  URLSearchParams: () => new URLSearchParams('a=1&b=2'),
  FormData: () => {
    const form = new FormData()
    form.append('a', '1')
    return form
  },
  'names that differ in case': () => ({ A: '1', a: '2', 'Content-Type': 'application/json' }),
  'headers that a page cannot set': () => ({ host: 'x', cookie: 'y', 'sec-a': 'z', a: '1' }),
}

let page: Page
let native: TestPage
beforeAll(async () => {
  page = await openPage({ sdk: 'stub', plugin: { origins: ENTRIES } })
  native = await page.twin()
})

let count = 0
/** What fetch makes of the headers: how it is refused, or what arrives. */
async function fetchWith(page: TestPage, path: string, makeHeaders: Make | undefined, as: 'text' | 'Request' = 'text') {
  const refused = await page.run(
    async ({ path, makeHeaders, as }) => {
      try {
        const headers = makeHeaders() as HeadersInit
        await fetch(as === 'text' ? path : new Request(path), { method: 'POST', body: '{"a":1}', headers })
        return undefined
      } catch (error) {
        const { name, message } = error as Error
        return name === 'TypeError' ? name : `${name}: ${message}`
      }
    },
    { path, makeHeaders: makeHeaders as Make, as },
  )
  return refused ?? withoutId(await servers.site.only(path))
}

describe('headers in a form that the browser refuses are refused', () => {
  it.each(times(CARRIERS, Object.keys(REFUSED)))('with carrier %s: %s', async (carrier, name) => {
    const [path, other] = [`/agent/${carrier}/${++count}`, `/native/${count}`]
    const expected = await fetchWith(native, other, REFUSED[name])
    expect(expected).toMatch(/^TypeError$|^RangeError: of the page$/)
    expect(await fetchWith(page, path, REFUSED[name])).toEqual(expected)
    expect(await fetchWith(page, path, REFUSED[name], 'Request')).toEqual(expected)
    expect(servers.site.requestsTo(path)).toEqual([])
  })
})

describe('headers in a form that the browser takes arrive as they do without the plugin, beside the id', () => {
  it.each(times(CARRIERS, Object.keys(TAKEN)))('with carrier %s: %s', async (carrier, name) => {
    const [path, other] = [`/agent/${carrier}/${++count}`, `/native/${count}`]
    const expected = await fetchWith(native, other, TAKEN[name])
    expect(await fetchWith(page, path, TAKEN[name])).toEqual({ ...Object(expected), carried: 1 })
  })
})
