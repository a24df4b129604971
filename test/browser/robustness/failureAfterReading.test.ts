import { beforeAll, describe, expect, it } from 'vitest'
import { skipIn } from '../../support/engines/skipIn.js'
import type { PageDefinition, Source, TestPage } from '../../support/page.js'
import { CARRIERS, ENTRY_PER_CARRIER } from '../../support/rumSdks.js'
import { useStage } from '../../support/stage.js'

const stage = useStage()

/** What a call has in each place where a carrier looks for a value of the page's. */
interface Values {
  query: string
  json: string
  form: string
  headers: Record<string, string>
}
const THEIRS: Values = {
  query: '?session_id=theirs',
  json: '{"session_id":"theirs"}',
  form: 'session_id=theirs',
  headers: { baggage: 'session.id=theirs', 'x-datadog-tags': '_dd.p.llmobs_sid=theirs' },
}
const NOTHING: Values = { query: '', json: '{"a":1}', form: 'a=1', headers: { 'x-own': '1' } }

/** Calls whose body has to be read, and some whose has not. */
const CALLS: Source[] = [
  `fetch(new NativeRequest(url, { ...post, headers: json, body: values.json }))`,
  `fetch(new NativeRequest(url, { ...post, headers: json, body: values.json }), {})`,
  `fetch(new NativeRequest(url, { ...post, body: values.json }), { headers: json })`,
  `fetch(new NativeRequest(url, { ...post, headers: values.headers, body: values.json }))`,
  `fetch(new NativeRequest(url, { ...post, headers: values.headers, body: new URLSearchParams(values.form) }))`,
  `fetch(new NativeRequest(url, { ...post, headers: json, body: bytes }))`,
  `fetch(new NativeRequest(url, { ...post, headers: json, body: bytes, signal: new AbortController().signal }))`,
  `fetch(new NativeRequest(url, { ...post, headers: json, body: 'no JSON' }))`,
  `fetch(new NativeRequest(url, post), { headers: json, body: blob })`,
  `fetch(url, { ...post, headers: values.headers, body: blob })`,
  `fetch(url, { ...post, headers: json, body: blob })`,
  `fetch(new URL(url, location), { ...post, headers: json, body: values.json })`,
  `fetch(url, { headers: values.headers })`,
  `new Promise((resolve) => {
    const xhr = new XMLHttpRequest()
    xhr.open('POST', url)
    for (const name in json) xhr.setRequestHeader(name, json[name])
    xhr.onloadend = () => resolve(xhr)
    xhr.send(values.json)
  })`,
]

let runs = 0
/** Has the page make all calls with all carriers; `before` runs before each. Gives what arrived, but for the id. */
async function makeAll(page: TestPage, root: string, values: Values, before: Source = '', whenMade: Source = '') {
  const at = `${root}/CARRIER/${++runs}`
  const answers = page.evaluate(`(async () => {
    const outcomes = []
    const values = ${JSON.stringify(values)}
    const json = { ...values.headers, 'content-type': 'application/json' }
    const post = { method: 'POST' }
    const bytes = Uint8Array.from(values.json, (character) => character.charCodeAt())
    const blob = new NativeBlob([values.json], { type: 'application/json' })
    for (const carrier of ${JSON.stringify(CARRIERS)}) {
      const makers = [${CALLS.map((call) => `(url) => ${call}`)}]
      for (const [index, make] of makers.entries()) {
        ${before}
        outcomes.push(make('${at}/'.replace('CARRIER', carrier) + index + values.query).then(({ status }) => status, String))
        ${whenMade === '' ? 'await outcomes.at(-1)' : ''}
      }
    }
    ${whenMade}
    return Promise.all(outcomes)
  })()`)
  expect(await answers).toEqual(Array(CARRIERS.length * CALLS.length).fill(200))
  const arrived: unknown[] = []
  for (const carrier of CARRIERS) {
    for (const index of CALLS.keys()) {
      const { method, text, query = '', header } = await stage.site.only(`${at.replace('CARRIER', carrier)}/${index}`)
      const isOurs = /,? ?"?(session[._]id|_dd\.p\.llmobs_sid)"?[:=]"?[-\da-f]{36}"?,?/
      const names = ['content-type', 'x-own', 'baggage', 'x-datadog-tags']
      const parts = [query, text, ...names.map((name) => header(name) ?? '')]
      arrived.push([carrier, index, method, ...parts.map((part) => part.replace(isOurs, '').replace(/&$/, ''))])
    }
  }
  return arrived
}

const NATIVE: Source = 'window.NativeRequest = Request; window.NativeBlob = Blob;'
const THROW = "() => { throw new Error('on purpose') }"
/** `getInternalContext` answers the first question after `asked = 0` alone. */
const answersOnce = (otherwise: Source): Source => `
  const answer = DD_RUM.getInternalContext
  DD_RUM.getInternalContext = () => asked++ === 0 ? answer() : (${otherwise})()`

