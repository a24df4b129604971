import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ask } from '../../../src/browser/ask.js'
import type { NetworkUrl } from '../../../src/browser/call.js'
import { type Answer, UNCHANGED } from '../../../src/browser/outcome.js'
import { createRouter as createRouterOfMethods, type Instance } from '../../../src/browser/router.js'
import { readSettings } from '../../../src/browser/settings.js'
import { addQueryParam } from '../../../src/carriers/queryParam.js'

/** A router of GETs. */
function createRouter() {
  const router = createRouterOfMethods()
  return { ...router, find: (input: string | undefined) => router.find(input, () => 'GET') }
}

const pathOf = ({ href }: NetworkUrl) => new URL(href).pathname

function instanceOf(...origins: unknown[]): Instance {
  return {
    entries: readSettings(origins, (message) => expect.fail(`${message}`)).entries,
    correlate: () => expect.fail('nothing must be decided'),
    isDecidedByUrl: () => expect.fail('nothing must be decided'),
    onMiss: undefined,
    onFailure: (failure) => expect.fail(`${failure}`),
    isRumUrl: (url) => pathOf(url) === '/rum-proxy',
  }
}

describe('routes', () => {
  it('are those of the entries that take the method, in any case; it is read only if an entry asks for it', () => {
    const router = createRouterOfMethods()
    const origins = [{ match: '/a', methods: ['get'] }, { match: '/b', methods: ['Post', 'PUT'] }, '/c', '/b/all']
    router.add(instanceOf(...origins))
    const labelFor = (url: string, method: string) => router.find(url, () => method)?.[0].entry.label
    expect(labelFor('/a', 'GET')).toBe("'/a'")
    expect(labelFor('/a', 'Get')).toBe("'/a'")
    expect(labelFor('/a', 'POST')).toBeUndefined()
    expect(labelFor('/b', 'post')).toBe("'/b'")
    expect(labelFor('/b/all', 'DELETE')).toBe("'/b/all'")
    expect(router.find('/c', () => expect.fail('no entry asks'))).toBeDefined()
  })

  it('are found for absolute and relative URLs, time and again', () => {
    const router = createRouter()
    router.add(instanceOf('/api'))
    for (let round = 0; round < 3; round += 1) {
      expect(router.find('/api/chat')?.[0].url.href).toBe('http://localhost:3000/api/chat')
      expect(router.find('http://localhost:3000/api')).toBeDefined()
      expect(router.find('/other')).toBeUndefined()
      expect(router.find('http://localhost:3001/api')).toBeUndefined()
    }
  })

  it('are looked for again when the base of relative URLs changes', () => {
    const router = createRouter()
    router.add(instanceOf('/api'))
    expect(router.find('chat')).toBeUndefined()
    const base = document.head.appendChild(document.createElement('base'))
    base.href = '/api/'
    expect(router.find('chat')).toBeDefined()
    base.href = 'https://elsewhere.test/api/'
    expect(router.find('chat')).toBeUndefined()
    expect(router.find('/api')).toBeUndefined()
    base.remove()
    expect(router.find('/api')).toBeDefined()
  })

  it('are asked of a function each time', () => {
    const answers = [false, true, false, true, true]
    const router = createRouter()
    let answer: boolean | undefined
    router.add(instanceOf(() => answer))
    expect(
      answers.map((next) => {
        answer = next
        return router.find('/api') !== undefined
      }),
    ).toEqual(answers)
  })

  it.each([
    ['beside a string', (match: () => boolean) => [instanceOf('/other', match)]],
    ['in another instance than a string', (match: () => boolean) => [instanceOf('/other'), instanceOf(match)]],
    ['in another instance than a string, before', (match: () => boolean) => [instanceOf(match), instanceOf('/other')]],
  ])('are asked of a function each time: %s', (_, instancesOf) => {
    const router = createRouter()
    let answer = false
    for (const instance of instancesOf(() => answer)) {
      router.add(instance)
    }
    expect(router.find('/api')).toBeUndefined()
    answer = true
    expect(router.find('/api')).toBeDefined()
  })

  it('are none where the text of the URL is not known', () => {
    const router = createRouter()
    router.add(instanceOf('/'))
    expect(router.find(undefined)).toBeUndefined()
  })

  it('that are missed are told each time, to each instance that wants to know, but for calls of any RUM SDK', () => {
    const router = createRouter()
    const missed: string[] = []
    router.add({ ...instanceOf('/api'), onMiss: (url) => missed.push(`first: ${pathOf(url)}`) })
    router.add({ ...instanceOf('/other'), isRumUrl: (url) => pathOf(url) === '/own-proxy' })
    router.add({ ...instanceOf('/own'), onMiss: (url) => missed.push(`last: ${pathOf(url)}`) })
    for (const url of ['/api', '/missed', '/missed', '/rum-proxy', '/own-proxy', 'http://[']) {
      router.find(url)
    }
    expect(missed).toEqual(['last: /api', 'last: /missed', 'first: /missed', 'last: /missed', 'first: /missed'])
  })

  it('that are missed are told each time, where there is one instance', () => {
    const router = createRouter()
    const missed: string[] = []
    router.add({ ...instanceOf('/api'), onMiss: (url) => missed.push(pathOf(url)) })
    router.find('/missed')
    router.find('/missed')
    expect(missed).toEqual(['/missed', '/missed'])
  })

  it.each([0, 1])('are never calls of the RUM SDK that one of two instances knows (%i)', (index) => {
    const router = createRouter()
    for (const at of [0, 1]) {
      router.add({ ...instanceOf('/'), isRumUrl: (url) => at === index && pathOf(url) === '/proxy' })
    }
    expect(router.find('/proxy')).toBeUndefined()
    expect(router.find('/api')).toBeDefined()
  })

  it('ask an instance once, however often it was added', () => {
    const router = createRouter()
    const instance = instanceOf('/api')
    router.add(instance)
    router.add(instance)
    expect(router.find('/api')).toMatchObject([{ instance }])
  })

  it('come from the first instance that takes the URL, and go with it', () => {
    const router = createRouter()
    const first = instanceOf('/api/a')
    const second = instanceOf('/api')
    router.add(first)
    router.add(second)
    router.add(first)
    expect(router.find('/api/a')?.[0].instance).toBe(first)
    expect(router.find('/api/b')?.[0].instance).toBe(second)
    expect(router.remove(first)).toBe(true)
    expect(router.find('/api/a')?.[0].instance).toBe(second)
    expect(router.remove(second)).toBe(false)
    expect(router.find('/api/a')).toBeUndefined()
  })

  it.each(['/b', /b$/, () => true])('are found where an instance with %s is added later', (match) => {
    const router = createRouter()
    router.add(instanceOf(/a$/))
    expect(router.find('/b')).toBeUndefined()
    router.add(instanceOf(match))
    expect(router.find('/b')).toBeDefined()
  })

  it.each([
    'data:text/plain,agent',
    'blob:http://localhost:3000/0d2a1c9e',
    'about:blank',
    'file:///agent',
    'javascript:agent',
    'http://',
    'http://[',
  ])('are never %s', (url) => {
    const router = createRouter()
    router.add(instanceOf(/./, () => true))
    expect(router.find(url)).toBeUndefined()
  })

  it.each([
    'https://browser-intake-datadoghq.com/api/v2/rum?ddsource=browser&dd-api-key=k&dd-request-id=i',
    '/proxy?ddforward=%2Fapi%2Fv2%2Frum%3Fddsource%3Dbrowser%26dd-api-key%3Dk%26dd-request-id%3Di',
    '/rum-proxy',
  ])('are never calls of the RUM SDK: %s', (url) => {
    const router = createRouter()
    router.add(instanceOf(/./))
    expect(router.find(url)).toBeUndefined()
    expect(router.find(url)).toBeUndefined()
  })

  it('stay right however many URLs are asked for', () => {
    const router = createRouter()
    router.add(instanceOf('/api'))
    for (let index = 0; index < 2000; index += 1) {
      expect(router.find(`/other/${index}`)).toBeUndefined()
      expect(router.find(`/api/${index}`)).toBeDefined()
    }
  })

  it('are those that the entries take of the parsed URL, however the page writes it', () => {
    fc.assert(
      fc.property(
        fc.subarray(ENTRIES, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '/app/', 'https://agent.test/v1/'),
        fc.array(urls, { minLength: 10, maxLength: 50, size: 'max' }),
        (origins, baseHref, inputs) => {
          const base = document.head.appendChild(document.createElement('base'))
          base.href = baseHref
          const router = createRouter()
          const instance = instanceOf(...origins)
          router.add(instance)
          for (const input of [...inputs, ...inputs]) {
            const url = contacted(input, document.baseURI)
            const [target] = router.find(input) ?? []
            expect(target?.entry).toBe(url && instance.entries.find(({ matches }) => matches(url)))
            if (target && url) {
              const { href, search } = url
              expect(target.url.href).toBe(href)
              const { changed } = addQueryParam(target.url.text, 'session_id', 'id')
              url.search = search ? `${search}${search.endsWith('&') ? '' : '&'}session_id=id` : '?session_id=id'
              expect(new URL(changed as string, document.baseURI).href).toBe(url.href)
            }
          }
          base.remove()
        },
      ),
      { numRuns: 200 },
    )
  })

  it('of several instances, the first that has a session decides, or else one that can wait', () => {
    const answers: Array<Answer | undefined> = []
    const router = createRouter()
    for (const index of [0, 1, 2]) {
      router.add({ ...instanceOf(index === 1 ? '/other' : '/api'), correlate: () => answers[index] })
    }
    const answerOf = (...given: typeof answers) => {
      answers.splice(0, 3, ...given)
      return ask(router.find('/api') ?? expect.fail('no route'), () => expect.fail('nothing is described'))
    }
    const wait: Answer = { kind: 'wait', until: () => Promise.resolve() }
    const read: Answer = { kind: 'read-body', as: 'blob' }
    expect(answerOf(undefined, read, undefined)).toBe(UNCHANGED)
    expect(answerOf(undefined, undefined, read)).toBe(read)
    expect(answerOf(wait, undefined, read)).toBe(read)
    expect(answerOf(wait, read, undefined)).toBe(wait)
  })
})

