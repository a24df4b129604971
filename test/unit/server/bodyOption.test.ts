// @vitest-environment node
import { expect, it } from 'vitest'
import { type BodyPaths, bodyOptionIn, bodyPathsOf, bothPaths, takesPath } from '../../../src/server/bodyOption.js'

it.each<[string | undefined, boolean | string[]]>([
  [undefined, true],
  ['', true],
  [' 1 ', true],
  ['true', true],
  ['0', false],
  [' 0 ', false],
  ['FALSE', false],
  ['/chat', ['/chat']],
  ['true,1', ['true', '1']],
  ['x0', ['x0']],
  ['0x', ['0x']],
  ['falsey', ['falsey']],
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

it.each<[options: { body?: unknown } | undefined, expected: BodyPaths]>([
  [undefined, 'all'],
  [{}, 'all'],
  [{ body: undefined }, 'all'],
  [{ body: true }, 'all'],
  [{ body: '/chat' }, 'all'],
  [{ body: 0 }, 'all'],
  [{ body: false }, []],
  [{ body: [] }, []],
  [{ body: ['chat', '/a/'] }, ['/chat', '/a/']],
])('the options %j look at %j', (options, expected) => {
  expect(bodyPathsOf(options)).toEqual(expected)
})

it.each<[some: BodyPaths, others: BodyPaths, expected: BodyPaths]>([
  ['all', ['/a'], 'all'],
  [['/a'], 'all', 'all'],
  [['/a'], ['/b', '/a'], ['/a', '/b']],
  [[], [], []],
])('%j and %j are %j together', (some, others, expected) => {
  expect(bothPaths(some, others)).toEqual(expected)
})

it.each<[paths: BodyPaths, url: string, expected: boolean]>([
  ['all', '/', true],
  [[], '/', false],
  [['/chat'], '/chat', true],
  [['/chat'], '/chat?a=1', true],
  [['/chat'], '/chat#a', true],
  [['/chat'], '/chat/1', true],
  [['/chat'], '/chatty', false],
  [['/chat'], '/a/chat', false],
  [['/chat'], '/?x=/chat', false],
  [['/chat'], '/ch', false],
  [['/chat/'], '/chat/1', true],
  [['/chat/'], '/chat', false],
  [['/a', '/b'], '/b/c', true],
  // Clients of a proxy send absolute URLs.
  [['/chat'], 'http://a.test/chat', true],
  [['/chat'], 'HTTPS://a.test:8080/chat?x', true],
  [['/chat'], 'coap+tcp.v-1://a.test/chat', true],
  [['/chat'], 'http://a.test/chatty', false],
  [['/chat'], 'http://chat/', false],
  [['/chat'], '/x:http://a.test/chat', false],
  [['/http:'], '/http://a.test/chat', true],
])('with paths %j, the body of a request to %s is looked at: %j', (paths, url, expected) => {
  expect(takesPath(paths, url)).toBe(expected)
})
