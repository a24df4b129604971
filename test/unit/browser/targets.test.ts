import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Answer, type Correlator, UNCHANGED } from '../../../src/browser/correlator.js'
import type { NetworkUrl } from '../../../src/browser/networkUrl.js'
import { readOptions } from '../../../src/browser/options.js'
import { UNREAD } from '../../../src/browser/outgoingRequest.js'
import { ask, createTargets } from '../../../src/browser/targets.js'
import { addQueryParam } from '../../../src/carriers/queryParam.js'

const pathOf = ({ href }: NetworkUrl) => new URL(href).pathname

function correlatorOf(...origins: unknown[]): Correlator {
  return {
    entries: readOptions(origins, (message) => expect.fail(message)).entries,
    decide: () => expect.fail('nothing is to be decided'),
    onMiss: undefined,
    isRumUrl: (url) => pathOf(url) === '/rum-proxy',
  }
}

describe('targets', () => {
  it('are found for absolute and relative URLs, time and again', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/api'))
    for (let round = 0; round < 3; round += 1) {
      expect(targets.find('/api/chat')?.url.href).toBe('http://localhost:3000/api/chat')
      expect(targets.find('http://localhost:3000/api')).toBeDefined()
      expect(targets.find('/other')).toBeUndefined()
      expect(targets.find('http://localhost:3001/api')).toBeUndefined()
    }
  })

  it('are looked for again when the base of relative URLs changes', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/api'))
    expect(targets.find('chat')).toBeUndefined()
    const base = document.head.appendChild(document.createElement('base'))
    base.href = '/api/'
    expect(targets.find('chat')).toBeDefined()
    base.href = 'https://elsewhere.test/api/'
    expect(targets.find('chat')).toBeUndefined()
    expect(targets.find('/api')).toBeUndefined()
    base.remove()
    expect(targets.find('/api')).toBeDefined()
  })

  it('are asked of a function each time', () => {
    const answers = [false, true, false, true, true]
    const targets = createTargets()
    let answer: boolean | undefined
    targets.add(correlatorOf(() => answer))
    expect(
      answers.map((next) => {
        answer = next
        return targets.find('/api') !== undefined
      }),
    ).toEqual(answers)
  })

  it.each([
    ['beside a string', (match: () => boolean) => [correlatorOf('/other', match)]],
    ['in another instance than a string', (match: () => boolean) => [correlatorOf('/other'), correlatorOf(match)]],
    [
      'in another instance than a string, before',
      (match: () => boolean) => [correlatorOf(match), correlatorOf('/other')],
    ],
  ])('are asked of a function each time: %s', (_, correlatorsOf) => {
    const targets = createTargets()
    let answer = false
    for (const correlator of correlatorsOf(() => answer)) {
      targets.add(correlator)
    }
    expect(targets.find('/api')).toBeUndefined()
    answer = true
    expect(targets.find('/api')).toBeDefined()
  })

  it('are none where the text of the URL is not known', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/'))
    expect(targets.find(undefined)).toBeUndefined()
  })

  it('that are missed are told each time, to each instance that wants to know, but for calls of any RUM SDK', () => {
    const targets = createTargets()
    const missed: string[] = []
    targets.add({ ...correlatorOf('/api'), onMiss: (url) => missed.push(`first: ${pathOf(url)}`) })
    targets.add({ ...correlatorOf('/other'), isRumUrl: (url) => pathOf(url) === '/own-proxy' })
    targets.add({ ...correlatorOf('/own'), onMiss: (url) => missed.push(`last: ${pathOf(url)}`) })
    for (const url of ['/api', '/missed', '/missed', '/rum-proxy', '/own-proxy', 'http://[']) {
      targets.find(url)
    }
    expect(missed).toEqual(['last: /api', 'last: /missed', 'first: /missed', 'last: /missed', 'first: /missed'])
  })

  it('that are missed are told each time, where there is one instance', () => {
    const targets = createTargets()
    const missed: string[] = []
    targets.add({ ...correlatorOf('/api'), onMiss: (url) => missed.push(pathOf(url)) })
    targets.find('/missed')
    targets.find('/missed')
    expect(missed).toEqual(['/missed', '/missed'])
  })

  it.each([0, 1])('are never calls of the RUM SDK that one of two instances knows (%i)', (index) => {
    const targets = createTargets()
    for (const at of [0, 1]) {
      targets.add({ ...correlatorOf('/'), isRumUrl: (url) => at === index && pathOf(url) === '/proxy' })
    }
    expect(targets.find('/proxy')).toBeUndefined()
    expect(targets.find('/api')).toBeDefined()
  })

  it('ask an instance once, however often it was added', () => {
    const targets = createTargets()
    const correlator = correlatorOf('/api')
    targets.add(correlator)
    targets.add(correlator)
    expect(targets.find('/api')).toMatchObject({ correlator, next: undefined })
  })

  it('come from the first instance that takes the URL, and go with it', () => {
    const targets = createTargets()
    const first = correlatorOf('/api/a')
    const second = correlatorOf('/api')
    targets.add(first)
    targets.add(second)
    targets.add(first)
    expect(targets.find('/api/a')?.correlator).toBe(first)
    expect(targets.find('/api/b')?.correlator).toBe(second)
    expect(targets.remove(first)).toBe(true)
    expect(targets.find('/api/a')?.correlator).toBe(second)
    expect(targets.remove(second)).toBe(false)
    expect(targets.find('/api/a')).toBeUndefined()
  })

  it.each(['/b', /b$/, () => true])('are found where an instance with %s is added later', (match) => {
    const targets = createTargets()
    targets.add(correlatorOf(/a$/))
    expect(targets.find('/b')).toBeUndefined()
    targets.add(correlatorOf(match))
    expect(targets.find('/b')).toBeDefined()
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
    const targets = createTargets()
    targets.add(correlatorOf(/./, () => true))
    expect(targets.find(url)).toBeUndefined()
  })

  it.each([
    'https://browser-intake-datadoghq.com/api/v2/rum?ddsource=browser&dd-api-key=k&dd-request-id=i',
    '/proxy?ddforward=%2Fapi%2Fv2%2Frum%3Fddsource%3Dbrowser%26dd-api-key%3Dk%26dd-request-id%3Di',
    '/rum-proxy',
  ])('are never calls of the RUM SDK: %s', (url) => {
    const targets = createTargets()
    targets.add(correlatorOf(/./))
    expect(targets.find(url)).toBeUndefined()
    expect(targets.find(url)).toBeUndefined()
  })

  it('stay right however many URLs are asked for', () => {
    const targets = createTargets()
    targets.add(correlatorOf('/api'))
    for (let index = 0; index < 2000; index += 1) {
      expect(targets.find(`/other/${index}`)).toBeUndefined()
      expect(targets.find(`/api/${index}`)).toBeDefined()
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
          const targets = createTargets()
          const correlator = correlatorOf(...origins)
          targets.add(correlator)
          for (const input of [...inputs, ...inputs]) {
            const url = contacted(input, document.baseURI)
            const target = targets.find(input)
            expect(target?.entry).toBe(url && correlator.entries.find(({ matches }) => matches(url)))
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
    const targets = createTargets()
    for (const index of [0, 1, 2]) {
      targets.add({ ...correlatorOf(index === 1 ? '/other' : '/api'), decide: () => answers[index] })
    }
    const answerOf = (...given: typeof answers) => {
      answers.splice(0, 3, ...given)
      return ask(targets.find('/api') ?? expect.fail('no target'), () => expect.fail('nothing is described'))
    }
    const wait: Answer = { ...UNCHANGED, pending: Promise.resolve() }
    const read: Answer = { ...UNCHANGED, pending: UNREAD }
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