/** What the browser contacts, in the words of its own parser. */
function contacted(input: string, base: string): URL | undefined {
  const url = URL.canParse(input, base) ? new URL(input, base) : undefined
  return url?.username || url?.password || (/[\t\n\r]/.test(input) && input.includes('<')) ? undefined : url
}

const ENTRIES = [
  'https://agent.test',
  'https://agent.test/v1',
  'https://agent.test/v1/chat/',
  'http://localhost:3000/app',
  'https://agent.test:8443',
  'https://10.0.0.1',
  'wss://agent.test/v1',
  '/',
  '/v1',
  '/v1/chat',
]
const STARTS = [
  'https://agent.test',
  'HTTPS://Agent.Test',
  'https:agent.test',
  'https://agent.test:443',
  'https://agent.test:8443',
  'https://agent.test.evil.test',
  'https://agent.test@evil.test',
  'https://me@agent.test',
  'https://xagent.test',
  'https://10.0.0.1',
  'https://10.1',
  'https://xn--agent.test',
  'https://agent.xn--a',
  'https://agent.test:65536',
  'https://agent.test:08443',
  'https://agent.test:59999',
  'https://0xa000001',
  'wss://agent.test',
  'ws://localhost:3000',
  'http://localhost:3000',
  'http://localhost',
  'http://LOCALHOST:3000',
  ' https://agent.test',
  'ht\ntps://agent.test',
  '//agent.test',
  '\\\\agent.test',
  '',
]
const SEGMENTS = 'v1|v1|v1|chat|chat|chatty|app|V1|.|..|./v1|%2e|.%2E|x\\../v1|v1 |v\t1|<|\'|é|%76%31|;v|*|"|'.split(
  '|',
)
/** URLs as a page may write them: as the parser would, in other ways for the same one, and wrong. */
const urls = fc
  .tuple(
    fc.constantFrom(...STARTS),
    fc.constantFrom('/', '/', '/', '\\', ''),
    fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 4, size: 'max' }),
    fc.constantFrom('', '', '?a=/../v1', '#/v1', '?', '?&', '?a=%2e&', "?'", '?é#', '\n', '|', ' '),
  )
  .map(([start, slash, segments, end]) => `${start}${slash}${segments.join('/')}${end}`)