const FAILURES: Array<[name: string, fault: Source, options?: { isEarly: true }]> = [
  [
    'the console throws',
    `for (const key of ['log', 'warn', 'error', 'debug', 'info']) console[key] = ${THROW}`,
    { isEarly: true },
  ],
  ['console.warn throws', `console.warn = ${THROW}`, { isEarly: true }],
  ['getInternalContext throws the second time', answersOnce(THROW)],
  ['getInternalContext gives nothing the second time', answersOnce('() => undefined')],
  ['the context throws the second time', answersOnce(`() => ({ get session_id() { throw new Error('on purpose') } })`)],
  ['the session id is no string the second time', answersOnce('() => ({ session_id: Symbol() })')],
  ['text cannot be decoded', `TextDecoder.prototype.decode = ${THROW}`],
  ['text cannot be encoded', `TextEncoder.prototype.encode = ${THROW}`],
  ['JSON throws', `JSON.parse = JSON.stringify = ${THROW}`],
  ['forms cannot be read', `URLSearchParams.prototype.get = URLSearchParams.prototype.has = ${THROW}`],
  [
    'a Request cannot be built with a body',
    `window.Request = new Proxy(Request, { construct: (Native, [input, init], target) => {
      if (init?.body) throw new Error('on purpose')
      return Reflect.construct(Native, [input, init], target)
    } })`,
  ],
  ['a Blob cannot be built', `window.Blob = class { constructor() { throw new Error('on purpose') } }`],
]

const definition = (extra: PageDefinition = {}): PageDefinition => ({
  correlation: `{ origins: ${ENTRY_PER_CARRIER}, debug: true }`,
  ...extra,
  before: `${NATIVE} window.asked = 0; ${extra.before ?? ''}`,
})

/** What arrives from a page without the plugin. */
const natively = new Map<Values, unknown[]>()
beforeAll(async () => {
  const page = await stage.open({ before: NATIVE, rum: false, plugin: false })
  for (const values of [NOTHING, THEIRS]) {
    natively.set(values, await makeAll(page, '/agent', values))
  }
  await page.close()
})

describe('when the plugin fails on the way, calls arrive once, as the page made them, but for the id', () => {
  it.each(FAILURES)('%s', async (_, fault, options) => {
    if (fault.includes('JSON.stringify')) {
      skipIn('webkit', "its driver needs the page's JSON")
    }
    const page = await stage.open(definition(options?.isEarly ? { before: fault } : {}))
    await page.sessionId()
    await page.evaluate(`void (() => { ${options?.isEarly ? '' : fault} })()`)
    for (const [values, plain] of natively) {
      expect(await makeAll(page, '/agent', values, 'asked = 0')).toEqual(plain)
    }
    expect(page.errors).toEqual([])
    await page.close()
  })

  it.each([
    ['getInternalContext throws', `DD_RUM.getInternalContext = ${THROW}`],
    ['getInternalContext throws the second time', answersOnce(THROW)],
    ['text cannot be encoded', `TextEncoder.prototype.encode = ${THROW}`],
  ])('also those that waited for RUM to start: %s', async (_, fault) => {
    const page = await stage.open(
      definition({
        plugins: `[
          DD_LLM_CORRELATION.llmCorrelation({ origins: ${ENTRY_PER_CARRIER}, startupTimeout: 60_000 }),
          { name: 'held', onInit: () => new Promise((resolve) => { window.startRum = () => resolve() }) },
        ]`,
      }),
    )
    const arrived = await makeAll(page, '/agent', NOTHING, 'asked = 0', `${fault}; startRum()`)
    expect(arrived).toEqual(natively.get(NOTHING))
    expect(page.errors).toEqual([])
    await page.close()
  })
})

describe('an XHR whose header cannot be set anew keeps those of the page', () => {
  it.each([
    ['baggage', 'baggage', 'a=1', 'session.id'],
    ['trace-tags', 'x-datadog-tags', '_dd.p.a=1', 'llmobs_sid'],
  ])('%s', async (carrier, name, value, ours) => {
    const page = await stage.open({
      before: `const { setRequestHeader } = XMLHttpRequest.prototype
        XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
          if (String(value).includes('${ours}')) throw new Error('on purpose')
          return setRequestHeader.call(this, name, value)
        }`,
      correlation: ENTRY_PER_CARRIER,
    })
    await page.sessionId()
    const path = `/agent/${carrier}/headers`
    await page.evaluate(`new Promise((resolve) => {
      const xhr = new XMLHttpRequest()
      xhr.open('POST', '${path}')
      xhr.setRequestHeader('x-own', '1')
      xhr.setRequestHeader('${name}', '${value}')
      xhr.onloadend = resolve
      xhr.send('text')
    })`)
    const request = await stage.site.only(path)
    expect([request.header('x-own'), request.header(name), request.text]).toEqual(['1', value, 'text'])
    expect(page.errors).toEqual([])
    await page.close()
  })
})
