import assert from 'node:assert/strict'
import { createUrlParser, parseUrl } from '../../src/browser/networkUrl.js'
import { createRouter } from '../../src/browser/router.js'
import { readSettings } from '../../src/browser/settings.js'
import { addQueryParam } from '../../src/carriers/queryParam.js'
import { isInsertion } from './bodies.js'
import type { Random } from './random.js'

const BASES = [
  'https://page.test/app/',
  'http://localhost:3000/',
  'https://page.test/app/index.html?q=1#h',
  'about:blank',
]
const ENTRIES = [
  'https://agent.test',
  'https://agent.test/v1',
  'https://agent.test/v1/chat/',
  'https://agent.test:8443/v1',
  'http://10.0.0.1',
  'wss://agent.test/v1',
  'https://page.test',
  '/',
  '/app',
  '/v1/chat',
  '/app/a.b',
]
const STARTS =
  'https://agent.test|https://agent.test|HTTPS://Agent.Test|https:agent.test|https:/agent.test|https:\\\\agent.test|https://agent.test:443|https://agent.test:8443|https://agent.test.|https://agent.test.evil.test|https://agent.test@evil.test|https://me@agent.test|https://me:pw@agent.test|https://@agent.test|https://xagent.test|http://agent.test|http://10.0.0.1|http://10.1|http://0xa.1|http://012.1|https://xn--agent.test|https://ágent.test|https://agent%2etest|https://ａgent.test|https://agent.test:|https://agent.test:65536|https://agent.test:08443|wss://agent.test|ws://10.1|//agent.test|\\/agent.test|///agent.test|/\\agent.test|https://page.test|http://localhost:3000|data:text/html,|blob:https://agent.test|javascript:|about:|file://agent.test|ftp://agent.test|https://|https://[::1]|https://agent.test#|https://agent.test?'.split(
    '|',
  )
const SEGMENTS =
  'v1|v1|v1|chat|chat|chatty|app|a.b|V1|.|..|%2e|%2E.|v%31|v1;x|v1\\..|é|%|a b|~!$&\'()*+,;=:@-|"|<|`||'.split('|')
const ENDS = '||?|?a=1|?a=b&c|?&|??|?+|?%|?%20|?é|?"|?\'|?<|?#|#|#h|#?a|?a#h?b|?session_id|?a=/../v1'.split('|')
const ALPHABET = '/ \\ ? # @ : . % & = < > " \' é \t \n \r \0 \u00a0 \u3002 ．'.split(' ').concat(' ')

interface Input {
  text: string
  base: string
  entries: string[]
}

export function make({ pick, chance, many, mutate, below }: Random): Input {
  const path = many(4, () => pick(SEGMENTS))
  const whole = `${chance(0.7) ? pick(STARTS) : ''}${chance(0.9) ? '/' : ''}${path.join('/')}${pick(ENDS)}`
  return {
    text: chance(0.3) ? mutate(whole, ALPHABET) : whole,
    base: pick(BASES),
    entries: Array.from({ length: 1 + below(2) }, () => pick(ENTRIES)),
  }
}

/** What browsers contact: https://fetch.spec.whatwg.org/#concept-main-fetch; without credentials, which `fetch` refuses. */
function contacted(text: string, base: string): URL | undefined {
  let url: URL
  try {
    url = new URL(text, base)
  } catch {
    return undefined
  }
  const isMarkup = text.includes('<') && ['\t', '\n', '\r'].some((character) => text.includes(character))
  return ['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && !url.username && !url.password && !isMarkup
    ? url
    : undefined
}

/** Whether an entry takes a URL, segment by segment. */
function takes(entry: string, url: URL): boolean {
  const prefix = new URL(entry, 'https://page.test')
  const protocol = (one: URL) => one.protocol.replace('ws', 'http')
  const wanted = prefix.pathname.split('/').slice(1)
  const given = url.pathname.split('/').slice(1)
  const isDirectory = wanted.at(-1) === ''
  return (
    prefix.host === url.host &&
    (prefix.protocol === url.protocol || (!prefix.protocol.startsWith('ws') && prefix.protocol === protocol(url))) &&
    given.length >= wanted.length &&
    wanted.slice(0, isDirectory ? -1 : undefined).every((segment, index) => segment === given[index])
  )
}

const parse = createUrlParser()
const routers = new Map<string, ReturnType<typeof createRouter>>()

/** Against `new URL`: what is read of a URL, which entry takes it, and what it is with the parameter. */
export function check({ text, base, entries }: Input): string {
  const expected = contacted(text, base)
  ;(document as { baseURI: string }).baseURI = base
  for (const url of [parse(text), parseUrl(text, base)]) {
    if (!expected) {
      assert.equal(url, undefined)
      continue
    }
    assert.equal(url?.href, expected.href)
    assert.ok([url.href, url.base === base && url.text].includes(url.text))
    withParameter(url?.text ?? '', base, expected)
  }
  return found(text, base, entries, expected)
}

function withParameter(text: string, base: string, before: URL) {
  const { changed, present } = addQueryParam(text, 'session_id', 'an id')
  if (before.searchParams.has('session_id')) {
    assert.equal(present, before.searchParams.get('session_id'))
    return
  }
  isInsertion(text, changed as string)
  const after = new URL(changed as string, base)
  assert.deepEqual([...after.searchParams], [...before.searchParams, ['session_id', 'an id']])
  for (const part of ['protocol', 'host', 'pathname', 'hash', 'username', 'password'] as const) {
    assert.equal(after[part], before[part], part)
  }
}

function found(text: string, base: string, entries: string[], expected: URL | undefined): string {
  const key = JSON.stringify([base, entries])
  let router = routers.get(key)
  if (!router) {
    const settings = readSettings(entries, (problem) => assert.fail(`${problem}`))
    router = createRouter()
    router.add({
      entries: settings.entries,
      correlate: assert.fail,
      isDecidedByUrl: assert.fail,
      onMiss: undefined,
      onFailure: assert.fail,
      isRumUrl: () => false,
    })
    routers.set(key, router)
  }
  const taken = expected && entries.find((entry) => takes(entry, expected))
  for (let round = 0; round < 2; round += 1) {
    assert.equal(router.find(text, () => 'GET')?.[0].entry.label, taken && `'${taken}'`)
  }
  return !expected ? 'refused' : taken === undefined ? 'elsewhere' : 'taken'
}
